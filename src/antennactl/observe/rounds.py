"""Tasks in, each of them done again and again by a thread of its own: they may fail or hang, and nobody waits."""

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Final

# By then it is known what is read, and what is kept is there to be seen.
_FIRST_S: Final = 1.0
_LEAVE_S: Final = 8.0

_log = logging.getLogger("antennactl.rounds")


class Rounds:
    """Does each task every `every_s` seconds, and a last time when it is closed. What fails is logged once, not raised.

    `tasks`: what is kept up to date, in words, and how.
    """

    def __init__(self, tasks: Mapping[str, Callable[[], None]], every_s: float) -> None:
        self._tasks = tasks
        self._every_s = every_s
        self._failing: set[str] = set()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="rounds", daemon=True)
        self._thread.start()

    def close(self, leave_s: float = _LEAVE_S) -> None:
        """Do the tasks a last time, but do not wait longer than `leave_s` for one that hangs."""
        self._closed.set()
        self._thread.join(leave_s)

    def _work(self) -> None:
        is_last = self._closed.wait(min(_FIRST_S, self._every_s))
        while True:
            for what, work in self._tasks.items():
                self._try(what, work)
            if is_last:
                return
            is_last = self._closed.wait(self._every_s)

    def _try(self, what: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the stream goes on without it
            if what not in self._failing:
                _log.warning("%s cannot be kept up to date (%s)", what, error)
            self._failing.add(what)
        else:
            if what in self._failing:
                _log.info("%s is up to date again", what)
            self._failing.discard(what)
