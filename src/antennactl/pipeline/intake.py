"""Kafka and the ledger's offsets in, chunks and cuts out: decides what a micro-batch covers; begins anew when told."""

import logging
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Full
from typing import Any, Final

import polars as pl

from antennactl import failpoints
from antennactl.errors import (
    DataLossError,
    KafkaRefusedError,
    KafkaUnavailableError,
    OffsetConflictError,
    PostgresRefusedError,
    PostgresUnavailableError,
    ServiceUnavailableError,
    TopicRecreatedError,
)
from antennactl.ledger.connection import RetryableLedgerError
from antennactl.ledger.stream import StreamLedger
from antennactl.ledger.workers import Worker
from antennactl.pipeline.exchange import WAIT_S, Chunk, Cut, Exchange, Opened
from antennactl.rules.offsets import beyond_end, cut_ranges, is_drained, lost_ranges
from antennactl.sources.cluster import Topic, TopicCheck
from antennactl.sources.kafka import KafkaSource

CHUNK_MESSAGES: Final = 10_000
CHUNK_BYTES: Final = 2 * 1024 * 1024
_FEWEST_MESSAGES: Final = 100
MAX_BATCH_BYTES: Final = 256 * 1024 * 1024
_POLL_S: Final = 0.1
# Waiting longer than this for the next stage, the partitions are paused and only the group is served.
_PAUSE_AFTER_S: Final = 2.0
_IDLE_CHECK_S: Final = 10.0
# Two minutes of messages that are there and do not come: the client is stuck, and a new process is not.
_MAX_STALLED: Final = 12
_DRAIN_CHECK_S: Final = 0.3
_RETRY_S: Final = 1.0
# A worker that was stopped for long still commits what it had queued: many losses in a moment, but soon over.
_MAX_CONFLICTS: Final = 3
_CONFLICTS_FOR_S: Final = 5.0

_log = logging.getLogger("antennactl.stream")


@dataclass(frozen=True)
class IntakePlan:
    """What to read and when to cut. `drain_to`: end offsets to stop at; None: go on until stopped."""

    topic: Topic
    interval_s: float
    max_rows: int
    drain_to: Mapping[int, int] | None
    record_loss: bool


