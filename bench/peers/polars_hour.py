"""Polars' streaming engine over an hour's files: three sums and a join, nothing written."""

import json
import os
import time
from pathlib import Path

import polars as pl

_KEYS = {"antenna_total_bytes": "antenna_id", "user_total_bytes": "id", "app_total_bytes": "app"}


def main() -> None:
    """Compute the hour once."""
    task = json.loads(os.environ["BENCH_TASK"])
    print(json.dumps({"mark": "start"}), flush=True)
    began = time.monotonic()
    paths = sorted(Path(task["hour_folder"]).glob("*.parquet"))
    devices = pl.scan_parquet(paths, hive_partitioning=False)
    sums = [devices.group_by(key).agg(pl.col("bytes").sum().alias("value")) for key in _KEYS.values()]
    antennas, users, apps = pl.collect_all(sums, engine="streaming")
    known = pl.read_parquet(task["users"])
    over = users.join(known, on="id").filter(pl.col("value") > pl.col("quota"))
    seconds = time.monotonic() - began
    print(json.dumps({"mark": "end"}), flush=True)
    n_totals = antennas.height + users.height + apps.height
    print(json.dumps({"seconds": seconds, "n_totals": n_totals, "n_over": over.height}))


if __name__ == "__main__":
    main()
