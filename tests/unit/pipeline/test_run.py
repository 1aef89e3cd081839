"""Who watches the process hears of it while every stage gets on, and hears nothing while one of them hangs."""

import threading
from typing import Any, cast

from antennactl.ledger.workers import Worker
from antennactl.pipeline.exchange import Exchange
from antennactl.pipeline.run import Stages, run_stages


class Stage:
    """Steps until it is told to finish; hangs in a step while its gate is shut."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.steps = threading.Semaphore(0)
        self.is_finished = False

    def step(self) -> None:
        self.gate.wait()
        self.steps.release()
        threading.Event().wait(0.005)

    def stop(self) -> None:
        self.is_finished = True


class Watch:
    """Counts what it hears."""

    def __init__(self) -> None:
        self.beats = threading.Semaphore(0)
        self.n_beats = 0
        self.n_stops = 0

    def beat(self) -> None:
        self.n_beats += 1
        self.beats.release()

    def stop(self) -> None:
        self.n_stops += 1


def take(semaphore: threading.Semaphore, n: int) -> None:
    for _ in range(n):
        assert semaphore.acquire(timeout=60)


def test_a_stage_that_hangs_is_not_covered_up_by_those_that_get_on() -> None:
    intake, decoding, transform, commit = stages = [Stage() for _ in range(4)]
    watch, stop = Watch(), threading.Event()
    made = Stages(*cast("list[Any]", stages))
    exchange = Exchange(Worker("w", "host", 1))
    running = threading.Thread(target=run_stages, args=(made, exchange, stop, watch))
    running.start()
    take(watch.beats, 3)
    decoding.gate.clear()
    while decoding.steps.acquire(timeout=0.5):  # what it had begun is through
        pass
    silent_from = watch.n_beats
    for stage in (intake, transform, commit):
        while stage.steps.acquire(blocking=False):
            pass
        take(stage.steps, 100)
    assert watch.n_beats - silent_from <= 1  # the one that its last step was owed
    assert watch.n_stops == 0
    while watch.beats.acquire(blocking=False):
        pass
    decoding.gate.set()
    take(watch.beats, 3)
    stop.set()
    for stage in (decoding, transform, commit):
        stage.stop()
    running.join(60)
    assert not running.is_alive()
    assert watch.n_stops >= 1
