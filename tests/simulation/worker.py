"""One process of `stream`: the real intake, transform and commit over simulated disk, ledger and broker.

Only decoding and Parquet are replaced, for speed: a payload is five numbers, a file has a line a row.
"""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from queue import Empty, Full, Queue
from typing import Any, Final

import polars as pl

from antennactl.errors import AntennactlError, InconsistentError, ServiceUnavailableError
from antennactl.lake.layout import Lake
from antennactl.lake.stage import HourFile, stage_files
from antennactl.ledger.connection import RetryableLedgerError
from antennactl.ledger.micro_batch import MicroBatch
from antennactl.ledger.offsets import NO_TIMES
from antennactl.ledger.stream import StreamLedger
from antennactl.ledger.workers import Worker
from antennactl.pipeline.assembly import Assembly
from antennactl.pipeline.commit import Commit
from antennactl.pipeline.decoding import Decoding
from antennactl.pipeline.exchange import Cut, Exchange, Parsed, Prepared
from antennactl.pipeline.intake import Intake, IntakePlan
from antennactl.pipeline.transform import Transform
from antennactl.schemas import REJECTS, TOTALS
from antennactl.sources.cluster import Topic
from simulation.broker import TOPIC, TOPIC_ID, Broker, SimulatedSource, event_of
from simulation.disk import Disk, DiskOf
from simulation.ledger import Server, SimulatedDatabase
from simulation.world import World

ROOT: Final = Path("/lake")
FIRST_HOUR: Final = datetime(2026, 10, 25, tzinfo=UTC)
TYPE: Final = "user_total_bytes"


class SimulatedQueue(Queue[Any]):
    """A queue that never waits: its stages are told to sleep instead."""

    def __init__(self, size: int, world: World) -> None:
        self.size = size
        self.items: deque[Any] = deque()
        self._world = world

    def put(self, item: Any, block: bool = True, timeout: float | None = None) -> None:  # noqa: ARG002, FBT001, FBT002 - the real one's
        """Append, or raise Full."""
        if len(self.items) >= self.size:
            self._world.sleep(timeout or 0)
            raise Full
        self.items.append(item)

    def get(self, block: bool = True, timeout: float | None = None) -> Any:  # noqa: ARG002, FBT001, FBT002 - the real one's
        """Take the oldest, or raise Empty."""
        if not self.items:
            self._world.sleep(timeout or 0)
            raise Empty
        return self.items.popleft()


class SimulatedExchange(Exchange):
    """The real exchange over queues that never wait."""

    def __init__(self, worker: Worker, world: World) -> None:
        super().__init__(worker)
        self.raw = SimulatedQueue(self.raw.maxsize, world)
        self.parsed = SimulatedQueue(self.parsed.maxsize, world)
        self.prepared = SimulatedQueue(self.prepared.maxsize, world)
        self._world = world

    def rest(self, seconds: float) -> None:
        """Let the stage sleep."""
        self._world.sleep(seconds)


class SimulatedDecoded:
    """What became of a chunk: rows, and where the bad messages were."""

    def __init__(self) -> None:
        self.rows: list[tuple[int, int, int, int, int]] = []
        self.bad: list[tuple[int, int]] = []
        self.rejects: dict[str, list[str]] = {"reason": []}


def decode_simulated(
    payloads: Sequence[bytes | None],
    partitions: Sequence[int],
    offsets: Sequence[int],
    _now_s: int,
    _floor_s: int,
) -> Any:
    """Decode a chunk of simulated messages."""
    decoded = SimulatedDecoded()
    for payload, partition, offset in zip(payloads, partitions, offsets, strict=True):
        event = None if payload is None else event_of(payload)
        if event is None:
            decoded.bad.append((partition, offset))
        else:
            # The place is the broker's, the content the payload's: the oracle sees when they do not fit.
            decoded.rows.append((partition, offset, *event[2:]))
    return decoded


