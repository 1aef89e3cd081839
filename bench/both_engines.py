"""An hour of many rows in, the results of both engines compared row for row out: `python -m bench.both_engines`.

Spark is a cluster of its own on the loopback, with a master, two workers and a Spark Connect server.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

import polars as pl

from antennactl.engines.choose import choose_engine
from antennactl.engines.devices import LedgerFile
from antennactl.engines.engine import Engine, HourResult
from antennactl.engines.queries import load_queries
from antennactl.schemas import LAKE, USERS
from antennactl.simulator.population import user_ids
from bench.environments import Spark, find_java, prepare_python
from bench.hour import HOUR, make_events

_FILE_ROWS: Final = 500_000
# What a test needs is too little for a million users: the server would end, the executors go to the disk and back.
_MEMORY_MB: Final = 4_000


def main() -> int:
    """Compute the hour twice by each engine; return 1 when a row differs."""
    parser = argparse.ArgumentParser(prog="python -m bench.both_engines")
    parser.add_argument("--rows", type=int, default=50_000_000)
    parser.add_argument("--users", type=int, default=1_000_000)
    options = parser.parse_args()
    sys.path.append(str(Path(__file__).parents[1] / "tests"))
    from spark_cluster import started_cluster

    queries = load_queries(None)
    users = _make_users(options.users)
    with tempfile.TemporaryDirectory(prefix="antennactl-bench-") as name:
        files = _make_files(Path(name), options.rows, options.users)
        on_duckdb = _measure("DuckDB", choose_engine("duckdb", None, queries), files, users)
        spark = Spark(prepare_python("spark"), find_java(), ())
        with (
            started_cluster(
                Path(name) / "spark",
                spark,
                driver_mb=_MEMORY_MB,
                executor_mb=_MEMORY_MB,
                java_options=(),
            ) as address,
            choose_engine("spark", address, queries) as engine,
        ):
            on_spark = _measure("Spark", engine, files, users)
    same = on_duckdb.counted == on_spark.counted and all(
        ours.sort(pl.all()).equals(theirs.sort(pl.all()))
        for ours, theirs in (
            (on_duckdb.totals, on_spark.totals),
            (on_duckdb.violators, on_spark.violators),
        )
    )
    print(
        f"{options.rows:,} rows, {on_duckdb.totals.height:,} totals, {on_duckdb.violators.height:,} over quota: "
        f"{'all the same' if same else 'DIFFERENT'}"
    )
    return 0 if same else 1


def _measure(name: str, engine: Engine, files: list[LedgerFile], users: pl.DataFrame) -> HourResult:
    for turn in ("first", "again"):
        began = time.monotonic()
        result = engine.compute_hour(HOUR, files, users)
        print(f"{name}, {turn}: {time.monotonic() - began:.1f} s", flush=True)
    return result


def _make_users(n_users: int) -> pl.DataFrame:
    ids = pl.Series("id", user_ids(n_users), dtype=pl.String)
    numbers = pl.Series(range(n_users))
    quotas = pl.when(numbers % 7 > 0).then(numbers % 1000 * 10_000)
    rows = pl.DataFrame({"id": ids}).with_columns(
        name=pl.col("id"), email=pl.col("id") + "@mail", quota=quotas
    )
    return rows.match_to_schema(USERS)


def _make_files(folder: Path, n_rows: int, n_users: int) -> list[LedgerFile]:
    files = []
    for first in range(0, n_rows, _FILE_ROWS):
        events = make_events(first, min(_FILE_ROWS, n_rows - first), n_rows, n_users)
        path = folder / f"part-{first}.parquet"
        events.with_columns(topic_id=pl.lit("topic")).select(LAKE.names()).write_parquet(path)
        files.append(LedgerFile(path, events.height, int(events["bytes"].sum())))
    return files


if __name__ == "__main__":
    sys.exit(main())
