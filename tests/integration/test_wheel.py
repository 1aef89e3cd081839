"""The built wheel works outside the checkout: commands, SQL and the packaged users."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from antennactl import sql

CHECKOUT = Path(__file__).parents[2]

LOAD = """
import json, pathlib, antennactl
from antennactl import sql
from antennactl.sources.users_csv import read_users
folders = ("postgres", "postgres/schema", "duckdb")
print(json.dumps([
    str(pathlib.Path(antennactl.__file__).parent),
    {folder: [[name, text] for name, text in sql.scripts(folder)] for folder in folders},
    read_users(None).height,
]))
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel and unpack it, by pip, into a folder of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [
        sys.executable,
        "-m",
        "build",
        "--wheel",
        "--no-isolation",
        "--outdir",
        str(folder),
        str(CHECKOUT),
    ]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    target = folder / "installed"
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(pip, check=True, capture_output=True)
    return target


def run(installed: Path, *words: str) -> str:
    env = {**os.environ, "PYTHONPATH": str(installed)}
    done = subprocess.run(
        [sys.executable, *words], env=env, cwd=installed, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_the_wheel_holds_every_statement_and_the_users(installed: Path) -> None:
    where, statements, n_users = json.loads(run(installed, "-c", LOAD))
    assert Path(where) == installed / "antennactl"
    for folder, found in statements.items():
        assert [tuple(pair) for pair in found] == sql.scripts(folder) != []
    assert n_users == 20


def test_the_wheels_command_answers(installed: Path) -> None:
    assert "antennactl" in run(installed, "-m", "antennactl", "--version")
