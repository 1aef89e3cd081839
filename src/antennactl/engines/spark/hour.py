"""An hour's files and the users in, its totals and the users over quota out, by a Spark cluster."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Self

import polars as pl
from pyspark.errors import AnalysisException, PySparkException

from antennactl.engines import hour as duckdb_hour
from antennactl.engines.devices import Counted, LedgerFile
from antennactl.engines.engine import HourResult
from antennactl.engines.queries import (
    HOURLY_TOTALS,
    USER_TOTALS,
    USERS_OVER_QUOTA,
    HourQuery,
    require_hour,
    require_keys,
)
from antennactl.engines.spark.devices import explain, show_devices, show_foreign_devices
from antennactl.engines.spark.places import Locate, on_disk
from antennactl.engines.spark.remote import connect, disconnect, explained, tell
from antennactl.engines.spark.translate import translate
from antennactl.engines.spark.users import show_users
from antennactl.errors import UsageError
from antennactl.schemas import TOTALS, USERS, VIOLATORS

if TYPE_CHECKING:
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.session import SparkSession


class SparkEngine:
    """A Spark cluster, by one session of a Spark Connect server for all hours: see Engine.

    The queries are those of `queries/duckdb`, translated; each result has the rows that DuckDB's has.
    """

    def __init__(self, address: str, queries: Mapping[str, HourQuery], locate: Locate = on_disk) -> None:
        """Raise UsageError when a query has no equal in Spark; `locate` says where its workers find a file."""
        self._address = address
        self._locate = locate
        self._queries = queries
        self._translated = {
            foreign: {name: translate(query, foreign=foreign) for name, query in queries.items()}
            for foreign in (False, True)
        }
        self._session: SparkSession | None = None

    def __enter__(self) -> Self:
        """Connect to nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End the session."""
        if self._session is not None:
            disconnect(self._session)
            self._session = None

    def compute_hour(self, hour: datetime, files: Sequence[LedgerFile], users: pl.DataFrame) -> HourResult:
        """Return the result of an hour whose files the ledger knows."""
        # What is wrong with a user's own query DuckDB knows at once, and says in its own words.
        duckdb_hour.compute_hour(hour, [], pl.DataFrame(schema=USERS), self._queries)
        paths = [file.path for file in files]
        return self._compute(
            hour,
            paths,
            users,
            self._translated[False],
            lambda session: show_devices(session, files, self._locate),
        )

    def compute_foreign_hour(self, hour: datetime, paths: Sequence[Path], users: pl.DataFrame) -> HourResult:
        """Return the result of an hour of another writer's files."""
        duckdb_hour.compute_foreign_hour(hour, [], pl.DataFrame(schema=USERS), self._queries)
        return self._compute(
            hour,
            paths,
            users,
            self._translated[True],
            lambda session: show_foreign_devices(session, paths, hour, self._locate),
        )

    def _compute(
        self,
        hour: datetime,
        paths: Sequence[Path],
        users: pl.DataFrame,
        queries: Mapping[str, str],
        show: "Callable[[SparkSession], Counted]",
    ) -> HourResult:
        session = self._open()
        with explained():
            try:
                counted = show(session)
                show_users(session, users)
                run = _Run(session, self._queries, queries, hour)
                # Both queries that follow read it.
                user_totals = run.frame(USER_TOTALS).persist()
                try:
                    user_totals.createOrReplaceTempView(USER_TOTALS)
                    totals = run.read(HOURLY_TOTALS, TOTALS)
                    violators = run.read(USERS_OVER_QUOTA, VIOLATORS)
                finally:
                    user_totals.unpersist()
            except PySparkException as error:
                if found := explain(paths, error, self._locate):
                    raise found from error
                raise
        require_keys(self._queries[HOURLY_TOTALS], totals)
        return HourResult(counted, totals, violators)

    def _open(self) -> "SparkSession":
        if self._session is None:
            self._session = connect(self._address)
        return self._session


class _Run:
    """The queries of one hour, in a session that has their tables."""

    def __init__(
        self,
        session: "SparkSession",
        queries: Mapping[str, HourQuery],
        translated: Mapping[str, str],
        hour: datetime,
    ) -> None:
        self._session = session
        self._queries = queries
        self._translated = translated
        self._hour = hour

    def frame(self, name: str) -> "DataFrame":
        """Return the result of a query, not yet computed. Raises UsageError when a user's own is none to Spark."""
        query = self._queries[name]
        try:
            return self._session.sql(self._translated[name], args={"hour": self._hour})
        except AnalysisException as error:
            if query.file is None:
                raise
            message = f"{query.shown}: Spark does not take it: {tell(error)}"
            raise UsageError(message, hint="run it with --engine duckdb") from error

    def read(self, name: str, schema: pl.Schema) -> pl.DataFrame:
        """Return the rows of a query as `schema`; they come as Arrow, in batches."""
        rows = pl.DataFrame(self.frame(name).select(*schema.names()).toArrow()).cast(schema)
        require_hour(self._queries[name], rows, self._hour)
        return rows
