"""The table of faults cannot rot: every test that it names is there."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
TABLE = (TESTS.parent / "docs" / "faults.md").read_text()
NAMED = sorted(
    set(re.findall(r"`((?:unit|integration|e2e|simulation|torture)/[\w/]+\.py)(?:::(\w+))?`", TABLE))
)


def test_the_table_names_tests() -> None:
    assert len(NAMED) > 30


@pytest.mark.parametrize(("path", "name"), NAMED)
def test_a_named_test_is_there(path: str, name: str) -> None:
    tree = ast.parse((TESTS / path).read_text())
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert not name or name in functions


def test_every_line_names_a_test() -> None:
    rows = [line for line in TABLE.splitlines() if line.startswith("| ") and not line.startswith("| fault ")]
    assert all(re.search(r"`\w+/[\w/]+\.py", line) for line in rows)
