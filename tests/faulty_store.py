"""An HTTP proxy before an object store: it refuses a share of the requests, is slow, or loses the answers of others.

What it does to which request follows from its seed and the order of the requests.
"""

import http.client
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from types import TracebackType
from typing import Final, Self

_SLOW_DOWN: Final = (
    b"<?xml version='1.0'?><Error><Code>SlowDown</Code><Message>Reduce your rate</Message></Error>"
)
_HOP: Final = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length"})


@dataclass
class Faults:
    """Shares of the requests that meet each of them, all by chance, and whether the store is away altogether."""

    refused: float = 0.0
    """Answered with 503 SlowDown; the store does not hear of them."""
    unanswered: float = 0.0
    """The store does what was asked, then the connection is cut without an answer."""
    late: float = 0.0
    """Answered `delay_s` later."""
    delay_s: float = 0.2
    is_away: bool = False
    """Every connection is cut as soon as something is asked."""


class FaultyStore:
    """Forwards a free loopback port to the store, with `faults`; `counts` says how many met which."""

    def __init__(self, port: int, seed: int = 1) -> None:
        self.faults = Faults()
        self.counts: Counter[str] = Counter()
        self._target = port
        self._random = Random(seed)  # noqa: S311 - dice by a seed
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self._server.server_address[1])

    def draw(self) -> str:
        """Say what becomes of the next request."""
        faults = self.faults
        with self._lock:
            dice = self._random.random()
            self.counts["requests"] += 1
            if faults.is_away:
                what = "away"
            elif dice < faults.refused:
                what = "refused"
            elif dice < faults.refused + faults.unanswered:
                what = "unanswered"
            else:
                what = "late" if dice < faults.refused + faults.unanswered + faults.late else "forwarded"
            self.counts[what] += 1
        return what

    def connect(self) -> http.client.HTTPConnection:
        """Give a new connection to the store."""
        return http.client.HTTPConnection("127.0.0.1", self._target, timeout=60)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False  # a client's idle connection is no reason to wait

    def __init__(self, store: FaultyStore) -> None:
        self.store = store
        super().__init__(("127.0.0.1", 0), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients are killed in the middle of a request."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def handle_one_request(self) -> None:
        """Read a whole request, draw what becomes of it, and do that."""
        self.raw_requestline = self.rfile.readline(65537)
        if not self.raw_requestline or not self.parse_request():
            self.close_connection = True
            return
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        store = self.server.store
        match store.draw():
            case "away":
                self.close_connection = True
            case "refused":
                self._answer(503, {"Content-Type": "application/xml"}, _SLOW_DOWN)
            case "unanswered":
                self._ask(body)
                self.close_connection = True
            case what:
                if what == "late":
                    time.sleep(store.faults.delay_s)
                self._answer(*self._ask(body))

    def _ask(self, body: bytes) -> tuple[int, dict[str, str], bytes, str | None]:
        """Return the store's status, headers, content, and the length that it tells of."""
        with closing(self.server.store.connect()) as upstream:
            upstream.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                upstream.putheader(name, value)
            upstream.endheaders(body)
            answer = upstream.getresponse()
            headers = {name: value for name, value in answer.getheaders() if name.lower() not in _HOP}
            return answer.status, headers, answer.read(), answer.getheader("Content-Length")

    def _answer(
        self, status: int, headers: dict[str, str], content: bytes, length: str | None = None
    ) -> None:
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        if status not in {204, 304}:
            told = length if self.command == "HEAD" and length else str(len(content))
            self.send_header("Content-Length", told)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
