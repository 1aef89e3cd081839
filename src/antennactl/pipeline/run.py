"""Four stages in, a process that runs them in four threads until they are done, told to stop, or one fails."""

import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Full, Queue
from typing import Any, Final, Protocol

from antennactl.errors import ServiceUnavailableError
from antennactl.pipeline.commit import Commit
from antennactl.pipeline.decoding import Decoding
from antennactl.pipeline.exchange import Exchange
from antennactl.pipeline.intake import Intake
from antennactl.pipeline.transform import Transform

_log = logging.getLogger("antennactl.stream")

STOP_WITHIN_S: Final = 30.0
"""After a signal a service that stays away for this long ends the run with exit 3; nothing is lost."""
HANGS_AFTER_S: Final = 300.0
"""A transaction without an answer for this long is taken for dead: the process ends with exit 3, a restart is exact."""
_TICK_S: Final = 0.1
_PUT_S: Final = 0.2
_JOIN_S: Final = 5.0


class _Stage(Protocol):
    is_finished: bool

    def step(self) -> None: ...


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


def run_stages(stages: Stages, exchange: Exchange, stop: threading.Event) -> None:
    """Run the stages until the intake is finished and all it handed over is committed.

    `stop` makes the intake cut what is open and finish. Raises the first error of any stage, and
    ServiceUnavailableError when a service stays away for STOP_WITHIN_S after `stop`.
    """
    failures = _Failures(exchange)
    threads = [
        _start("intake", stages.intake, exchange, failures, exchange.raw),
        _start("decoding", stages.decoding, exchange, failures, exchange.parsed),
        _start("transform", stages.transform, exchange, failures, exchange.prepared),
        _start("commit", stages.commit, exchange, failures, None),
    ]
    try:
        _supervise(threads, stages, stop)
    finally:
        exchange.ended.set()
        for thread in threads:
            thread.join(_JOIN_S)
    if failures.first is not None:
        raise failures.first


def _supervise(threads: list[threading.Thread], stages: Stages, stop: threading.Event) -> None:
    deadline: float | None = None
    while any(thread.is_alive() for thread in threads):
        for thread in threads:
            thread.join(_TICK_S / len(threads))
        _end_if_hung(stages.commit)
        if stop.is_set() and deadline is None:
            stages.intake.stop()
            deadline = time.monotonic() + STOP_WITHIN_S
        if deadline is not None and time.monotonic() > deadline:
            message = f"a service stayed away for {STOP_WITHIN_S:.0f} s after the signal; nothing is lost"
            raise ServiceUnavailableError(message, hint="the next start goes on where the ledger stands")


def _end_if_hung(commit: Commit) -> None:
    busy_since = commit.busy_since
    if busy_since is not None and time.time() - busy_since > HANGS_AFTER_S:
        # No thread can be made to give up a call that hangs; the kernel can. Whatever it did, a restart is exact.
        _log.error("error: PostgreSQL stopped answering during a transaction")
        os._exit(ServiceUnavailableError.exit_code)


def _start(
    name: str, stage: _Stage, exchange: Exchange, failures: _Failures, downstream: "Queue[Any] | None"
) -> threading.Thread:
    def work() -> None:
        try:
            while not stage.is_finished and not exchange.ended.is_set():
                stage.step()
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
