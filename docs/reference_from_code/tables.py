r"""The schema's SQL files in, the reference of a schema's tables out.

Columns and types come from CREATE TABLE, meanings from COMMENT ON: the same that psql's \d+ shows.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from antennactl import sql
from docs.reference_from_code.markdown import code, prose, table

_TABLE: Final = re.compile(r"^CREATE TABLE IF NOT EXISTS (\w+\.\w+) \(\n(.*?)^\)", re.MULTILINE | re.DOTALL)
_COLUMN: Final = re.compile(r"^    ([a-z]\w*) (\w+(?:\[\])?)(.*?),?$", re.MULTILINE)
_ADDED: Final = re.compile(
    r"^ALTER TABLE (\w+\.\w+) ADD COLUMN(?: IF NOT EXISTS)? (\w+) (\w+(?:\[\])?)([^;]*);", re.MULTILINE
)
_KEY: Final = re.compile(r"^    PRIMARY KEY \((.*)\)", re.MULTILINE)
_UNIQUE: Final = re.compile(r"^CREATE UNIQUE INDEX IF NOT EXISTS \w+ ON (\w+\.\w+) \((.*)\);", re.MULTILINE)
_COMMENT: Final = re.compile(r"^COMMENT ON (TABLE|VIEW|COLUMN) ([\w.]+) IS '((?:[^']|'')*)';", re.MULTILINE)


@dataclass
class Table:
    """A table or view: what it holds, its columns (name → type, none for a view's) and what each of them holds."""

    name: str
    comment: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    meanings: dict[str, str] = field(default_factory=dict)
    key: list[str] = field(default_factory=list)


def describe_tables(schema: str) -> str:
    """Return a section for each table and view of `schema`, its columns in the order of their comments."""
    return "\n\n".join(_describe(one) for one in read_tables().values() if one.name.startswith(f"{schema}."))


def read_tables() -> dict[str, Table]:
    """Return the tables and views that provision makes, by name."""
    text = "\n".join(text for _, text in sql.scripts("postgres/schema"))
    tables: dict[str, Table] = {}
    for kind, name, quoted in _COMMENT.findall(text):
        comment = quoted.replace("''", "'")
        if kind != "COLUMN":
            tables[name] = Table(name, comment)
        else:
            owner, _, column = name.rpartition(".")
            tables[owner].meanings[column] = comment
    for name, body in _TABLE.findall(text):
        one = tables[name]
        for column, column_type, rest in _COLUMN.findall(body):
            one.columns[column] = column_type
            one.key += [column] if "PRIMARY KEY" in rest else []
        one.key += _KEY.findall(body)[0].split(", ") if _KEY.search(body) else []
    for name, column, column_type, _ in _ADDED.findall(text):
        tables[name].columns[column] = column_type
    for name, columns in _UNIQUE.findall(text):
        tables[name].key = columns.split(", ")
    return tables


def _describe(one: Table) -> str:
    names = list(one.meanings)
    parts = [f"## `{one.name.removeprefix('public.')}`", prose(one.comment)]
    if one.columns:
        rows = [(code(name), code(one.columns[name]), prose(one.meanings[name])) for name in names]
        parts.append(table(("column", "type", "meaning"), rows))
    else:
        parts.append(
            table(("column", "meaning"), [(code(name), prose(one.meanings[name])) for name in names])
        )
    if one.key:
        parts.append("Unique: " + ", ".join(map(code, one.key)) + ".")
    return "\n\n".join(parts)
