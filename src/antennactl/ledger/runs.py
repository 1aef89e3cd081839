"""An hour's results in, the same results in PostgreSQL out: replaced as a whole, never added to."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from antennactl.errors import AntennactlError
from antennactl.ledger.connection import Transaction
from antennactl.schemas import TOTALS, VIOLATORS


@dataclass(frozen=True)
class BatchRun:
    """A row of batch_run: what a run counted. Drift is speed minus batch in bytes; None: not compared."""

    hour: datetime
    n_rows: int
    sum_bytes: int
    n_violators: int
    drift_antenna: int | None
    drift_user: int | None
    drift_app: int | None
    partial: bool
    unmanaged: bool


def replace_hour(tx: Transaction, run: BatchRun, totals: pl.DataFrame, violators: pl.DataFrame) -> None:
    """Put `totals` (TOTALS) and `violators` (VIOLATORS) of the run's hour in the place of what was there.

    All of it or nothing, by `tx`; repeating it changes nothing but the run's `finished_at`. Raises
    AntennactlError before anything is sent when a frame is not of its schema: COPY would store garbage.
    """
    _require_schema(totals, TOTALS)
    _require_schema(violators, VIOLATORS)
    tx.query("delete_hourly_totals", run.hour)
    tx.query("delete_quota_violations", run.hour)
    if totals.height:
        # In the order of the key: the index is then filled from left to right.
        tx.copy(totals.sort("timestamp", "id", "type"), "bytes_hourly", "public")
    if violators.height:
        tx.copy(violators.sort("email", "usage", "quota"), "user_quota_limit", "public")
    tx.query(
        "record_run",
        run.hour,
        run.n_rows,
        run.sum_bytes,
        run.n_violators,
        run.drift_antenna,
        run.drift_user,
        run.drift_app,
        run.partial,
        run.unmanaged,
    )


def read_newest_violators(tx: Transaction) -> int | None:
    """Return how many users were over quota in the newest hour that has a run; None before the first run."""
    found = tx.query("read_newest_violators")
    return None if found.is_empty() else int(found.item())


def _require_schema(rows: pl.DataFrame, schema: pl.Schema) -> None:
    if rows.schema != schema:
        message = f"an hour's result has columns {dict(rows.schema)}, not {dict(schema)}"
        raise AntennactlError(message)
