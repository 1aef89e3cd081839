"""The table of faults cannot rot: every line is there, and every test that it names."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TABLE = (TESTS.parent / "docs" / "faults.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| ([A-Z]\d+) \| (.*)$", TABLE, flags=re.MULTILINE))
# How many faults of each kind are known: messages, Kafka, PostgreSQL, files, stores, security, the torture's scenarios.
KNOWN = {"M": 16, "K": 17, "P": 14, "F": 12, "O": 6, "S": 7, "T": 13}
NAMED = sorted(
    set(re.findall(r"`((?:unit|integration|e2e|simulation|torture)/[\w/]+\.py)(?:::(\w+))?`", TABLE))
)


def functions_of(path: str) -> set[str]:
    tree = ast.parse((TESTS / path).read_text(encoding="utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_known_fault_has_its_line() -> None:
    assert list(ROWS) == [f"{kind}{number}" for kind, n in KNOWN.items() for number in range(1, n + 1)]
    assert len(ROWS) == sum(line.startswith("| ") for line in TABLE.splitlines()) - len(KNOWN)


def test_every_line_names_a_test() -> None:
    assert [key for key, row in ROWS.items() if not re.search(r"`\w+/[\w/]+\.py", row)] == []


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_named_test_is_there(path: str, name: str) -> None:
    if name:
        assert name.startswith("test_")
        assert name in functions_of(path)
    else:
        assert (TESTS / path).is_file()


@pytest.mark.parametrize("path", sorted(path.name for path in (TESTS / "e2e").glob("test_fault*.py")))
def test_every_test_of_a_fault_is_in_the_table(path: str) -> None:
    written = {name for name in functions_of(f"e2e/{path}") if name.startswith("test_")}
    assert written - {name for _, name in NAMED} == set()
