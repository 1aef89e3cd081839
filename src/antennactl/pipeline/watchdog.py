"""The connections of a stream in; the end of the process out, when PostgreSQL took a question and never answers.

A time-out of statements or of TCP is no help: the server that would end the statement is the one that is silent, and
its host still takes our packets. Nor can a thread be made to give up a call that hangs; the kernel can.
"""

import os
import sys
import threading
import time
from typing import Final, Self

from antennactl.errors import InterruptedRunError, ServiceUnavailableError
from antennactl.ledger.connection import Database
from antennactl.ledger.steps import Step
from antennactl.observe.live.screen import LinesAbove
from antennactl.pipeline.run import STOP_WITHIN_S
from antennactl.stopping import Stop

HANGS_AFTER_S: Final = 300.0
"""A transaction that does not get on for this long is taken for dead: the process ends with exit 3."""
_LOOK_EVERY_S: Final = 0.2
_SHOWN_WITHIN_S: Final = 2.0


class Watchdog:
    """Ends the process with 3 when a transaction of a watched database takes no step for HANGS_AFTER_S.

    Whatever PostgreSQL made of the step, a restart is exact. The time counts while this process runs: one that was
    stopped for long, and whose answer came meanwhile, is not taken for hung.

    Until `has_started` the main thread itself waits for the answers and hears no signal meanwhile: a first one makes
    STOP_WITHIN_S of HANGS_AFTER_S, a second one ends the process with 130. A SIGINT the driver keeps for itself while a
    statement runs in the main thread, and cancels that.
    """

    def __init__(self, stop: threading.Event) -> None:
        self._stop = stop
        self.has_started = False
        self._databases: list[Database] = []
        self._seen: dict[Database, tuple[Step, float]] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def watch(self, database: Database) -> None:
        """Watch this database too, from now on."""
        self._databases.append(database)

    def look(self, elapsed_s: float) -> Step | None:
        """Take note of where everybody is, `elapsed_s` after the last look; return a step that is taken for dead."""
        for database in self._databases:
            now = database.steps.now
            step, stands_s = self._seen.get(database, (None, 0.0))
            if now is None:
                self._seen.pop(database, None)
            elif now is not step:
                self._seen[database] = now, 0.0
            elif stands_s + elapsed_s > self._patience_s():
                return now
            else:
                self._seen[database] = now, stands_s + elapsed_s
        return None

    def _patience_s(self) -> float:
        return STOP_WITHIN_S if self._n_signals() and not self.has_started else HANGS_AFTER_S

    def _n_signals(self) -> int:
        return self._stop.count_signals() if isinstance(self._stop, Stop) else 0

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        looked_at = time.monotonic()
        while not self._ended.wait(_LOOK_EVERY_S):
            now = time.monotonic()
            hung = self.look(min(now - looked_at, 2 * _LOOK_EVERY_S))
            looked_at = now
            if self._n_signals() > 1 and not self.has_started:
                os._exit(InterruptedRunError.exit_code)
            if hung is not None:
                _report(hung, self._patience_s())
                os._exit(ServiceUnavailableError.exit_code)


def _report(step: Step, waited_s: float) -> None:
    """Say what hung, in the words of an error that ends a command: nobody could raise it where it belongs."""
    if step.is_asked:
        message = f"PostgreSQL stopped answering: {waited_s:.0f} s without an answer to {step.what}"
    else:
        message = f"a transaction stands still: {waited_s:.0f} s without a step after {step.what}"
    hint = "start again; nothing is lost, the ledger says where to go on"
    sys.stderr.write(f"error: {message}\nhint: {hint}\n")
    sys.stderr.flush()
    if isinstance(sys.stderr, LinesAbove):  # the live table shows it in its own time
        sys.stderr.settle(_SHOWN_WITHIN_S)
