"""What the stages of `stream` ask of PostgreSQL and the lake together; each thread has a StreamLedger of its own."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import polars as pl

from antennactl.lake.layout import Lake
from antennactl.lake.publish import publish_files
from antennactl.lake.recover import recover_lake
from antennactl.lake.stage import discard_staged
from antennactl.ledger.connection import Database
from antennactl.ledger.hours import read_retention_floor
from antennactl.ledger.micro_batch import MicroBatch, Outcome, commit_micro_batch, is_committed
from antennactl.ledger.offsets import NO_TIMES, advance_offsets, insert_offsets, read_offsets, record_lost
from antennactl.ledger.workers import (
    Worker,
    delete_worker,
    note_assignment,
    register_worker,
    touch_worker,
)
from antennactl.rules.offsets import LostRange, OffsetRange
from antennactl.sources.cluster import Topic


class StreamLedger:
    """The ledger of one topic and its lake, over one connection. Every method raises what `Database` raises."""

    def __init__(self, database: Database, lake: Lake, topic: Topic) -> None:
        self._database = database
        self._lake = lake
        self._topic = topic

    def register(self, worker: Worker) -> None:
        """Enter a worker before it stages its first file."""
        with self._database.transaction() as transaction:
            register_worker(transaction, worker)

    def leave(self, worker: Worker) -> None:
        """Take a worker off the list and clear its staging folder."""
        with self._database.transaction() as transaction:
            delete_worker(transaction, worker.name)
        recover_lake(self._database, self._lake)

    def keep_alive(self, worker: Worker) -> None:
        """Beat the worker's heart. One that was declared gone hears of it at its next micro-batch."""
        with self._database.transaction() as transaction:
            touch_worker(transaction, worker.name)

    def note_assignment(self, worker: Worker, partitions: Iterable[int]) -> None:
        """Write down which partitions the worker reads from now on, for whoever asks."""
        with self._database.transaction() as transaction:
            note_assignment(transaction, worker.name, partitions)

    def recover(self) -> None:
        """Publish what is committed and clear up after dead workers."""
        recover_lake(self._database, self._lake)

    def read_offsets(self) -> pl.DataFrame:
        """Return kafka_partition, next_offset, max_event_time and caught_up_at of every partition."""
        with self._database.transaction() as transaction:
            return read_offsets(transaction, self._topic.topic_id)

    def open_partitions(
        self, topic: Topic, first_offsets: Callable[[Iterable[int]], Mapping[int, int]]
    ) -> pl.DataFrame:
        """Return `read_offsets`, after entering partitions that have no row yet at their `first_offsets`."""
        known = self.read_offsets()
        missing = sorted(set(topic.partitions) - set(known["kafka_partition"]))
        if not missing:
            return known
        starts = first_offsets(missing)
        with self._database.transaction() as transaction:
            insert_offsets(transaction, topic.topic_id, topic.name, starts)
            return read_offsets(transaction, topic.topic_id)

    def record_lost(self, lost: Sequence[LostRange]) -> None:
        """Write down offsets that the topic no longer has, and go on after them."""
        with self._database.transaction() as transaction:
            record_lost(transaction, self._topic.topic_id, lost)

    def read_floor(self) -> datetime | None:
        """Return the oldest hour kept, None while nothing was pruned."""
        with self._database.transaction() as transaction:
            return read_retention_floor(transaction)

    def mark_caught_up(self, ranges: Sequence[OffsetRange]) -> None:
        """Note when partitions were read to their end, those that somebody has moved since left out."""
        with self._database.transaction() as transaction:
            advance_offsets(transaction, self._topic.topic_id, ranges, NO_TIMES)

    def commit(self, worker: Worker, batch: MicroBatch) -> Outcome:
        """Write a micro-batch in its one transaction."""
        return commit_micro_batch(self._database, worker.name, batch)

    def is_committed(self, batch: MicroBatch) -> bool:
        """Return whether a batch whose COMMIT got no answer stands."""
        return is_committed(self._database, batch)

    def publish(self, batch: MicroBatch) -> None:
        """Rename a committed batch's files into the lake."""
        publish_files(self._database, self._lake, batch.files)

    def discard(self, batch: MicroBatch) -> None:
        """Remove the staged files of a batch that is known not to be committed."""
        discard_staged(self._lake, batch.files)
