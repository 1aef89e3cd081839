"""The connections of a stream in; the end of the process out, when PostgreSQL took a question and never answers.

A time-out of statements or of TCP is no help: the server that would end the statement is the one that is silent, and
its host still takes our packets. Nor can a thread be made to give up a call that hangs; the kernel can.
"""

import os
import sys
import threading
import time
from typing import Final, Self

from antennactl.errors import ServiceUnavailableError
from antennactl.ledger.connection import Database
from antennactl.ledger.steps import Step

HANGS_AFTER_S: Final = 300.0
"""A transaction that does not get on for this long is taken for dead: the process ends with exit 3."""
_LOOK_EVERY_S: Final = 0.2


class Watchdog:
    """Ends the process with 3 when a transaction of a watched database takes no step for HANGS_AFTER_S.

    Whatever PostgreSQL made of the step, a restart is exact. The time counts while this process runs: one that was
    stopped for long, and whose answer came meanwhile, is not taken for hung.
    """

    def __init__(self) -> None:
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
            elif stands_s + elapsed_s > HANGS_AFTER_S:
                return now
            else:
                self._seen[database] = now, stands_s + elapsed_s
        return None

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
            if hung is not None:
                _report(hung)
                os._exit(ServiceUnavailableError.exit_code)


def _report(step: Step) -> None:
    """Say what hung, in the words of an error that ends a command: nobody could raise it where it belongs."""
    if step.is_asked:
        message = f"PostgreSQL stopped answering: {HANGS_AFTER_S:.0f} s without an answer to {step.what}"
    else:
        message = f"a transaction stands still: {HANGS_AFTER_S:.0f} s without a step after {step.what}"
    hint = "start again; nothing is lost, the ledger says where to go on"
    sys.stderr.write(f"error: {message}\nhint: {hint}\n")
    sys.stderr.flush()