class SimulatedAssembly(Assembly):
    """Decodes and stages the simulated messages; the control flow around it is real."""

    def __init__(self, lake: Lake, new_batch_id: Callable[[], str]) -> None:
        self._lake = lake
        self._new_batch_id = new_batch_id
        self._rows: list[tuple[int, int, int, int, int]] = []
        self._bad: list[tuple[int, int]] = []

    def begin(self, max_event_times: Mapping[int, datetime], floor: datetime | None) -> None:  # noqa: ARG002 - neither is used
        """Begin anew."""
        self.forget()

    def forget(self) -> None:
        """Drop what was decoded."""
        self._rows, self._bad = [], []

    def add(self, parsed: Parsed) -> None:
        """Take in a decoded chunk."""
        decoded: Any = parsed.decoded
        self._rows += decoded.rows
        self._bad += decoded.bad

    def prepare(self, cut: Cut, worker: Worker) -> Prepared:
        """Stage the files of a micro-batch."""
        rows, batch_id = self._rows, self._new_batch_id()
        _check_offsets([*rows, *self._bad], cut)
        hours: dict[int, list[tuple[int, int, int, int, int]]] = {}
        totals: dict[tuple[int, int], int] = {}
        newest: dict[int, int] = {}
        counts: dict[int, int] = {}
        for row in rows:
            partition, _, hour, user, size = row
            hours.setdefault(hour, []).append(row)
            totals[hour, user] = totals.get((hour, user), 0) + size
            newest[partition] = max(hour, newest.get(partition, 0))
            counts[partition] = counts.get(partition, 0) + 1
        contents = [_hour_file(hour, hours[hour]) for hour in sorted(hours)]
        files = stage_files(self._lake, worker.name, batch_id, contents)
        sum_bytes = sum(row[4] for row in rows)
        batch = MicroBatch(
            batch_id=batch_id,
            topic=TOPIC,
            topic_id=TOPIC_ID,
            ranges=cut.ranges,
            files=files,
            rejects=_rejects(tuple(self._bad)),
            totals=_totals(tuple((*key, totals[key]) for key in sorted(totals))),
            max_event_times=_newest(tuple(sorted(newest.items()))),
            events_per_partition=counts,
            n_events=len(rows),
            n_late=0,
            n_unknown_user=0,
            sum_bytes=sum_bytes,
        )
        self.forget()
        return Prepared(cut.epoch, worker, batch, cut.topic_check, cut.opened_at, cut.cut_at, {}, None)


class Stage:
    """A stage and when it goes on."""

    def __init__(self, name: str, step: Callable[[], None]) -> None:
        self.name = name
        self.step = step
        self.wakes_at = 0.0
        self.is_running = False
        self.is_over = False


