"""A query of an hour in, its checked result out: ours from `queries/duckdb`, or a user's own instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
import polars as pl

from antennactl import sql
from antennactl.engines.session import read_frame
from antennactl.errors import AntennactlError, UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

USER_TOTALS: Final = "user_totals"
HOURLY_TOTALS: Final = "hourly_totals"
USERS_OVER_QUOTA: Final = "users_over_quota"

_TIMESTAMPTZ: Final = "TIMESTAMP WITH TIME ZONE"
_RESULTS: Final[Mapping[str, Mapping[str, str]]] = {
    USER_TOTALS: {"id": "VARCHAR", "value": "BIGINT"},
    HOURLY_TOTALS: {"timestamp": _TIMESTAMPTZ, "id": "VARCHAR", "value": "BIGINT", "type": "VARCHAR"},
    USERS_OVER_QUOTA: {"email": "VARCHAR", "usage": "BIGINT", "quota": "BIGINT", "timestamp": _TIMESTAMPTZ},
}
# Messages of these are about the SQL; those of others may quote values.
_SQL_ERRORS: Final = (duckdb.ParserException, duckdb.BinderException, duckdb.CatalogException)


@dataclass(frozen=True)
class HourQuery:
    """One SELECT over the views `devices` and `user_metadata`; `file` is where a user's own stands."""

    name: str
    text: str
    file: Path | None = None

    @property
    def shown(self) -> str:
        """What to call it in a message."""
        return str(self.file) if self.file else f"queries/duckdb/{self.name}.sql"


def load_queries(folder: Path | None) -> dict[str, HourQuery]:
    """Return the three queries by name, each from `folder` where that has one of its own.

    Raises UsageError when the folder is none, cannot be read, or has none of the three.
    """
    if folder is None:
        return {name: HourQuery(name, sql.statement(f"duckdb/{name}")) for name in _RESULTS}
    loaded = {}
    for name in _RESULTS:
        text = sql.replacement(folder, name)
        own = folder / f"{name}.sql"
        loaded[name] = HourQuery(name, text, own if own.exists() else None)
    if not any(query.file for query in loaded.values()):
        message = f"{folder} has none of {', '.join(f'{name}.sql' for name in _RESULTS)}"
        raise UsageError(message, hint="name your files like those of queries/duckdb")
    return loaded


def keep_result(session: "DuckDBPyConnection", query: HourQuery, hour: datetime) -> None:
    """Run `query` and keep its rows as a table with the query's name, for the queries after it.

    Raises UsageError as `read_result` does; duckdb.Error where one of our own queries fails.
    """
    try:
        _relation(session, query, hour).create(query.name)
    except duckdb.Error as error:
        raise _query_error(query, error) from error


def read_result(session: "DuckDBPyConnection", query: HourQuery, hour: datetime) -> pl.DataFrame:
    """Return the rows of `query`: columns and types as its first lines declare, the hour in each row.

    Raises UsageError, naming the file, when a user's own query is no single SELECT, fails, or returns
    something else; duckdb.Error where one of our own queries fails.
    """
    try:
        rows = read_frame(_relation(session, query, hour))
    except duckdb.Error as error:
        raise _query_error(query, error) from error
    require_hour(query, rows, hour)
    return rows


def require_hour(query: HourQuery, rows: pl.DataFrame, hour: datetime) -> None:
    """Raise UsageError when a row of a user's own query has another timestamp than the hour."""
    if query.file and not rows.filter(pl.col("timestamp").ne_missing(hour)).is_empty():
        message = f"{query.shown}: every row's timestamp has to be the hour"
        raise UsageError(message, hint="select $hour::TIMESTAMPTZ AS timestamp")


def require_keys(query: HourQuery, totals: pl.DataFrame) -> None:
    """Raise UsageError when `totals` of a user's own query lack a value, or repeat an (id, type)."""
    if query.file is None:
        return
    for column in totals.columns:
        if totals[column].null_count():
            message = f"{query.shown}: column {column} has rows without a value"
            raise UsageError(message)
    if totals.select("id", "type").is_duplicated().any():
        message = f"{query.shown}: two rows have the same id and type"
        raise UsageError(message, hint="the totals are unique by (timestamp, id, type)")


def _relation(session: "DuckDBPyConnection", query: HourQuery, hour: datetime) -> "DuckDBPyRelation":
    statements = session.extract_statements(query.text)
    if len(statements) != 1 or statements[0].type != duckdb.StatementType.SELECT:
        # A SELECT alone cannot write: COPY could replace the lake's files.
        message = f"{query.shown}: one SELECT is wanted, and nothing else"
        raise UsageError(message)
    names = set(statements[0].named_parameters)
    if names - {"hour"}:
        message = f"{query.shown}: unknown parameter ${', $'.join(sorted(names - {'hour'}))}"
        raise UsageError(message, hint="$hour, the start of the hour, is the only one")
    relation = session.sql(statements[0].query, params={"hour": hour} if names else None)
    found = dict(zip(relation.columns, map(str, relation.types), strict=True))
    wanted = _RESULTS[query.name]
    if found != wanted:
        message = f"{query.shown}: returns ({_listed(found)}), not ({_listed(wanted)})"
        raise UsageError(
            message, hint="cast where the type differs; a sum is BIGINT after sum(bytes)::BIGINT"
        )
    return relation.select(*wanted)


def _query_error(query: HourQuery, error: duckdb.Error) -> Exception:
    """Return the error to raise: a user's own query is theirs to correct, ours are looked into."""
    if query.file is None:
        return error
    what = str(error).partition("\n")[0] if isinstance(error, _SQL_ERRORS) else type(error).__name__
    return UsageError(f"{query.shown}: {what}")


def _listed(columns: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in columns.items())


def engine_error(error: duckdb.Error) -> AntennactlError:
    """Return the project's error for a failure of DuckDB that no file and no query explains."""
    if isinstance(error, duckdb.OutOfMemoryException):
        return AntennactlError(
            "DuckDB ran out of memory", hint="free memory, or space in the temporary folder"
        )
    return AntennactlError(f"DuckDB failed ({type(error).__name__})")
