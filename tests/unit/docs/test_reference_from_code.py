"""The reference says all that the code knows: every command, option, variable, key, column and exit code."""

import re
from pathlib import Path

import pytest

from antennactl import errors, sql
from antennactl.cli import COMMANDS
from antennactl.schemas import LAKE
from antennactl.settings import every_option
from docs.reference_from_code import PARTS, fill
from docs.reference_from_code.commands import parameters
from docs.reference_from_code.markdown import prose, table
from docs.reference_from_code.tables import read_tables

DOCS = Path(__file__).parents[3] / "docs"
PAGES = [page.read_text(encoding="utf-8") for page in DOCS.rglob("*.md")]


def test_every_part_stands_on_one_page() -> None:
    used = [
        name for page in PAGES for name in re.findall(r"^<!-- from the code: (.+) -->$", page, re.MULTILINE)
    ]
    assert sorted(used) == sorted(PARTS)


def test_a_part_that_there_is_none_of_is_an_error() -> None:
    with pytest.raises(KeyError):
        fill("# Page\n\n<!-- from the code: nothing -->\n")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_parameter_of_the_command_line_appears(command: str) -> None:
    """What Typer takes is what is written: in the command's own section, or among the options of all."""
    (section,) = re.findall(
        rf"^## `{command}`\n(.*?)(?=^## |\Z)", PARTS["commands"](), re.MULTILINE | re.DOTALL
    )
    written = set(re.findall(r"(?<![\w-])--?[a-zA-Z][a-z-]*", section + PARTS["common options"]()))
    assert {name for parameter in parameters(command) for name in parameter.opts if name[0] == "-"} <= written


def test_every_variable_and_key_appears() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `([\w\[\] -]+)` \|", PARTS["keys and variables"](), re.MULTILINE)
    assert set(rows) == {(option.variable, option.place) for _, option in every_option()}


def test_every_exit_code_appears_with_its_cases() -> None:
    text = PARTS["exit codes"]()
    assert re.findall(r"^\| `(\d+)`", text, re.MULTILINE) == ["0", "1", "2", "3", "4", "5", "130"]
    for error in vars(errors).values():
        if isinstance(error, type) and issubclass(error, errors.AntennactlError):
            assert str(error.__doc__).partition("\n")[0] in text, error


def test_every_column_of_the_lake_appears() -> None:
    assert re.findall(r"^\| `(\w+)` \|", PARTS["lake columns"](), re.MULTILINE) == LAKE.names()


def test_every_column_has_a_type_and_a_meaning() -> None:
    """All that CREATE TABLE names is commented, and nothing else is."""
    text = "\n".join(text for _, text in sql.scripts("postgres/schema"))
    tables = read_tables()
    assert set(re.findall(r"CREATE TABLE IF NOT EXISTS ([\w.]+)", text)) <= set(tables)
    for one in tables.values():
        assert one.comment, one.name
        assert one.name == "public.user_quota_live" or set(one.columns) == set(one.meanings), one.name


def test_text_cannot_break_a_table() -> None:
    assert table(("a",), [("x|y",)]).splitlines()[-1] == "| x\\|y |"
    assert prose("PG* in <lake>, `a*b`") == "PG\\* in \\<lake\\>, `a*b`"
