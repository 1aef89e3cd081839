"""How the process is in, systemd's notifications out (sd_notify): ready, alive, stopping. Elsewhere nothing.

The protocol is one datagram of text to the socket that $NOTIFY_SOCKET names; a name that begins with @ is abstract.
"""

import logging
import os
import socket
import time
from collections.abc import Callable, Mapping
from contextlib import suppress

_log = logging.getLogger("antennactl.stream")


class ServiceManager:
    """Tells the service manager how the process is. A datagram that cannot be sent is dropped: it is no work of ours.

    `watchdog_s`: within this time it wants to hear of us, else it restarts the process; None: it does not.
    """

    def __init__(
        self, path: str | None, watchdog_s: float | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._path = path
        self._every_s = None if watchdog_s is None else watchdog_s / 4
        self._clock = clock
        self._is_ready = False
        self._is_stopping = False
        self._next_at = 0.0

    @classmethod
    def of(cls, environ: Mapping[str, str] = os.environ) -> "ServiceManager":
        """Return the one that started this process, as the environment tells."""
        watchdog_s = None
        if environ.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid()):
            with suppress(ValueError):
                watchdog_s = int(environ.get("WATCHDOG_USEC", "")) / 1e6 or None
        return cls(environ.get("NOTIFY_SOCKET"), watchdog_s)

    def beat(self) -> None:
        """Say at the first call that the process is ready, later that it gets on: four times a `watchdog_s` at most."""
        if not self._is_ready:
            self._is_ready = True
            self._send("READY=1")
        elif self._every_s is not None and self._clock() >= self._next_at:
            self._next_at = self._clock() + self._every_s
            self._send("WATCHDOG=1")

    def describe(self, status: str) -> None:
        """Say in a line what `systemctl status` shows."""
        self._send(f"STATUS={status}")

    def stop(self) -> None:
        """Say once that the process is about to end."""
        if not self._is_stopping:
            self._is_stopping = True
            self._send("STOPPING=1")

    def _send(self, text: str) -> None:
        if not self._path:
            return
        address = "\0" + self._path[1:] if self._path.startswith("@") else self._path
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.settimeout(0)  # a manager that does not read must not hold us up
                sender.sendto(text.encode(), address)
        except OSError as error:
            _log.debug("%s cannot be told to the service manager: %s", text.partition("=")[0], error)
