"""Somebody who globs the lake all the while: never a row twice, never fewer rows than before, never an error."""

import threading
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

_QUERY: Final = """
SELECT count(*), count(DISTINCT (topic_id, kafka_partition, kafka_offset))
FROM read_parquet(?)
"""
_IDENTITY: Final = ("topic_id", "kafka_partition", "kafka_offset")
_TRIES: Final = 20


class Reader:
    """Counts the lake's rows again and again in a thread, with DuckDB and Polars in turn.

    `violations` lists what was wrong. A file that is gone is none: `compact` exchanged a folder, and one reads again.
    """

    def __init__(self, lake: Path, pause_s: float = 2.0) -> None:
        self._data = lake / "data"
        self._glob = str(self._data / "*" / "*" / "*" / "*" / "*.parquet")
        self._pause_s = pause_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read_on, daemon=True)
        self.n_reads = 0
        self.n_repeated = 0
        self.n_rows = 0
        self.violations: list[str] = []

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Read once more with each, then end."""
        self._ended.set()
        self._thread.join(120)
        self._read()
        self._read()

    def _read_on(self) -> None:
        while not self._ended.wait(self._pause_s):
            self._read()

    def _read(self) -> None:
        if not list(self._data.rglob("*.parquet")):
            return
        count = self._count_with_polars if self.n_reads % 2 else self._count_with_duckdb
        for _ in range(_TRIES):
            try:
                n_rows, n_distinct = count()
            except (duckdb.Error, pl.exceptions.PolarsError, OSError) as error:
                if not any(words in str(error) for words in ("No such file", "No files found", "not found")):
                    self.violations.append(f"a reader failed: {type(error).__name__}: {str(error)[:200]}")
                    return
                self.n_repeated += 1
            else:
                self._judge(n_rows, n_distinct)
                return
        self.violations.append(f"a reader found files gone {_TRIES} times in a row")

    def _count_with_duckdb(self) -> tuple[int, int]:
        with duckdb.connect(config={"threads": 1}) as session:
            ((n_rows, n_distinct),) = session.execute(_QUERY, [self._glob]).fetchall()
        return n_rows, n_distinct

    def _count_with_polars(self) -> tuple[int, int]:
        identities = pl.scan_parquet(self._glob, hive_partitioning=False).select(_IDENTITY)
        n_rows, n_distinct = (
            identities.select(pl.len(), pl.struct(_IDENTITY).n_unique().alias("n_distinct")).collect().row(0)
        )
        return n_rows, n_distinct

    def _judge(self, n_rows: int, n_distinct: int) -> None:
        self.n_reads += 1
        if n_rows != n_distinct:
            self.violations.append(f"{n_rows - n_distinct} rows twice in a glob of {n_rows}")
        if n_rows < self.n_rows:
            self.violations.append(f"{n_rows} rows after {self.n_rows}")
        self.n_rows = n_rows
