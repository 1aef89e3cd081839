"""A database before its first provision in; nothing out, or why its role or its tables cannot be used.

The original exercise made the same four tables with other column types, without keys and with duplicate rows.
What fits is adopted; for what does not the user decides, because a conversion could lose or double totals.
"""

from typing import Final

import polars as pl

from antennactl.errors import UsageError
from antennactl.ledger.connection import Transaction

_TOTALS: Final = {"timestamp": "timestamp with time zone", "id": "text", "value": "bigint", "type": "text"}
_TABLES: Final = {
    "user_metadata": {"id": "text", "name": "text", "email": "text", "quota": "bigint"},
    "bytes": _TOTALS,
    "bytes_hourly": _TOTALS,
    "user_quota_limit": {
        "email": "text",
        "usage": "bigint",
        "quota": "bigint",
        "timestamp": "timestamp with time zone",
    },
}
_VIEW: Final = "user_quota_live"
_VIEW_COLUMNS: Final = ["email", "usage", "quota", "share", "hour"]
_KEYS: Final = {
    "user_metadata": "id",
    "bytes": "timestamp, id, type",
    "bytes_hourly": "timestamp, id, type",
}


def check_rights(tx: Transaction) -> None:
    """Raise UsageError when this role may not create a schema in the database or a table in schema public."""
    rights = tx.query("read_create_rights").row(0, named=True)
    for allowed, where in ((rights["in_database"], "this database"), (rights["in_public"], "schema public")):
        if not allowed:
            message = f"the role {rights['role']} may not create in {where}"
            raise UsageError(message, hint="run provision as the owner of the database, or GRANT CREATE")


def check_tables(tx: Transaction) -> None:
    """Raise UsageError naming the first table or column that is there already and cannot be used as it is."""
    found = tx.query("read_columns", pl.Series([*_TABLES, _VIEW]))
    _check_kinds(found)
    for table, wanted in _TABLES.items():
        columns = found.filter(pl.col("relation") == table)
        if columns.is_empty():
            continue
        _check_columns(table, wanted, dict(columns.select("column_name", "column_type").iter_rows()))
        if table in _KEYS and tx.query(f"find_repeated_{table}").item():
            message = f"public.{table} has rows with the same ({_KEYS[table]}), or with nulls"
            raise UsageError(message, hint=f"{_aside(table)}, or remove those rows; then provision again")


def _check_kinds(found: pl.DataFrame) -> None:
    for relation, kind in found.select("relation", "kind").unique(maintain_order=True).iter_rows():
        wanted, name = ("v", "view") if relation == _VIEW else ("rp", "table")
        if kind not in wanted:
            message = f"public.{relation} is there already and is not a {name}"
            raise UsageError(message, hint="rename or drop it, then provision again")
    view_columns = found.filter(pl.col("relation") == _VIEW)["column_name"].to_list()
    if view_columns not in ([], _VIEW_COLUMNS):
        message = f"the view public.{_VIEW} is there already, with other columns"
        raise UsageError(message, hint="rename or drop it, then provision again")


def _check_columns(table: str, wanted: dict[str, str], found: dict[str, str]) -> None:
    for column, column_type in wanted.items():
        if column not in found:
            message = f"public.{table} is there already, without the column {column}"
            raise UsageError(message, hint=f"{_aside(table)}; then provision again")
        if found[column] != column_type:
            message = f"public.{table}.{column} is {found[column]}, not {column_type}"
            change = _conversion(table, column, found[column], column_type)
            raise UsageError(message, hint=f"{change}; or {_aside(table)}")


def _conversion(table: str, column: str, found: str, wanted: str) -> str:
    change = f'ALTER TABLE public.{table} ALTER COLUMN "{column}" TYPE {wanted}'
    if found == "timestamp without time zone":
        return f"{change} USING \"{column}\" AT TIME ZONE 'UTC'"
    return change


def _aside(table: str) -> str:
    return f"move the table aside: ALTER TABLE public.{table} RENAME TO {table}_before"
