"""antennactl's own aggregation of an hour, without locks, ledger and writes: what the other engines are given."""

import json
import os
import time
from datetime import datetime
from pathlib import Path

import polars as pl

from antennactl.engines.devices import LedgerFile
from antennactl.engines.hour import compute_hour
from antennactl.engines.queries import load_queries
from antennactl.schemas import USERS


def main() -> None:
    """Compute the hour once, with all that `batch` checks of its files."""
    task = json.loads(os.environ["BENCH_TASK"])
    print(json.dumps({"mark": "start"}), flush=True)
    began = time.monotonic()
    root = Path(task["lake"])
    files = [LedgerFile(root / path, n_rows, sum_bytes) for path, n_rows, sum_bytes in task["files"]]
    users = pl.read_parquet(task["users"]).match_to_schema(USERS)
    result = compute_hour(datetime.fromisoformat(task["hour"]), files, users, load_queries(None))
    seconds = time.monotonic() - began
    print(json.dumps({"mark": "end"}), flush=True)
    counts = {"n_totals": result.totals.height, "n_over": result.violators.height}
    print(json.dumps({"seconds": seconds, **counts}))


if __name__ == "__main__":
    main()
