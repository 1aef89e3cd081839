"""Signals in, one flag out: asked to finish the work in hand, or told to end at once."""

import contextlib
import os
import select
import signal
import threading
from typing import Final

_ENDS: Final = (signal.SIGINT, signal.SIGTERM)


class Stop(threading.Event):
    """An event that a signal handler may set while the same thread waits for it.

    A plain Event cannot: its lock is not re-entrant, and the handler runs in the thread that holds it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._is_set = False
        self._reader, self._writer = os.pipe()
        self._heard, self._told = os.pipe()
        self._n_signals = 0
        for end in (self._heard, self._told):
            os.set_blocking(end, False)

    def listen(self) -> None:
        """Let signals be counted from now on as they come. In the main thread alone, as Python has it."""
        signal.set_wakeup_fd(self._told, warn_on_full_buffer=False)

    def count_signals(self) -> int:
        """Return how many signals that ask for an end came since `listen`. For one thread alone.

        Also while the main thread is in a call that hangs: a handler of Python's runs when that returns, not before.
        """
        with contextlib.suppress(BlockingIOError):
            # A byte for each signal that has a handler; not all of them ask for an end.
            self._n_signals += sum(number in _ENDS for number in os.read(self._heard, 64))
        return self._n_signals

    def is_set(self) -> bool:
        """Return whether `set` was called."""
        return self._is_set

    def set(self) -> None:
        """Set the flag and end every wait, those to come too."""
        if not self._is_set:
            self._is_set = True
            os.write(self._writer, b"!")

    def wait(self, timeout: float | None = None) -> bool:
        """Return whether the flag is set, waiting up to `timeout` seconds for it."""
        if not self._is_set:
            select.select([self._reader], [], [], timeout)
        return self._is_set


def stop_on_signals() -> Stop:
    """Return a flag that the first SIGINT or SIGTERM sets; the second ends the process with exit 130."""
    stop = Stop()
    stop.listen()

    def handle(_number: int, _frame: object) -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    signal.signal(signal.SIGINT, handle)
    signal.signal(signal.SIGTERM, handle)
    return stop
