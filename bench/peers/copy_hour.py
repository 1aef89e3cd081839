"""Hourly rows into PostgreSQL: by antennactl's replacement of an hour, and by COPY into a table of the same key."""

import json
import os
import time
from datetime import UTC, datetime

import polars as pl

from antennactl.ledger.connection import Database
from antennactl.ledger.runs import BatchRun, replace_hour
from antennactl.schemas import TOTALS, USER_TOTAL, VIOLATORS
from antennactl.simulator.population import user_ids

_HOUR = datetime(2026, 1, 1, tzinfo=UTC)
_TABLE = """
CREATE TABLE bytes_copy (timestamp timestamptz NOT NULL, id text NOT NULL, value bigint NOT NULL, type text NOT NULL);
CREATE UNIQUE INDEX ON bytes_copy (timestamp, id, type)
"""


def main() -> None:
    """Write the rows each way, in turn, into tables that are empty at first."""
    task = json.loads(os.environ["BENCH_TASK"])
    totals = _make_totals(task["n_rows"])
    run = BatchRun(
        _HOUR, totals.height, int(totals["value"].sum()), 0, None, None, None, partial=False, unmanaged=False
    )
    seconds = {}
    with Database(task["dsn"]) as database:
        with database.transaction() as tx:
            tx.script(_TABLE)
        began = time.monotonic()
        with database.transaction() as tx:
            tx.copy(totals, "bytes_copy", "public")
        seconds["copy_s"] = time.monotonic() - began
        for name in ("replace_s", "replace_again_s"):
            began = time.monotonic()
            with database.transaction() as tx:
                replace_hour(tx, run, totals, pl.DataFrame(schema=VIOLATORS))
            seconds[name] = time.monotonic() - began
    print(json.dumps(seconds))


def _make_totals(n_rows: int) -> pl.DataFrame:
    """Return rows in the order of the key, so that COPY fills its index from left to right too."""
    ids = user_ids(n_rows)
    return (
        pl.DataFrame(
            {
                "timestamp": pl.repeat(_HOUR, n_rows, eager=True),
                "id": ids,
                "value": pl.int_range(n_rows, eager=True),
                "type": pl.repeat(USER_TOTAL, n_rows, eager=True),
            }
        )
        .match_to_schema(TOTALS, missing_columns="raise")
        .sort("timestamp", "id", "type")
    )


if __name__ == "__main__":
    main()