class Intake:
    """Reads what the group grants, from the ledger's offsets, in micro-batches of an interval or `max_rows`.

    A batch starts at the offset its partition was assigned at, not at its first message, and ends at the consumer's
    position: control records and gaps lie between.
    """

    def __init__(
        self,
        source: KafkaSource,
        ledger: StreamLedger,
        exchange: Exchange,
        plan: IntakePlan,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._source = source
        self._ledger = ledger
        self._exchange = exchange
        self._plan = plan
        self._clock = clock
        self._outbox: deque[Opened | Chunk | Cut] = deque()
        self._waiting_since: float | None = None
        self._is_paused = False
        self._is_reading = False
        self._retry_at = 0.0
        self._noted: tuple[Worker, frozenset[int]] = (exchange.worker, frozenset())
        self._starts: dict[int, int] = {}
        self._caught_up: dict[int, datetime] = {}
        self._rows = 0
        self._bytes = 0
        self._chunk_messages = CHUNK_MESSAGES
        self._opened_at = clock()
        self._idle_check_at = 0.0
        self._stalled = 0
        self._drain_check_at = 0.0
        self._target_check_at = 0.0
        self._conflicts_since = clock()
        self._is_stopping = False
        self._has_stopped = False
        self.is_finished = False

    def stop(self) -> None:
        """Cut what is open, hand it over and finish."""
        self._is_stopping = True

    def step(self) -> None:
        """Do the next small piece: begin anew, hand over, or poll and perhaps cut. Blocks for a moment at most."""
        if self._source.is_rebalanced:
            self._source.is_rebalanced = False
            self._exchange.forget_conflicts()
            self._begin_anew()
        elif self._exchange.needs_reset:
            self._check_conflicts()
            self._begin_anew()
        if not self._is_reading:
            self._open_when_settled()
        elif self._outbox:
            self._hand_over()
        else:
            self._read()
        self._source.commit(self._exchange.take_committed())
        self._check_drained()
        if self._is_stopping and not self._outbox and (self._has_stopped or not self._is_reading):
            self.is_finished = True

    def _check_conflicts(self) -> None:
        conflicts = self._exchange.conflicts
        if conflicts <= 1:
            self._conflicts_since = self._clock()
        if conflicts >= _MAX_CONFLICTS and self._clock() - self._conflicts_since >= _CONFLICTS_FOR_S:
            message = (
                f"another consumer moves the offsets of topic {self._plan.topic.name} in the same ledger"
            )
            raise OffsetConflictError(
                message, hint="stop the other group, or start all workers with the same --group"
            )

    def _begin_anew(self) -> None:
        """Discard all that is not committed: a new epoch, nothing assigned."""
        self._source.unassign()
        self._exchange.begin_epoch()
        for item in self._outbox:
            if isinstance(item, Cut):
                self._exchange.settle()
        self._outbox.clear()
        self._is_reading = self._is_paused = False
        self._starts = {}
        self._rows = self._bytes = 0
        self._caught_up = {}
        self._waiting_since = None

    def _open_when_settled(self) -> None:
        """Assign at the ledger's offsets, once no micro-batch of ours can still move them."""
        self._source.poll(1, _POLL_S)  # nothing is assigned: serves the group's callbacks
        if self._source.is_rebalanced or not self._exchange.is_settled or self._clock() < self._retry_at:
            return
        granted = self._source.granted
        if not granted and self._noted == (self._exchange.worker, granted):
            return
        try:
            offsets = self._read_offsets()
            floor = self._ledger.read_floor()
            self._note_assignment()
        except (ServiceUnavailableError, RetryableLedgerError) as error:
            if isinstance(error, KafkaRefusedError | PostgresRefusedError):
                raise
            _log.warning("%s; trying again", error)
            self._retry_at = self._clock() + _RETRY_S
            return
        if not granted:
            return
        self._starts = {p: offset for p, offset in _pairs(offsets, "next_offset") if p in granted}
        self._source.assign(self._starts)
        self._exchange.read_from(self._starts)
        times = {p: time for p, time in _pairs(offsets, "max_event_time") if time is not None}
        self._outbox.append(Opened(self._exchange.epoch, times, floor))
        self._is_reading = True
        self._open_batch()

    def _note_assignment(self) -> None:
        """Tell the ledger once what this worker was granted, under the name that it has now."""
        noted = (self._exchange.worker, self._source.granted)
        if noted != self._noted:
            self._ledger.note_assignment(*noted)
            self._noted = noted

    def _read_offsets(self) -> pl.DataFrame:
        """Return the ledger's offsets, all partitions entered, after recovery and after what we lost is settled.

        Of partitions that others read we say nothing: what the topic no longer has they may hold, about to commit it.
        """
        topic = self._source.cluster.describe_topic()
        self._check_topic(topic)
        self._ledger.recover()
        offsets = self._ledger.open_partitions(topic, self._source.cluster.log_starts)
        following = {p: offset for p, offset in _pairs(offsets, "next_offset") if p in self._source.granted}
        ends = self._source.cluster.end_offsets(following)
        if past := beyond_end(following, ends):
            message = (
                f"topic {topic.name} partition {past[0]}: stored={following[past[0]]} end={ends[past[0]]}"
            )
            raise DataLossError(message, hint="records that were read are gone from the topic")
        lost = lost_ranges(following, self._source.cluster.log_starts(following))
        if not lost:
            return offsets
        if not self._plan.record_loss:
            first = lost[0]
            partition = f"topic {topic.name} partition {first.kafka_partition}"
            message = f"{partition}: stored={first.next_offset} oldest={first.log_start}"
            raise DataLossError(
                message, hint="records are gone unread; go on after them with --on-data-loss record"
            )
        self._ledger.record_lost(lost)
        return self._ledger.read_offsets()

    def _check_topic(self, topic: Topic) -> None:
        if topic.topic_id != self._plan.topic.topic_id:
            stored = self._plan.topic.topic_id
            message = f"topic {topic.name} was deleted and made again: stored={stored} seen={topic.topic_id}"
            raise TopicRecreatedError(message, hint="go on with the new topic: stream --accept-new-topic")

    def _hand_over(self) -> None:
        """Give the next stage what waits for it. While it is busy for long, pause and serve the group alone."""
        try:
            self._exchange.raw.put(self._outbox[0], timeout=WAIT_S)
        except Full:
            self._waiting_since = self._waiting_since or self._clock()
            if self._clock() - self._waiting_since > _PAUSE_AFTER_S:
                self._pause()
            return
        if isinstance(self._outbox.popleft(), Cut):
            failpoints.reach("after_poll")
        self._waiting_since = None
        if self._is_paused and not self._outbox:
            self._source.resume()
            self._is_paused = False

    def _pause(self) -> None:
        if not self._is_paused:
            self._source.pause()
            self._is_paused = True
        self._poll(_POLL_S)

    def _read(self) -> None:
        if self._is_stopping:
            self._cut()
            self._has_stopped = True
            return
        due = self._opened_at + self._plan.interval_s - self._clock()
        self._poll(min(_POLL_S, max(due, 0.001)))
        if self._exchange.needs_reset or self._source.is_rebalanced:
            return
        is_full = self._rows >= self._plan.max_rows or self._bytes >= MAX_BATCH_BYTES
        if is_full or self._clock() >= self._opened_at + self._plan.interval_s or self._is_at_target():
            self._cut()

    def _poll(self, timeout_s: float) -> None:
        clock = datetime.fromtimestamp(self._clock(), tz=UTC)
        wanted = min(self._chunk_messages, max(1, self._plan.max_rows - self._rows))
        polled = self._source.poll(wanted, timeout_s)
        if self._source.is_rebalanced:
            return
        if polled.is_out_of_range:
            self._exchange.ask_for_reset()
            return
        if polled.payloads:
            self._stalled = 0
            self._outbox.append(
                Chunk(self._exchange.epoch, polled.payloads, polled.partitions, polled.offsets)
            )
            self._rows += len(polled.payloads)
            self._bytes += polled.n_bytes
            self._chunk_messages = _fit_chunk(len(polled.payloads), polled.n_bytes)
        self._caught_up.update(dict.fromkeys(polled.ends, clock))

    def _cut(self) -> None:
        """End the open micro-batch where the consumer stands, and open the next one there."""
        if not self._rows:
            self._touch_idle()
        ranges = cut_ranges(self._starts, self._source.positions(), self._caught_up)
        if ranges:
            self._exchange.note_cut()
            check = TopicCheck(self._source.cluster, self._check_topic)
            self._outbox.append(Cut(self._exchange.epoch, ranges, check, self._opened_at, self._clock()))
        self._starts.update({item.kafka_partition: item.next_offset for item in ranges})
        self._open_batch()

    def _open_batch(self) -> None:
        self._rows = self._bytes = 0
        self._caught_up = {}
        self._opened_at = self._clock()

    def _touch_idle(self) -> None:
        """Say of partitions without traffic that they are still read to their end, at most every 10 s."""
        if self._clock() < self._idle_check_at or not self._starts:
            return
        self._idle_check_at = self._clock() + _IDLE_CHECK_S
        clock = datetime.fromtimestamp(self._clock(), tz=UTC)
        try:
            ends = self._source.cluster.end_offsets(self._starts)
        except KafkaUnavailableError:
            return
        positions = {**self._starts, **self._source.positions()}
        for partition, end in ends.items():
            if positions[partition] >= end:
                self._caught_up.setdefault(partition, clock)
        self._watch_progress(any(positions[partition] < end for partition, end in ends.items()))

    def _watch_progress(self, is_behind: bool) -> None:  # noqa: FBT001 - it is or is not
        """End the process when messages wait in the topic and none has come for many checks in a row."""
        self._stalled = self._stalled + 1 if is_behind else 0
        if self._stalled >= _MAX_STALLED:
            waited_s = _MAX_STALLED * _IDLE_CHECK_S
            message = f"topic {self._plan.topic.name} has messages, but none came for {waited_s:.0f} s"
            raise KafkaRefusedError(message, hint="start again; the ledger says where to go on")

    def _is_at_target(self) -> bool:
        """Return whether the open micro-batch takes all of ours to the end offsets of a drain."""
        if self._plan.drain_to is None or self._clock() < self._target_check_at:
            return False
        self._target_check_at = self._clock() + _POLL_S
        positions = {**self._starts, **self._source.positions()}
        mine = {partition: self._plan.drain_to.get(partition, 0) for partition in self._starts}
        return positions != self._starts and is_drained(positions, mine)

    def _check_drained(self) -> None:
        """Finish when the ledger has reached the end offsets, whoever committed them."""
        if self._plan.drain_to is None or self._outbox or self._rows or not self._exchange.is_settled:
            return
        if self._clock() < self._drain_check_at:
            return
        self._drain_check_at = self._clock() + _DRAIN_CHECK_S
        try:
            offsets = self._ledger.read_offsets()
        except (PostgresUnavailableError, RetryableLedgerError):
            return
        if is_drained(dict(_pairs(offsets, "next_offset")), self._plan.drain_to):
            self.is_finished = True


def _fit_chunk(n_messages: int, n_bytes: int) -> int:
    """Return how many messages of the size of these make CHUNK_BYTES: of large ones many would be in the queues."""
    fitting = CHUNK_BYTES * n_messages // max(1, n_bytes)
    return min(CHUNK_MESSAGES, max(_FEWEST_MESSAGES, fitting))


def _pairs(offsets: pl.DataFrame, column: str) -> Iterator[tuple[int, Any]]:
    return zip(offsets["kafka_partition"], offsets[column], strict=True)
