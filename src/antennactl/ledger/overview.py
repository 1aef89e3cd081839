"""One snapshot of the ledger in, what an operator asks out: progress, workers, last micro-batch, hours."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.hours import read_hours, read_progress, read_retention_floor
from antennactl.ledger.offsets import read_offsets, read_topics
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, WINDOW_S, read_setting
from antennactl.ledger.workers import read_workers
from antennactl.rules.hours import HourState, PartitionProgress


@dataclass(frozen=True)
class Server:
    """Where a connection led, and the clock there."""

    server_version: str
    database: str
    role: str
    clock: datetime


@dataclass(frozen=True)
class Overview:
    """The ledger at one moment. `topic` and `topic_id` are those read last, None before the first stream."""

    ledger: str | None
    window_s: str | None
    topic: str | None
    topic_id: str | None
    offsets: pl.DataFrame  # kafka_partition, next_offset, max_event_time, caught_up_at
    workers: pl.DataFrame  # worker, host, pid, started_at, heartbeat_at, partitions, assigned_at
    last_micro_batch: dict[str, Any] | None  # `duration_ms` is JSON text
    dead_letters: pl.DataFrame  # reason, n_open
    hours: list[HourState]  # from the retention floor on
    progress: list[PartitionProgress]


def read_server(database: Database) -> Server:
    """Return where the connection leads; works before the first provision too."""
    with database.transaction() as tx:
        return Server(**tx.query("read_server").row(0, named=True))


def read_clock(tx: Transaction) -> datetime:
    """Return what time it is at the server."""
    clock: datetime = tx.query("read_server").item(0, "clock")
    return clock


def read_overview(database: Database) -> Overview:
    """Return one snapshot of the ledger. Raises UsageError when the database is not provisioned."""
    with database.transaction("REPEATABLE READ") as tx:
        require_schema(tx)
        return _read(tx)


def _read(tx: Transaction) -> Overview:
    topics = read_topics(tx)
    latest = topics.row(-1, named=True) if topics.height else {"topic": None, "topic_id": None}
    batches = tx.query("read_last_micro_batch")
    return Overview(
        ledger=read_setting(tx, LEDGER),
        window_s=read_setting(tx, WINDOW_S),
        topic=latest["topic"],
        topic_id=latest["topic_id"],
        offsets=read_offsets(tx, latest["topic_id"] or ""),
        workers=read_workers(tx),
        last_micro_batch=batches.row(0, named=True) if batches.height else None,
        dead_letters=tx.query("count_dead_letters"),
        hours=read_hours(tx, read_retention_floor(tx)),
        progress=read_progress(tx),
    )
