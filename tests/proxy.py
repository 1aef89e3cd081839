"""A TCP proxy before PostgreSQL: connections through it are cut, made slow, or robbed of answers, at a COMMIT if asked.

It reads the client's side of PostgreSQL's protocol (message formats: the manual's chapter "Frontend/Backend Protocol"),
so that a test can say what becomes of the very COMMIT of a micro-batch. Without TLS only.
"""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

_MICRO_BATCH: Final = b"INSERT INTO antennactl.micro_batch"
# Requests for encryption or of cancelling come in place of a start-up message, and look like one.
_BEFORE_STARTUP: Final = frozenset({80877102, 80877103, 80877104})
_DONE: Final = b"COMMIT\0"


class Trap(Enum):
    """What becomes of a COMMIT."""

    CUT_BEFORE = "the connection is cut before the server hears of it"
    CUT_AFTER = "the server does it, then the connection is cut without an answer"
    SWALLOW_ANSWER = "the server does it, the answer never comes, the connection stands"


@dataclass(eq=False)
class _Pair:
    """One client and its connection to the server."""

    client: socket.socket
    server: socket.socket
    unread: bytearray = field(default_factory=bytearray)
    has_started: bool = False
    is_marked: bool = False
    is_mute: bool = False
    sprung: Trap | None = None


class Proxy:
    """Forwards a free loopback port to a server, until told otherwise."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._target = (host, port)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._pairs: set[_Pair] = set()
        self._lock = threading.Lock()
        self._is_swallowing = threading.Event()
        self._trap: Trap | None = None
        self._visits = 0
        self._unanswered: bytes | None = None
        self.sprung = threading.Event()
        """Set when the trap has sprung, and the server has done what it was to do."""
        self.delay_s = 0.0
        """Each piece of an answer comes this much later."""
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._listener.getsockname()[1])

    def cut(self) -> int:
        """End every connection in the middle of whatever it says; return how many there were."""
        with self._lock:
            pairs, self._pairs = self._pairs, set()
        for pair in pairs:
            _close(pair.client, pair.server)
        return len(pairs)

    def swallow(self) -> None:
        """Let requests through and lose the answers, until `heal`: a COMMIT then has no known outcome."""
        self._is_swallowing.set()

    def heal(self) -> None:
        """Cut the connections whose answers were lost, and forward again."""
        self._is_swallowing.clear()
        self.cut()

    def trap(self, what: Trap, visit: int = 1) -> threading.Event:
        """Let `what` happen once, to the COMMIT of a micro-batch, the `visit`th from now; return `sprung`."""
        self.sprung.clear()
        self._visits = visit
        self._trap = what
        return self.sprung

    def leave_unanswered(self, text: str) -> threading.Event:
        """Let a connection stand, and be silent for good, once it asks for anything with `text`; return `sprung`."""
        self.sprung.clear()
        self._unanswered = text.encode()
        return self.sprung

    def close(self) -> None:
        """Stop listening and end every connection: to clients the server is away."""
        _close(self._listener)
        self.cut()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._target, 5)
                server.settimeout(None)
            except OSError:
                _close(client)
                continue
            pair = _Pair(client, server)
            with self._lock:
                self._pairs.add(pair)
            for pump in (self._pump_requests, self._pump_answers):
                threading.Thread(target=pump, args=(pair,), daemon=True).start()

    def _pump_requests(self, pair: _Pair) -> None:
        with contextlib.suppress(OSError):
            while data := pair.client.recv(65536):
                for message in _split_messages(pair, data):
                    if self._unanswered is not None and self._unanswered in message:
                        pair.is_mute = True
                        self.sprung.set()
                    if not self._springs_at(pair, message):
                        pair.server.sendall(message)
                    elif pair.sprung is Trap.CUT_BEFORE:
                        self.sprung.set()
                        self._end(pair)
                        return
                    else:
                        pair.server.sendall(message)
        self._end(pair)

    def _pump_answers(self, pair: _Pair) -> None:
        heard = b""
        with contextlib.suppress(OSError):
            while data := pair.server.recv(65536):
                if pair.sprung is not None:
                    heard += data
                    if _DONE in heard:
                        self.sprung.set()
                        if pair.sprung is Trap.CUT_AFTER:
                            break
                elif not (pair.is_mute or self._is_swallowing.is_set()):
                    time.sleep(self.delay_s)
                    pair.client.sendall(data)
        self._end(pair)

    def _springs_at(self, pair: _Pair, message: bytes) -> bool:
        """Return whether this is the COMMIT that the trap waits for."""
        if not pair.has_started:
            return False
        if _MICRO_BATCH in message:
            pair.is_marked = True
        if not _is_commit(message):
            return False
        is_marked, pair.is_marked = pair.is_marked, False
        with self._lock:
            if self._trap is None or not is_marked:
                return False
            self._visits -= 1
            if self._visits:
                return False
            pair.sprung, self._trap = self._trap, None
        return True

    def _end(self, pair: _Pair) -> None:
        with self._lock:
            self._pairs.discard(pair)
        _close(pair.client, pair.server)


@contextlib.contextmanager
def proxied(dsn: str) -> Iterator[tuple[Proxy, str]]:
    """Put a proxy before the server of a DSN, which has to be a URI; give it and the DSN that leads through it."""
    parts = urlsplit(dsn)
    host, port = parts.hostname or "127.0.0.1", parts.port or 5432
    with Proxy(port, host) as proxy:
        credentials, _, _ = parts.netloc.rpartition("@")
        netloc = f"{credentials}@127.0.0.1:{proxy.port}" if credentials else f"127.0.0.1:{proxy.port}"
        yield proxy, parts._replace(netloc=netloc).geturl()


def _split_messages(pair: _Pair, data: bytes) -> Iterator[bytes]:
    """Yield the whole messages that are there with `data`; the rest waits for more."""
    pair.unread += data
    while True:
        start = 1 if pair.has_started else 0
        if len(pair.unread) < start + 4:
            return
        (length,) = struct.unpack_from(">I", pair.unread, start)
        size = start + length
        if len(pair.unread) < size:
            return
        message = bytes(pair.unread[:size])
        del pair.unread[:size]
        yield message
        if not pair.has_started:
            pair.has_started = struct.unpack_from(">I", message, 4)[0] not in _BEFORE_STARTUP


def _is_commit(message: bytes) -> bool:
    """Return whether this asks for COMMIT, as a simple query or as a statement to be parsed."""
    kind, body = message[:1], message[5:]
    if kind == b"Q":
        return body.lstrip().upper().startswith(b"COMMIT")
    return kind == b"P" and body.partition(b"\0")[2].lstrip().upper().startswith(b"COMMIT")


def _close(*sockets: socket.socket) -> None:
    for each in sockets:
        with contextlib.suppress(OSError):
            each.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(OSError):
            each.close()
