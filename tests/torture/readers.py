"""Somebody who globs the lake all the while: never a row twice, never fewer rows than before, never an error."""

import threading
from pathlib import Path

import duckdb

_QUERY = """
SELECT count(*), count(DISTINCT (topic_id, kafka_partition, kafka_offset))
FROM read_parquet(?)
"""


class Reader:
    """Counts the lake's rows again and again in a thread; `violations` lists what was wrong."""

    def __init__(self, lake: Path, pause_s: float = 2.0) -> None:
        self._glob = str(lake / "data" / "*" / "*" / "*" / "*" / "*.parquet")
        self._pause_s = pause_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._read_on, daemon=True)
        self.n_reads = 0
        self.n_rows = 0
        self.violations: list[str] = []

    def start(self) -> None:
        """Begin to read."""
        self._thread.start()

    def stop(self) -> None:
        """Read once more, then end."""
        self._ended.set()
        self._thread.join(120)
        self._read()

    def _read_on(self) -> None:
        while not self._ended.wait(self._pause_s):
            self._read()

    def _read(self) -> None:
        if not list(Path(self._glob.split("/*")[0]).rglob("*.parquet")):
            return
        try:
            with duckdb.connect(config={"threads": 1}) as session:
                ((n_rows, n_distinct),) = session.execute(_QUERY, [self._glob]).fetchall()
        except duckdb.Error as error:
            self.violations.append(f"a reader failed: {type(error).__name__}: {str(error)[:200]}")
            return
        self.n_reads += 1
        if n_rows != n_distinct:
            self.violations.append(f"{n_rows - n_distinct} rows twice in a glob of {n_rows}")
        if n_rows < self.n_rows:
            self.violations.append(f"{n_rows} rows after {self.n_rows}")
        self.n_rows = n_rows
