"""An hour's lake files and the key of one total in, the rows that made it out: where they lie and what they hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from antennactl.engines.scan import Bring, CensusFile, Source, scan_files
from antennactl.errors import InconsistentError
from antennactl.rules.traces import SOURCES, STRETCHES
from antennactl.schemas import LAKE, TIMESTAMP, TOTAL_TYPES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

ROWS = pl.Schema({**LAKE, "path": pl.String()})
USES = pl.Schema(
    {
        "timestamp": TIMESTAMP,  # window start
        "antenna_id": pl.String(),
        "app": pl.String(),
        "topic_id": pl.String(),
        "kafka_partition": pl.Int32(),
        "range_first": pl.Int64(),
        "replayed_at": TIMESTAMP,
        "n_rows": pl.Int64(),
        "sum_bytes": pl.Int64(),
    }
)


@dataclass(frozen=True)
class TotalKey:
    """Whose bytes are summed, of which type, in [`first`, `past`) of event time."""

    total_type: str
    id: str
    first: datetime
    past: datetime


class Tracer:
    """Reads the rows of one total from its hour's files, in a session that may read them.

    Every method raises InconsistentError when a file cannot be read, NotReadyError when one is nowhere.
    """

    def __init__(
        self, session: "DuckDBPyConnection", files: Sequence[CensusFile], key: TotalKey, bring: Bring
    ) -> None:
        self._source = Source(session, bring)
        self._files = files
        wanted: dict[str, object] = dict.fromkeys(TOTAL_TYPES.values())
        wanted[TOTAL_TYPES[key.total_type]] = key.id
        self._values = {**wanted, "first": key.first, "past": key.past}

    def find_stretches(self) -> pl.DataFrame:
        """Return STRETCHES of the topic that the rows lie in."""
        return self._read("trace_stretches", STRETCHES, {})

    def sum_sources(self, arrivals: pl.DataFrame, replays: pl.DataFrame) -> pl.DataFrame:
        """Return SOURCES of all rows."""
        return self._read("trace_sources", SOURCES, {"arrivals": arrivals, "replays": replays})

    def sum_uses(self, arrivals: pl.DataFrame, replays: pl.DataFrame, window_s: float) -> pl.DataFrame:
        """Return USES: all rows by window, antenna, app and range."""
        tables = {"arrivals": arrivals, "replays": replays}
        return self._read("trace_uses", USES, tables, window_us=round(window_s * 1e6))

    def read_rows(self, most: int) -> pl.DataFrame:
        """Return ROWS: the first `most` rows in order of the topic."""
        return self._read("trace_rows", ROWS, {}, most=most)

    def _read(
        self, name: str, schema: pl.Schema, tables: dict[str, pl.DataFrame], **values: object
    ) -> pl.DataFrame:
        if not self._files:
            return pl.DataFrame(schema=schema)
        try:
            rows = scan_files(self._source, name, self._files, tables, **self._values, **values)
        except duckdb.Error as error:
            message = f"the hour's files cannot be read ({type(error).__name__})"
            raise InconsistentError(message, hint="find every difference with: antennactl verify") from error
        # A cursor has the machine's zone: times are moments, only labelled with it.
        return rows.select(schema.names()).cast(schema)
