"""The users of a database in, how much memory the stream's cache of them takes out."""

import json
import os
import time
from pathlib import Path

import polars as pl

from antennactl.ledger.connection import Database
from antennactl.sources.users import UserCache


def main() -> None:
    """Fill the cache once and look at the process before and after."""
    task = json.loads(os.environ["BENCH_TASK"])
    with Database(task["dsn"]) as database:
        with database.transaction() as transaction:
            transaction.query("count_users")
        before = _resident_bytes()
        users = UserCache(database, time.monotonic).users_for(pl.Series("id", [], dtype=pl.String))
        after = _resident_bytes()
    print(
        json.dumps(
            {"n_users": users.height, "resident_bytes": after - before, "cache_bytes": users.estimated_size()}
        )
    )


def _resident_bytes() -> int:
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmRSS:"))


if __name__ == "__main__":
    main()
