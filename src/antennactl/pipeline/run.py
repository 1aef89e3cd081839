"""Four stages in, a process that runs them in four threads until they are done, told to stop, or one fails."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from queue import Full, Queue
from typing import Any, Final, Protocol

from antennactl.errors import ServiceUnavailableError
from antennactl.pipeline.commit import Commit
from antennactl.pipeline.decoding import Decoding
from antennactl.pipeline.exchange import Exchange
from antennactl.pipeline.intake import Intake
from antennactl.pipeline.transform import Transform

STOP_WITHIN_S: Final = 30.0
"""After a signal a service that stays away for this long ends the run with exit 3; nothing is lost."""
_TICK_S: Final = 0.1
# Some polls of messages, all of them alive at once.
_NEW_OBJECTS: Final = 100_000
_PUT_S: Final = 0.2
_JOIN_S: Final = 5.0


class _Stage(Protocol):
    is_finished: bool

    def step(self) -> None: ...


class Watch(Protocol):
    """Who is told how the process is."""

    def beat(self) -> None:
        """Hear that every stage at work came through a step since the last beat; the first: the topic was polled."""

    def stop(self) -> None:
        """Hear that the process is about to end."""


@dataclass(frozen=True)
class Stages:
    """The four stages of one run."""

    intake: Intake
    decoding: Decoding
    transform: Transform
    commit: Commit


class _Failures:
    """The first error of any thread, which ends them all."""

    def __init__(self, exchange: Exchange) -> None:
        self._exchange = exchange
        self.first: BaseException | None = None

    def note(self, error: BaseException) -> None:
        self.first = self.first or error
        self._exchange.ended.set()


class _Pulse:
    """Which stages came through a step since the last beat. A stage that hangs in one leaves it at that."""

    def __init__(self) -> None:
        self._moved: set[str] = set()

    def note(self, name: str) -> None:
        self._moved.add(name)

    def is_felt(self, names: set[str]) -> bool:
        """Return whether all of `names` moved, and begin anew if they did."""
        if not names or not names <= self._moved:
            return False
        self._moved.clear()
        return True


def run_stages(stages: Stages, exchange: Exchange, stop: threading.Event, watch: Watch | None = None) -> None:
    """Run the stages until the intake is finished and all it handed over is committed.

    `stop` makes the intake cut what is open and finish. Raises the first error of any stage, and
    ServiceUnavailableError when a service stays away for STOP_WITHIN_S after `stop`.
    """
    with _rare_collections():
        _run(stages, exchange, stop, watch)


def _run(stages: Stages, exchange: Exchange, stop: threading.Event, watch: Watch | None) -> None:
    failures = _Failures(exchange)
    pulse = _Pulse()
    threads = [
        _start("intake", stages.intake, exchange, failures, pulse, exchange.raw),
        _start("decoding", stages.decoding, exchange, failures, pulse, exchange.parsed),
        _start("transform", stages.transform, exchange, failures, pulse, exchange.prepared),
        _start("commit", stages.commit, exchange, failures, pulse, None),
    ]
    try:
        _supervise(threads, stages, stop, pulse, watch)
    finally:
        exchange.ended.set()
        if watch is not None:
            watch.stop()
        for thread in threads:
            thread.join(_JOIN_S)
    if failures.first is not None:
        raise failures.first


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Collect cyclic garbage once it piles up, not with every poll.

    The collector runs when there are some hundred more objects than before, and each poll makes thousands: it would
    look at the messages again and again, at a quarter of the cost of consuming them.
    """
    thresholds = gc.get_threshold()
    gc.set_threshold(_NEW_OBJECTS, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)


def _supervise(
    threads: list[threading.Thread], stages: Stages, stop: threading.Event, pulse: _Pulse, watch: Watch | None
) -> None:
    deadline: float | None = None
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(_TICK_S / len(threads))
        if watch is not None and pulse.is_felt({thread.name for thread in threads if thread.is_alive()}):
            watch.beat()
        if stop.is_set() and deadline is None:
            stages.intake.stop()
            if watch is not None:
                watch.stop()
            deadline = time.monotonic() + STOP_WITHIN_S
        if deadline is not None and time.monotonic() > deadline:
            message = f"a service stayed away for {STOP_WITHIN_S:.0f} s after the signal; nothing is lost"
            raise ServiceUnavailableError(message, hint="the next start goes on where the ledger stands")


def _start(  # noqa: PLR0913, PLR0917 - a thread, and all that it touches
    name: str,
    stage: _Stage,
    exchange: Exchange,
    failures: _Failures,
    pulse: _Pulse,
    downstream: "Queue[Any] | None",
) -> threading.Thread:
    def work() -> None:
        try:
            while not stage.is_finished and not exchange.ended.is_set():
                stage.step()
                pulse.note(name)
        except BaseException as error:  # noqa: BLE001 - raised again by run_stages, in the main thread
            failures.note(error)
        else:
            _close(downstream, exchange.ended.is_set)

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    return thread


def _close(downstream: "Queue[Any] | None", has_ended: Callable[[], bool]) -> None:
    """Tell the next stage that nothing follows."""
    while downstream is not None and not has_ended():
        try:
            downstream.put(None, timeout=_PUT_S)
        except Full:
            continue
        return
