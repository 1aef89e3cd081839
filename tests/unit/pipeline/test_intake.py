"""The intake begins anew when it has to, ends a drain wherever it stands, and tells a passing loss from a rival."""

from dataclasses import replace

import pytest

from antennactl.errors import KafkaRefusedError, OffsetConflictError
from antennactl.sources.kafka import Polled
from simulation.broker import Broker, SimulatedSource
from simulation.disk import Disk
from simulation.ledger import Server, simulated_driver
from simulation.worker import ROOT, StreamProcess, plan_of
from simulation.world import World


class Stage:
    """A stream process whose intake is stepped by hand, over a topic with `n` messages in one partition."""

    def __init__(self, n: int, drain_to: int | None = None) -> None:
        self.world = World(1, is_calm=True)
        self.broker = Broker(self.world, 1)
        self.broker.logs[0].records = [b"0 %d 0 0 7" % offset for offset in range(n)]
        self.server = Server(self.world)
        plan = plan_of(self.broker, 1.0, 100, None if drain_to is None else {0: drain_to})
        self.process = StreamProcess("p", self.world, Disk(self.world, ROOT), self.server, self.broker, plan)
        self.intake = self.process.intake
        self.exchange = self.process.exchange
        with simulated_driver():
            self.process.stages[0].step()
        self.step(4)

    @property
    def source(self) -> SimulatedSource:
        return self.process.source

    def step(self, n: int = 1) -> None:
        with simulated_driver():
            for _ in range(n):
                self.intake.step()
                self.world.now += 0.1


def test_a_drain_ends_for_a_worker_that_lost_its_partitions_amid_a_batch() -> None:
    stage = Stage(3, drain_to=4)
    stage.source.announced = set()
    stage.step(3)
    assert not stage.intake.is_finished
    stage.server.tables.offsets[0].next_offset = 4  # whoever has them now committed them
    stage.step(5)
    assert stage.intake.is_finished


def test_losses_that_are_soon_over_are_forgiven() -> None:
    stage = Stage(3)
    for _ in range(5):
        stage.exchange.ask_for_reset(conflict=True)
        stage.step(3)
    assert stage.exchange.conflicts == 5


def test_a_rival_that_goes_on_and_on_ends_the_loser() -> None:
    stage = Stage(3)
    stage.exchange.ask_for_reset(conflict=True)
    stage.step(60)
    stage.exchange.ask_for_reset(conflict=True)
    stage.step()
    stage.exchange.ask_for_reset(conflict=True)
    with pytest.raises(OffsetConflictError):
        stage.step()


def test_messages_that_are_there_and_do_not_come_end_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(3)
    stage.broker.logs[0].records += [b"0 3 0 0 7"]
    monkeypatch.setattr(stage.source, "poll", lambda *_: Polled())
    with pytest.raises(KafkaRefusedError, match="has messages, but none came"):
        stage.step(2_000)


def test_a_chunk_takes_fewer_messages_the_larger_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    """Several chunks wait in the queues: ten thousand large messages in each would be all of the memory."""
    stage = Stage(0)
    wanted: list[int] = []
    sizes = iter([200, 2_000, 65_536, 200_000, 0, 200])

    def poll(n: int, _timeout_s: float) -> Polled:
        wanted.append(n)
        offset = len(wanted)
        return Polled([b"x" * next(sizes)], [0], [offset])

    monkeypatch.setattr(stage.source, "poll", poll)
    monkeypatch.setattr(stage.intake, "_plan", replace(stage.intake._plan, max_rows=10**6, interval_s=1e9))  # noqa: SLF001
    with pytest.raises(StopIteration):
        stage.step(50)
    assert wanted == [10_000, 10_000, 1_048, 100, 100, 10_000, 10_000]


def test_a_topic_that_is_read_to_its_end_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage(3)
    monkeypatch.setattr(stage.source, "poll", lambda *_: Polled())
    stage.step(2_000)