class StreamProcess:
    """A process from its start to its end, made of stages that the scheduler steps."""

    def __init__(
        self, name: str, world: World, disk: Disk, server: Server, broker: Broker, plan: IntakePlan
    ) -> None:
        self.name = name
        self.is_dead = self.is_frozen = self.is_ending = self.has_left = False
        self.workers: list[str] = []
        self._world = world
        self._n_batches = 0
        lake = Lake(ROOT, DiskOf(disk, self))
        topic = plan.topic
        self.exchange = SimulatedExchange(self._name_worker(), world)
        self.source = SimulatedSource(broker, self)
        self.ledger = StreamLedger(SimulatedDatabase(server, self), lake, topic)
        commits = StreamLedger(SimulatedDatabase(server, self), lake, topic)
        self.intake = Intake(self.source, self.ledger, self.exchange, plan, world.clock)
        self.decoding = Decoding(self.exchange, 1.0, world.clock, decode_simulated)
        self.transform = Transform(self.exchange, SimulatedAssembly(lake, self._new_batch_id))
        self.commit = Commit(self.exchange, commits, lambda _progress: None, world.clock, self._name_worker)
        self.stages = [Stage("start", self._start)]

    def _start(self) -> None:
        try:
            self.ledger.register(self.exchange.worker)
        except (ServiceUnavailableError, RetryableLedgerError):
            self.exchange.worker = self._name_worker()
            self._world.sleep(0.5)
            return
        self.source.subscribe()
        raw, parsed, prepared = self.exchange.raw, self.exchange.parsed, self.exchange.prepared
        self.stages = [
            Stage("intake", lambda: self._step(0, self.intake, raw)),
            Stage("decoding", lambda: self._step(1, self.decoding, parsed)),
            Stage("transform", lambda: self._step(2, self.transform, prepared)),
            Stage("commit", lambda: self._step(3, self.commit, None)),
        ]

    def _step(
        self, number: int, stage: Intake | Decoding | Transform | Commit, downstream: Queue[Any] | None
    ) -> None:
        """Do what a thread of `run_stages` does in one round."""
        if not stage.is_finished:
            stage.step()
        elif downstream is None:
            self.stages[number].is_over = True
        else:
            try:
                downstream.put(None, timeout=0.2)
            except Full:
                return
            self.stages[number].is_over = True

    def end(self) -> None:
        """End all stages, after an error or when they are done; leaving is what remains."""
        self.is_ending = True
        self.stages = [Stage("leave", self._leave)]

    def _leave(self) -> None:
        try:
            self.source.close()
            self.ledger.leave(self.exchange.worker)
        except AntennactlError as error:
            self._world.note(self.name, f"could not leave: {error}")
        self.has_left = self.stages[0].is_over = True

    def _name_worker(self) -> Worker:
        worker = Worker(f"{self.name}-{len(self.workers)}", "host", 1)
        self.workers.append(worker.name)
        return worker

    def _new_batch_id(self) -> str:
        self._n_batches += 1
        return f"{self.name}-b{self._n_batches}"


def plan_of(
    broker: Broker, interval_s: float, max_rows: int, drain_to: Mapping[int, int] | None
) -> IntakePlan:
    """Return a plan that records what retention took."""
    return IntakePlan(
        Topic(TOPIC, TOPIC_ID, tuple(range(len(broker.logs)))),
        interval_s,
        max_rows,
        drain_to,
        record_loss=True,
    )


def _check_offsets(rows: list[Any], cut: Cut) -> None:
    ranges = {item.kafka_partition: item for item in cut.ranges}
    for row in rows:
        item = ranges.get(row[0])
        if item is None or not item.first_offset <= row[1] < item.next_offset:
            raise InconsistentError(f"partition {row[0]} offset {row[1]} does not fit the range {item}")


def _hour_file(hour: int, rows: list[tuple[int, int, int, int, int]]) -> HourFile:
    content = "".join(f"{p} {o} {h} {u} {n}\n" for p, o, h, u, n in rows).encode()
    return HourFile(FIRST_HOUR + timedelta(hours=hour), len(rows), sum(row[4] for row in rows), content)


# Frames are made again and again of the same few rows; nobody changes one.
@lru_cache(8192)
def _rejects(bad: tuple[tuple[int, int], ...]) -> pl.DataFrame:
    rows = [(partition, offset, "not_json", "", b"", 0) for partition, offset in bad]
    return pl.DataFrame(rows, schema=REJECTS, orient="row")


@lru_cache(8192)
def _totals(totals: tuple[tuple[int, int, int], ...]) -> pl.DataFrame:
    rows = [(FIRST_HOUR + timedelta(hours=hour), str(user), size, TYPE) for hour, user, size in totals]
    return pl.DataFrame(rows, schema=TOTALS, orient="row")


@lru_cache(8192)
def _newest(newest: tuple[tuple[int, int], ...]) -> pl.DataFrame:
    rows = [(partition, FIRST_HOUR + timedelta(hours=hour)) for partition, hour in newest]
    return pl.DataFrame(rows, schema=NO_TIMES.schema, orient="row")
