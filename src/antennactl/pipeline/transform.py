"""Chunks and cuts in, micro-batches ready for their transaction out: decode, enrich, totals, staged files."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from queue import Empty, Full
from typing import Final

import polars as pl

from antennactl.decode import decode_messages
from antennactl.errors import InconsistentError, StorageUnavailableError, TooManyRejectsError
from antennactl.lake.layout import Lake
from antennactl.lake.stage import stage_events
from antennactl.ledger.micro_batch import MicroBatch, new_batch_id
from antennactl.pipeline.exchange import Chunk, Cut, Exchange, Opened, Prepared
from antennactl.schemas import EVENTS, REJECTS, TIMESTAMP
from antennactl.sources.kafka import Topic
from antennactl.sources.users import UserCache
from antennactl.transforms.enrich import count_late, count_unknown, enrich
from antennactl.transforms.totals import aggregate_totals

_log = logging.getLogger("antennactl.stream")

_WAIT_S: Final = 0.2
_RETRY_S: Final = 1.0
# A few broken messages among few say nothing yet.
_MIN_JUDGED: Final = 10_000


@dataclass(frozen=True)
class TransformPlan:
    """How events become totals and files."""

    topic: Topic
    window_s: float
    lateness_s: float
    max_reject_ratio: float


class Transform:
    """Decodes chunks as they come and, at a cut, stages what they held. Nothing it does is visible to anybody yet."""

    def __init__(  # noqa: PLR0913 - the outside is handed in, piece by piece
        self,
        exchange: Exchange,
        lake: Lake,
        users: UserCache,
        plan: TransformPlan,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._exchange = exchange
        self._lake = lake
        self._users = users
        self._plan = plan
        self._clock = clock
        self._epoch = 0
        self._events: list[pl.DataFrame] = []
        self._rejects: list[pl.DataFrame] = []
        self._max_event_times: dict[int, datetime] = {}
        self._judged = self._rejected = 0
        self._decode_s = 0.0
        self._cut: Cut | None = None
        self._ready: Prepared | None = None
        self.is_finished = False

    def step(self) -> None:
        """Take one item and work it off, or go on with what could not be staged or handed over."""
        if self._ready is not None:
            self._hand_over(self._ready)
        elif self._cut is not None:
            self._stage(self._cut)
        else:
            self._take()

    def _take(self) -> None:
        try:
            item = self._exchange.raw.get(timeout=_WAIT_S)
        except Empty:
            return
        if item is None:
            self.is_finished = True
            return
        if item.epoch != self._epoch:
            self._forget()
            self._epoch = item.epoch
        match item:
            case Opened():
                self._max_event_times = dict(item.max_event_times)
            case Chunk():
                self._decode(item)
            case Cut():
                self._cut = item

    def _forget(self) -> None:
        self._events, self._rejects = [], []
        self._decode_s = 0.0

    def _decode(self, chunk: Chunk) -> None:
        if chunk.epoch != self._exchange.epoch:
            return
        started = time.perf_counter()
        decoded = decode_messages(chunk.payloads, chunk.partitions, chunk.offsets, int(self._clock()))
        self._events.append(decoded.events)
        if not decoded.rejects.is_empty():
            self._rejects.append(decoded.rejects)
        self._decode_s += time.perf_counter() - started
        self._judged += len(chunk.payloads)
        self._rejected += decoded.rejects.height
        self._judge()

    def _judge(self) -> None:
        """Stop when most messages are rejected: then the topic or this version is wrong, not the messages."""
        if self._judged < _MIN_JUDGED:
            return
        if self._rejected > self._plan.max_reject_ratio * self._judged:
            reasons = _count_reasons(pl.concat(self._rejects)) if self._rejects else {}
            listed = ", ".join(f"{reason} {n}" for reason, n in sorted(reasons.items(), key=lambda item: -item[1]))
            message = f"{self._rejected} of {self._judged} messages of topic {self._plan.topic.name} rejected ({listed})"
            raise TooManyRejectsError(message, hint="is this the right topic? allow more with --max-reject-ratio")
        if self._judged >= 10 * _MIN_JUDGED:
            self._judged = self._rejected = 0

    def _stage(self, cut: Cut) -> None:
        if cut.epoch != self._exchange.epoch:
            self._cut = None
            self._exchange.settle()
            return
        try:
            self._ready = self._prepare(cut)
        except StorageUnavailableError as error:
            _log.warning("%s; trying again", error)
            self._exchange.ended.wait(_RETRY_S)
            return
        self._cut = None
        self._forget()

    def _prepare(self, cut: Cut) -> Prepared:
        events = pl.concat(self._events) if self._events else EVENTS.to_frame()
        rejects = pl.concat(self._rejects) if self._rejects else REJECTS.to_frame()
        started = time.perf_counter()
        batch_id = new_batch_id()
        _check_offsets(events, cut)
        times = events.group_by("kafka_partition").agg(pl.len(), pl.col("timestamp").max().alias("max_event_time"))
        enriched = enrich(events, self._users.users_for(events["id"]))
        totals = aggregate_totals(events, self._plan.window_s)
        n_late = count_late(events, self._known_times(), self._plan.lateness_s)
        totalled = time.perf_counter()
        worker = self._exchange.worker
        files = stage_events(self._lake, worker.name, batch_id, self._plan.topic.topic_id, events)
        batch = MicroBatch(
            batch_id=batch_id,
            topic=self._plan.topic.name,
            topic_id=self._plan.topic.topic_id,
            ranges=cut.ranges,
            files=files,
            rejects=rejects,
            totals=totals,
            max_event_times=times.select("kafka_partition", "max_event_time"),
            events_per_partition=dict(times.select("kafka_partition", "len").iter_rows()),
            n_events=events.height,
            n_late=n_late,
            n_unknown_user=count_unknown(enriched),
            sum_bytes=int(events["bytes"].sum()),
            duration_ms={
                "poll": _milliseconds(cut.cut_at - cut.opened_at),
                "decode": _milliseconds(self._decode_s),
                "totals": _milliseconds(totalled - started),
                "stage": _milliseconds(time.perf_counter() - totalled),
            },
        )
        self._raise_times(times)
        bounds = events.select(low=pl.col("timestamp").min(), high=pl.col("timestamp").max()).row(0)
        return Prepared(
            cut.epoch,
            worker,
            batch,
            cut.topic_check,
            cut.opened_at,
            cut.cut_at,
            _count_reasons(rejects),
            bounds if events.height else None,
        )

    def _known_times(self) -> pl.DataFrame:
        times = self._max_event_times
        return pl.DataFrame(
            {"kafka_partition": list(times.keys()), "max_event_time": list(times.values())},
            schema={"kafka_partition": pl.Int32, "max_event_time": TIMESTAMP},
        )

    def _raise_times(self, times: pl.DataFrame) -> None:
        for partition, _, newest in times.iter_rows():
            self._max_event_times[partition] = max(newest, self._max_event_times.get(partition, newest))

    def _hand_over(self, ready: Prepared) -> None:
        try:
            self._exchange.prepared.put(ready, timeout=_WAIT_S)
        except Full:
            return
        self._ready = None


def _check_offsets(events: pl.DataFrame, cut: Cut) -> None:
    """Make sure that every event lies in the range that the ledger will say was read, once."""
    ranges = {item.kafka_partition: item for item in cut.ranges}
    spans = events.group_by("kafka_partition").agg(
        pl.col("kafka_offset").min().alias("low"), pl.col("kafka_offset").max().alias("high"), pl.len()
    )
    for partition, low, high, n in spans.iter_rows():
        item = ranges.get(partition)
        if item is None or low < item.first_offset or high >= item.next_offset or n > high - low + 1:
            message = f"partition {partition}: {n} events at {low}..{high} do not fit the range {item}"
            raise InconsistentError(message, hint="this is a fault of antennactl; nothing was committed, a restart is exact")


def _count_reasons(rejects: pl.DataFrame) -> dict[str, int]:
    return dict(rejects.group_by("reason").len().iter_rows())


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
