"""Micro-batches made by hand, for tests of what their transaction guarantees."""

from datetime import UTC, datetime

import polars as pl

from antennactl.lake.layout import Lake
from antennactl.lake.stage import stage_events
from antennactl.ledger.connection import Database
from antennactl.ledger.micro_batch import MicroBatch, new_batch_id
from antennactl.ledger.offsets import insert_offsets
from antennactl.ledger.workers import Worker, new_worker, register_worker
from antennactl.rules.offsets import OffsetRange
from antennactl.schemas import EVENTS, REJECTS
from antennactl.transforms.totals import aggregate_totals

HOUR = datetime(2026, 10, 25, 1, tzinfo=UTC)
TOPIC, TOPIC_ID = "devices", "topic-id"


def open_topic(database: Database, partitions: int = 2) -> Worker:
    """Enter the topic's partitions at offset 0 and a worker; return the worker."""
    worker = new_worker()
    with database.transaction() as transaction:
        insert_offsets(transaction, TOPIC_ID, TOPIC, dict.fromkeys(range(partitions), 0))
        register_worker(transaction, worker)
    return worker


def make_batch(lake: Lake, worker: Worker, first: int = 0, n: int = 10, rejected: int = 1) -> MicroBatch:
    """Stage a batch of partition 0 from `first` on: `n` events of 7 bytes, then rejects, then one control record."""
    rows = [(HOUR, f"u{number % 3}", "a", 7, "SKYPE", 0, first + number) for number in range(n)]
    events = pl.DataFrame(rows, schema=EVENTS, orient="row")
    letters = [(0, first + n + number, "not_json", "x", b"{", 1) for number in range(rejected)]
    batch_id = new_batch_id()
    return MicroBatch(
        batch_id=batch_id,
        topic=TOPIC,
        topic_id=TOPIC_ID,
        ranges=[OffsetRange(0, first, first + n + rejected + 1)],
        files=stage_events(lake, worker.name, batch_id, TOPIC_ID, events),
        rejects=pl.DataFrame(letters, schema=REJECTS, orient="row"),
        totals=aggregate_totals(events, 300),
        max_event_times=events.group_by("kafka_partition").agg(
            pl.col("timestamp").max().alias("max_event_time")
        ),
        events_per_partition={0: n},
        n_events=n,
        n_late=0,
        n_unknown_user=0,
        sum_bytes=7 * n,
        duration_ms={"poll": 1.5},
    )


def rows_of(database: Database, statement: str) -> list[tuple[object, ...]]:
    """Return the rows of one statement."""
    with database.transaction() as transaction:
        return transaction.query_text(statement).rows()
