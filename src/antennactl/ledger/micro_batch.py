"""A prepared micro-batch in, one transaction out: the only commit point of the speed layer."""

import json
import secrets
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

import polars as pl

from antennactl import failpoints
from antennactl.lake.stage import StagedFile
from antennactl.ledger.connection import Database, KeyTakenError, Transaction
from antennactl.ledger.hours import read_retention_floor
from antennactl.ledger.locks import share_hour_files
from antennactl.ledger.offsets import advance_offsets, insert_ranges
from antennactl.ledger.totals import add_totals, merge_totals
from antennactl.ledger.workers import touch_worker
from antennactl.rules.offsets import OffsetRange
from antennactl.schemas import TIMESTAMP

_DEAD_LETTER_BYTES = 32 * 1024 * 1024


class Outcome(Enum):
    """How a micro-batch's transaction ended. Anything but COMMITTED wrote nothing."""

    COMMITTED = "committed"
    CONFLICT = "conflict"
    WORKER_GONE = "worker gone"


@dataclass(frozen=True)
class MicroBatch:
    """All that one transaction writes: `rejects` in schema REJECTS, `totals` in TOTALS, sorted by key.

    `floor` is the oldest hour kept by which the events were judged.
    `max_event_times` has the newest event time (kafka_partition, max_event_time) of each partition with events.
    """

    batch_id: str
    topic: str
    topic_id: str
    ranges: Sequence[OffsetRange]
    files: Sequence[StagedFile]
    rejects: pl.DataFrame
    totals: pl.DataFrame
    max_event_times: pl.DataFrame
    events_per_partition: Mapping[int, int]
    n_events: int
    n_late: int
    n_unknown_user: int
    sum_bytes: int
    floor: datetime | None = None
    duration_ms: dict[str, float] = field(default_factory=dict)

    @property
    def is_touch(self) -> bool:
        """Whether it moves no offset and only says that partitions' ends were met."""
        return all(item.is_empty for item in self.ranges)


def new_batch_id() -> str:
    """Return a UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits, so that ids sort by time."""
    milliseconds = time.time_ns() // 1_000_000
    value = milliseconds << 80 | 0x7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=value))


def commit_micro_batch(database: Database, worker: str, batch: MicroBatch) -> Outcome:
    """Write the batch in one transaction, or nothing.

    In this order: (0) hold the worker's row: without one it was declared gone, and its staged files may be deleted;
    share the hours' file locks and compare the oldest hour kept: what was pruned meanwhile must not come back;
    (a) compare-and-set the partitions' next_offset, ascending;
    (b) micro_batch, offset_range, lake_file and dead_letter rows;
    (c) totals added, in order of their keys; once more with merges alone where somebody else began a window;
    (d) COMMIT, with synchronous_commit on, because publishing follows it.

    Raises what Database.transaction raises; after CommitOutcomeUnknownError ask `is_committed`.
    """
    try:
        return _commit(database, worker, batch, add_totals)
    except KeyTakenError:
        return _commit(database, worker, batch, merge_totals)


def _commit(
    database: Database, worker: str, batch: MicroBatch, add: Callable[[Transaction, pl.DataFrame], None]
) -> Outcome:
    try:
        with database.transaction() as transaction:
            _hold_and_advance(transaction, worker, batch)
            if not batch.is_touch:
                # Step (b).
                _insert_records(transaction, worker, batch)
                # Step (c).
                add(transaction, batch.totals)
                failpoints.reach("after_totals")
            failpoints.reach("before_commit")
            # Step (d) is the end of this block.
    except _AbandonError as abandoned:
        return abandoned.outcome
    failpoints.reach("after_commit")
    return Outcome.COMMITTED


def is_committed(database: Database, batch: MicroBatch) -> bool:
    """Return whether a batch whose COMMIT got no answer stands. Waits for its old transaction to end either way."""
    with database.transaction() as transaction:
        partitions = pl.Series([item.kafka_partition for item in batch.ranges], dtype=pl.Int32)
        transaction.query("lock_offsets", batch.topic_id, partitions)
        return bool(transaction.query("find_micro_batch", batch.batch_id).item())


class _AbandonError(Exception):
    """Rolls the transaction back without being a failure."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


def _hold_and_advance(transaction: Transaction, worker: str, batch: MicroBatch) -> None:
    # Step (0).
    if not touch_worker(transaction, worker):
        raise _AbandonError(Outcome.WORKER_GONE)
    for hour in sorted({file.hour for file in batch.files}):
        share_hour_files(transaction, hour)
    if batch.files and read_retention_floor(transaction) != batch.floor:
        raise _AbandonError(Outcome.CONFLICT)
    # Step (a).
    if not advance_offsets(transaction, batch.topic_id, batch.ranges, batch.max_event_times):
        raise _AbandonError(Outcome.CONFLICT)
    failpoints.reach("after_compare_and_set")


def _insert_records(transaction: Transaction, worker: str, batch: MicroBatch) -> None:
    transaction.query(
        "insert_micro_batch",
        batch.batch_id,
        worker,
        batch.n_events,
        batch.rejects.height,
        batch.n_late,
        batch.n_unknown_user,
        batch.sum_bytes,
        json.dumps(batch.duration_ms),
    )
    ranges = [item for item in batch.ranges if not item.is_empty]
    rejects_per_partition = _count_by_partition(batch.rejects)
    insert_ranges(
        transaction,
        batch.topic_id,
        batch.batch_id,
        ranges,
        pl.Series(
            [batch.events_per_partition.get(item.kafka_partition, 0) for item in ranges], dtype=pl.Int64
        ),
        pl.Series([rejects_per_partition.get(item.kafka_partition, 0) for item in ranges], dtype=pl.Int64),
        "control",
    )
    if batch.files:
        files = batch.files
        transaction.query(
            "insert_lake_files",
            batch.batch_id,
            pl.Series([file.path for file in files]),
            pl.Series([file.stage_path for file in files]),
            pl.Series([file.hour for file in files], dtype=TIMESTAMP),
            pl.Series([file.n_rows for file in files], dtype=pl.Int64),
            pl.Series([file.sum_bytes for file in files], dtype=pl.Int64),
            pl.Series([file.sha256 for file in files]),
        )
    for part in [] if batch.rejects.is_empty() else _slices_of_bytes(batch.rejects):
        columns = ("kafka_partition", "kafka_offset", "reason", "detail", "payload", "payload_bytes")
        transaction.query(
            "insert_dead_letters", batch.topic_id, batch.topic, *(part[column] for column in columns)
        )


def _count_by_partition(rejects: pl.DataFrame) -> dict[int, int]:
    if rejects.is_empty():
        return {}
    return dict(rejects.group_by("kafka_partition").len().iter_rows())


def _slices_of_bytes(rejects: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Yield parts of `rejects` whose payloads fit one statement."""
    size = pl.col("payload").bin.size().fill_null(0).cast(pl.Int64).cum_sum() // _DEAD_LETTER_BYTES
    yield from rejects.with_columns(part=size).partition_by("part", maintain_order=True)
