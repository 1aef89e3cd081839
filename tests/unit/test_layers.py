"""Imports go one way, from the command line down to the vocabulary; the pure layer touches nothing outside."""

import ast
import sys
from pathlib import Path

import pytest

import antennactl

ROOT = Path(antennactl.__file__).parent

# A module may import from its own layer and those above it in this list.
LAYERS = [
    {"errors", "schemas", "failpoints", "stopping", "parsers"},
    {"native"},
    {"rules", "decode", "transforms"},
    {"settings", "sql", "security"},
    {"ledger", "lake", "sources", "engines", "simulator", "local"},
    {"observe", "pipeline"},
    {"commands"},
    {"cli", "__main__", "parameters"},
]
PURE = {"rules", "decode", "transforms"}
ALLOWED_IN_PURE = {"polars", "antennactl"} | set(sys.stdlib_module_names)
# Clocks, files, processes and the network: what a pure function cannot have.
BANNED_IN_PURE = {
    "time",
    "os",
    "pathlib",
    "socket",
    "subprocess",
    "threading",
    "random",
    "io",
    "tempfile",
    "shutil",
}


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            found += (
                [node.module] if node.module != "antennactl" else [f"antennactl.{a.name}" for a in node.names]
            )
    return found


def layer(name: str) -> int:
    return next(number for number, names in enumerate(LAYERS) if name in names)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_from_its_own_layer_or_below(path: Path) -> None:
    if path == ROOT / "__init__.py":
        return
    own = layer(room(path))
    for name in imports(path):
        parts = name.split(".")
        if (
            parts[0] == "antennactl"
            and len(parts) > 1
            and (ROOT / parts[1]).exists() | (ROOT / f"{parts[1]}.py").exists()
        ):
            assert layer(parts[1]) <= own, f"{room(path)} must not import {name}"


@pytest.mark.parametrize(
    "path", [p for p in modules() if room(p) in PURE], ids=lambda p: str(p.relative_to(ROOT))
)
def test_pure_modules_import_polars_and_the_vocabulary_alone(path: Path) -> None:
    roots = {name.split(".")[0] for name in imports(path)}
    assert roots <= ALLOWED_IN_PURE
    assert not roots & BANNED_IN_PURE


def test_nothing_is_called_utils() -> None:
    names = {part.removesuffix(".py") for path in modules() for part in path.relative_to(ROOT).parts}
    assert not names & {"utils", "helpers", "common", "base", "misc"}
