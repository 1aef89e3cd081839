"""A schema registry over HTTP, with the part of Confluent's API that clients of this project use."""

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Registry:
    """What it has, what it was asked, and how it is. A `status` is what it answers everything with."""

    def __init__(self) -> None:
        self.schemas: dict[int, dict[str, Any]] = {}
        self.versions: dict[tuple[str, int], dict[str, Any]] = {}
        self.asked: list[str] = []
        self.login: str | None = None
        self.status: int | None = None
        self.body: bytes | None = None
        self.answered = threading.Event()
        self.url = ""

    def add(self, number: int, schema: Any, **more: Any) -> None:
        """Have a schema under an id."""
        self.schemas[number] = {"schema": schema if isinstance(schema, str) else json.dumps(schema), **more}

    def answer(self, method: str, path: str, login: str | None, body: dict[str, Any]) -> tuple[int, Any]:
        """Return status and document."""
        path = path.partition("?")[0]
        self.asked.append(f"{method} {path}")
        if self.status is not None:
            return self.status, {"error_code": self.status, "message": "no"}
        if login != self.login:
            return 401, {"error_code": 401, "message": "Unauthorized"}
        match (method, *path.strip("/").split("/")):
            case ("GET", "schemas", "ids", number):
                found = self.schemas.get(int(number))
                return (200, found) if found else (404, {"error_code": 40403, "message": "Schema not found"})
            case ("GET", "subjects", subject, "versions", version):
                found = self.versions.get((subject, int(version)))
                return (200, found) if found else (404, {"error_code": 40401, "message": "Subject not found"})
            case ("POST", "subjects", _, "versions"):
                same = [key for key, had in self.schemas.items() if had["schema"] == body["schema"]]
                new_id = same[0] if same else max(self.schemas, default=0) + 1
                self.add(new_id, body["schema"])
                return 200, {"id": new_id}
        return 404, {"error_code": 404, "message": "HTTP 404 Not Found"}


@contextmanager
def run_registry(registry: Registry | None = None, tls: ssl.SSLContext | None = None) -> Iterator[Registry]:
    """Serve a registry on this machine, at a free port, until the end of the block."""
    served = registry or Registry()

    class Handler(BaseHTTPRequestHandler):
        # A client that goes away during the handshake must not hold up the next one.
        timeout = 30

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def _answer(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else {}
            header = self.headers.get("Authorization") or ""
            login = base64.b64decode(header.removeprefix("Basic ")).decode() if header else None
            status, document = served.answer(self.command, self.path, login, body)
            content = served.body if served.body is not None else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)
            served.answered.set()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        if tls is not None:
            server.socket = tls.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        scheme, host = ("http", "127.0.0.1") if tls is None else ("https", "localhost")
        served.url = f"{scheme}://{host}:{server.server_port}"
        try:
            yield served
        finally:
            server.shutdown()
            thread.join()
