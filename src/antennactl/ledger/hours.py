"""An open transaction in, what PostgreSQL knows of hours out: files, runs, progress, live totals, users."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from antennactl.ledger.connection import Transaction
from antennactl.ledger.setting import RETENTION_FLOOR, read_setting
from antennactl.rules.hours import HourRun, HourState, PartitionProgress
from antennactl.schemas import USERS


@dataclass(frozen=True)
class HourFile:
    """One live file of an hour: paths relative to the lake, and what it must be found to hold."""

    path: str
    stage_path: str | None
    n_rows: int
    sum_bytes: int


@dataclass(frozen=True)
class HourSnapshot:
    """Everything that a batch run of an hour reads from PostgreSQL.

    `users` is USERS; `live_bytes` the sum of the live totals by type, None for an unmanaged lake, whose
    rows the live totals never saw.
    """

    hour: datetime
    files: list[HourFile]
    users: pl.DataFrame
    partitions: list[PartitionProgress]
    live_bytes: Mapping[str, int] | None
    retention_floor: datetime | None


def read_snapshot(tx: Transaction, hour: datetime) -> HourSnapshot:
    """Return the snapshot of `hour`. One moment's state only when `tx` is REPEATABLE READ."""
    live = tx.query("read_live_bytes", hour)
    return HourSnapshot(
        hour=hour,
        files=[HourFile(**row) for row in tx.query("read_hour_files", hour).iter_rows(named=True)],
        users=read_users(tx),
        partitions=read_progress(tx),
        live_bytes=dict(live.select("type", "value").iter_rows()),
        retention_floor=read_retention_floor(tx),
    )


def read_unmanaged_snapshot(tx: Transaction, hour: datetime) -> HourSnapshot:
    """Return the users alone: an unmanaged run asks the ledger nothing."""
    return HourSnapshot(hour, [], read_users(tx), [], None, None)


def read_hours(tx: Transaction, oldest: datetime | None = None) -> list[HourState]:
    """Return every hour from `oldest` on that has live files or a batch run, in order of time."""
    return [_state(row) for row in tx.query("read_hours", oldest).iter_rows(named=True)]


def read_hour(tx: Transaction, hour: datetime) -> HourState:
    """Return what the lake holds of one hour, and its batch run."""
    return _state(tx.query("read_hour_state", hour).row(0, named=True))


def read_progress(tx: Transaction) -> list[PartitionProgress]:
    """Return the progress of every partition of the topic, none when it was never read."""
    return [PartitionProgress(**row) for row in tx.query("read_progress").iter_rows(named=True)]


def read_retention_floor(tx: Transaction) -> datetime | None:
    """Return the oldest hour kept, None while nothing was pruned."""
    stored = read_setting(tx, RETENTION_FLOOR)
    if stored is None:
        return None
    parsed = datetime.fromisoformat(stored)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)


def read_users(tx: Transaction) -> pl.DataFrame:
    """Return USERS, every user there is."""
    return tx.query("read_user_metadata").match_to_schema(USERS)


def _state(row: dict[str, object]) -> HourState:
    run = None
    if row["run_rows"] is not None:
        names = {"run_rows": "n_rows", "run_bytes": "sum_bytes"}
        kept = ("run_rows", "run_bytes", "partial", "unmanaged", "finished_at")
        run = HourRun(**{names.get(name, name): row[name] for name in kept})  # type: ignore[arg-type]
    held = {name: row[name] for name in ("hour", "n_files", "n_rows", "sum_bytes")}
    return HourState(**held, run=run)  # type: ignore[arg-type]
