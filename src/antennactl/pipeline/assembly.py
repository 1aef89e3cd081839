"""Decoded chunks in, at a cut one micro-batch out with its files staged: enrich, totals; no queues, no epochs."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from antennactl.errors import InconsistentError
from antennactl.lake.layout import Lake
from antennactl.lake.stage import stage_events
from antennactl.ledger.micro_batch import MicroBatch, new_batch_id
from antennactl.ledger.workers import Worker
from antennactl.pipeline.exchange import Cut, Parsed, Prepared
from antennactl.schemas import EVENTS, REJECTS, TIMESTAMP
from antennactl.sources.cluster import Topic
from antennactl.sources.users import UserCache
from antennactl.transforms.enrich import count_late, count_unknown, enrich
from antennactl.transforms.totals import aggregate_totals


@dataclass(frozen=True)
class AssemblyPlan:
    """How events become totals and files."""

    topic: Topic
    window_s: float
    lateness_s: float


class Assembly:
    """The open micro-batch: what was decoded of it so far, and each partition's newest event time before it."""

    def __init__(
        self, lake: Lake, users: UserCache, plan: AssemblyPlan, clock: Callable[[], float] = time.time
    ) -> None:
        self._lake = lake
        self._users = users
        self._plan = plan
        self._clock = clock
        self._events: list[pl.DataFrame] = []
        self._rejects: list[pl.DataFrame] = []
        self._max_event_times: dict[int, datetime] = {}
        self._floor: datetime | None = None
        self._decode_s = 0.0

    def begin(self, max_event_times: Mapping[int, datetime], floor: datetime | None) -> None:
        """Begin anew, with each partition's `max_event_time` in the ledger and the oldest hour kept."""
        self.forget()
        self._floor = floor
        self._max_event_times = dict(max_event_times)

    def forget(self) -> None:
        """Drop what was decoded."""
        self._events, self._rejects = [], []
        self._decode_s = 0.0

    def add(self, parsed: Parsed) -> None:
        """Take in a decoded chunk."""
        self._events.append(parsed.decoded.events)
        if not parsed.decoded.rejects.is_empty():
            self._rejects.append(parsed.decoded.rejects)
        self._decode_s += parsed.decode_s

    def prepare(self, cut: Cut, worker: Worker) -> Prepared:
        """Compute the totals, stage the files under `worker`'s name and open the next micro-batch.

        Raises StorageUnavailableError when the files cannot be written; the same call may be made again.
        """
        events = pl.concat(self._events) if self._events else EVENTS.to_frame()
        rejects = self._all_rejects()
        started = time.perf_counter()
        batch_id = new_batch_id()
        _check_offsets(events, cut)
        times = events.group_by("kafka_partition").agg(
            pl.len(), pl.col("timestamp").max().alias("max_event_time")
        )
        # Not kept: a second copy of the events beside their totals and files would be the peak of memory.
        n_unknown = count_unknown(enrich(events, self._users.users_for(events["id"])))
        totals = aggregate_totals(events, self._plan.window_s)
        n_late = count_late(events, self._known_times(), self._plan.lateness_s)
        totalled = time.perf_counter()
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
            n_unknown_user=n_unknown,
            sum_bytes=int(events["bytes"].sum()),
            floor=self._floor,
            duration_ms={
                "poll": _milliseconds(cut.cut_at - cut.opened_at),
                "decode": _milliseconds(self._decode_s),
                "totals": _milliseconds(totalled - started),
                "stage": _milliseconds(time.perf_counter() - totalled),
            },
        )
        self._raise_times(times)
        self.forget()
        return Prepared(
            epoch=cut.epoch,
            worker=worker,
            batch=batch,
            topic_check=cut.topic_check,
            opened_at=cut.opened_at,
            cut_at=cut.cut_at,
            reject_reasons=_count_reasons(rejects),
            event_time=_bounds(events),
        )

    def _all_rejects(self) -> pl.DataFrame:
        return pl.concat(self._rejects) if self._rejects else REJECTS.to_frame()

    def _known_times(self) -> pl.DataFrame:
        times = self._max_event_times
        return pl.DataFrame(
            {"kafka_partition": list(times.keys()), "max_event_time": list(times.values())},
            schema={"kafka_partition": pl.Int32, "max_event_time": TIMESTAMP},
        )

    def _raise_times(self, times: pl.DataFrame) -> None:
        for partition, _, newest in times.iter_rows():
            self._max_event_times[partition] = max(newest, self._max_event_times.get(partition, newest))


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
            raise InconsistentError(
                message, hint="this is a fault of antennactl; nothing was committed, a restart is exact"
            )


def _count_reasons(rejects: pl.DataFrame) -> dict[str, int]:
    return dict(rejects.group_by("reason").len().iter_rows())


def _bounds(events: pl.DataFrame) -> tuple[datetime, datetime] | None:
    if events.is_empty():
        return None
    low, high = events.select(low=pl.col("timestamp").min(), high=pl.col("timestamp").max()).row(0)
    return low, high


def _milliseconds(seconds: float) -> float:
    return round(seconds * 1000, 1)
