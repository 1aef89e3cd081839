"""An hour's files and the users in, its totals and the users over quota out, by DuckDB."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import duckdb
import polars as pl

from antennactl.engines.devices import Counted, LedgerFile, explain, show_devices, show_foreign_devices
from antennactl.engines.engine import HourResult
from antennactl.engines.queries import (
    HOURLY_TOTALS,
    USER_TOTALS,
    USERS_OVER_QUOTA,
    HourQuery,
    engine_error,
    keep_result,
    read_result,
    require_keys,
)
from antennactl.engines.session import open_session, register_frame

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


class DuckDBEngine:
    """DuckDB in this process, a session of its own for each hour: see Engine."""

    def __init__(self, queries: Mapping[str, HourQuery]) -> None:
        self._queries = queries

    def __enter__(self) -> Self:
        """Hold nothing."""
        return self

    def __exit__(self, *_: object) -> None:
        """Have nothing to give back."""

    def compute_hour(self, hour: datetime, files: Sequence[LedgerFile], users: pl.DataFrame) -> HourResult:
        """Return the result of an hour whose files the ledger knows."""
        return compute_hour(hour, files, users, self._queries)

    def compute_foreign_hour(self, hour: datetime, paths: Sequence[Path], users: pl.DataFrame) -> HourResult:
        """Return the result of an hour of another writer's files."""
        return compute_foreign_hour(hour, paths, users, self._queries)


def compute_hour(
    hour: datetime, files: Sequence[LedgerFile], users: pl.DataFrame, queries: Mapping[str, HourQuery]
) -> HourResult:
    """Return the result of an hour whose files the ledger knows; no file is an hour without traffic.

    Raises InconsistentError naming a file that is broken or differs from the ledger, FileNotReachableError
    naming one that is gone, UsageError naming a user's own query that does not work.
    """
    return _compute(
        hour, [file.path for file in files], users, queries, lambda session: show_devices(session, files)
    )


def compute_foreign_hour(
    hour: datetime, paths: Sequence[Path], users: pl.DataFrame, queries: Mapping[str, HourQuery]
) -> HourResult:
    """Return the result of an hour of another writer's files; raises as `compute_hour` does."""
    return _compute(hour, paths, users, queries, lambda session: show_foreign_devices(session, paths, hour))


def _compute(
    hour: datetime,
    paths: Sequence[Path],
    users: pl.DataFrame,
    queries: Mapping[str, HourQuery],
    show: "Callable[[DuckDBPyConnection], Counted]",
) -> HourResult:
    with open_session(sorted({path.parent for path in paths})) as session:
        try:
            counted = show(session)
            register_frame(session, "user_metadata", users)
            keep_result(session, queries[USER_TOTALS], hour)
            totals = read_result(session, queries[HOURLY_TOTALS], hour)
            violators = read_result(session, queries[USERS_OVER_QUOTA], hour)
        except duckdb.Error as error:
            found = explain(session, paths, error)
            raise (engine_error(found) if isinstance(found, duckdb.Error) else found) from error
    require_keys(queries[HOURLY_TOTALS], totals)
    return HourResult(counted, totals, violators)
