"""Totals into `bytes` by antennactl's own merge, a transaction after the other: one writer of several."""

import json
import os
import time
from datetime import UTC, datetime

import polars as pl

from antennactl.ledger.connection import Database
from antennactl.ledger.totals import merge_totals
from antennactl.schemas import TOTALS, USER_TOTAL
from antennactl.simulator.population import user_ids

_WINDOW = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Enter the keys, say so, wait until the gate is opened, then add to them again and again."""
    task = json.loads(os.environ["BENCH_TASK"])
    totals = _make_totals(task["first_key"], task["n_rows"])
    with Database(task["dsn"]) as database:
        with database.transaction() as tx:
            merge_totals(tx, totals)
        print(json.dumps({"mark": "start"}), flush=True)
        with database.transaction() as tx:
            tx.query_text(f"SELECT pg_advisory_xact_lock_shared({task['gate']})::text")
        began = time.time()
        for _ in range(task["n_transactions"]):
            with database.transaction() as tx:
                merge_totals(tx, totals)
    print(
        json.dumps({"began": began, "ended": time.time(), "n_rows": totals.height * task["n_transactions"]})
    )


def _make_totals(first: int, n_rows: int) -> pl.DataFrame:
    return (
        pl.DataFrame(
            {
                "timestamp": pl.repeat(_WINDOW, n_rows, eager=True),
                "id": user_ids(first + n_rows)[first:],
                "value": pl.repeat(1, n_rows, dtype=pl.Int64, eager=True),
                "type": pl.repeat(USER_TOTAL, n_rows, eager=True),
            }
        )
        .match_to_schema(TOTALS, missing_columns="raise")
        .sort("timestamp", "id", "type")
    )


if __name__ == "__main__":
    main()
