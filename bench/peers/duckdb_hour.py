"""The best DuckDB that we can write by hand for an hour: user totals computed once and reused, results as Arrow."""

import json
import os
import time
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

_USER_TOTALS = (
    "CREATE TEMP TABLE user_totals AS SELECT id, sum(bytes)::BIGINT AS value FROM devices GROUP BY id"
)
_TOTALS = """
SELECT antenna_id AS id, sum(bytes)::BIGINT AS value, 'antenna_total_bytes' AS type FROM devices GROUP BY antenna_id
UNION ALL SELECT id, value, 'user_total_bytes' FROM user_totals
UNION ALL SELECT app, sum(bytes)::BIGINT, 'app_total_bytes' FROM devices GROUP BY app
"""
_OVER_QUOTA = """
SELECT users.email, totals.value AS usage, users.quota
FROM user_totals AS totals JOIN users ON users.id = totals.id WHERE totals.value > users.quota
"""


def main() -> None:
    """Compute the hour once."""
    task = json.loads(os.environ["BENCH_TASK"])
    print(json.dumps({"mark": "start"}), flush=True)
    began = time.monotonic()
    paths = [str(path) for path in sorted(Path(task["hour_folder"]).glob("*.parquet"))]
    # The same limit as antennactl's: it may spill, and does not need to.
    with duckdb.connect(":memory:", config={"memory_limit": "2048MiB"}) as session:
        session.read_parquet(paths, hive_partitioning=False).create_view("devices")
        session.read_parquet(task["users"]).create_view("users")
        session.execute(_USER_TOTALS)
        totals, over = _fetch(session, _TOTALS), _fetch(session, _OVER_QUOTA)
    seconds = time.monotonic() - began
    print(json.dumps({"mark": "end"}), flush=True)
    print(json.dumps({"seconds": seconds, "n_totals": totals.height, "n_over": over.height}))


def _fetch(session: Any, statement: str) -> pl.DataFrame:  # noqa: ANN401 - a connection's relation
    return pl.DataFrame(session.sql(statement))


if __name__ == "__main__":
    main()
