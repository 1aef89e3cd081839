"""One server process that ends with ours: a command in, a handle out that stops, kills or releases it."""

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from signal import SIGKILL, SIGTERM, Signals
from time import monotonic
from typing import IO, cast

SUPERVISOR = Path(__file__).with_name("supervisor.py")

# Long enough for a loaded machine; who waits for a start also looks whether the server has ended.
START_TIMEOUT_S = 90.0
_POLL_INTERVAL_S = 0.02
_TAIL_LINES = 8


class ServerEndedError(Exception):
    """The server ended while it was starting."""


@dataclass(frozen=True)
class Account:
    """The system user that a server runs as; none means the user that we are."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True)
class ServerCommand:
    """How to run a server, where it logs, and how it is ended.

    `stop_signal` asks it to finish cleanly within `grace_s` seconds, `kill_signal` ends it at once. `remove`
    are folders of ours to delete when it is stopped for good, also when our process dies.
    """

    argv: Sequence[str]
    folder: Path
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    account: Account | None = None
    stop_signal: Signals = SIGTERM
    kill_signal: Signals = SIGKILL
    grace_s: float = 20.0
    remove: Sequence[Path] = ()

    def to_json(self) -> str:
        """Give the one line that the supervisor reads."""
        description = asdict(self) | {"account": self.account and (self.account.uid, self.account.gid)}
        return json.dumps(description, default=str)


class Server:
    """A running server. It ends with our process, however that one ends, unless it is released.

    Methods may be called from any thread, and any of them after the server has ended.
    """

    def __init__(self, command: ServerCommand) -> None:
        """Start the server; it runs, but need not be ready.

        Raises `ServerEndedError` when the command cannot be run.
        """
        self.command = command
        self._lock = threading.Lock()
        self._released = False
        # A server may log what its clients sent: nobody else is to read it.
        command.log.touch(mode=0o600)
        with command.log.open("ab") as log:
            # A session of its own: Ctrl-C in the terminal is for us, and the servers end when we have
            # finished.
            self._supervisor = subprocess.Popen(
                [sys.executable, "-I", "-S", str(SUPERVISOR)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
                text=True,
            )
        # Never None with PIPE; the annotations of subprocess cannot know.
        self._control = cast("IO[str]", self._supervisor.stdin)
        self._answer = cast("IO[str]", self._supervisor.stdout)
        self._say(command.to_json())
        with self._answer as answer:
            pid = answer.readline().strip()
        if not pid:
            self.stop()
            raise ServerEndedError
        self.pid = int(pid)

    def has_ended(self) -> bool:
        """Tell whether the server has ended, by our doing or its own."""
        return self._supervisor.poll() is not None

    def wait_until(self, is_ready: Callable[[], bool], timeout_s: float = START_TIMEOUT_S) -> None:
        """Wait until `is_ready`.

        Raises `ServerEndedError` if the server ends first and `TimeoutError` if that takes longer than
        `timeout_s`.
        """
        deadline = monotonic() + timeout_s
        while not is_ready():
            if monotonic() > deadline:
                raise TimeoutError
            with suppress(subprocess.TimeoutExpired):
                self._supervisor.wait(_POLL_INTERVAL_S)
            if self.has_ended():
                raise ServerEndedError

    def stop(self) -> None:
        """End the server cleanly and remove the folders that go with it; a released one is left alone."""
        self._finish("")
        if not self._released:
            # The supervisor has done so, unless the server had ended before.
            for folder in self.command.remove:
                shutil.rmtree(folder, ignore_errors=True)

    def halt(self) -> None:
        """End the server cleanly and leave its folders, so that it can be started again."""
        self._finish("halt")

    def kill(self) -> None:
        """End the server at once, as a crash would, and leave its folders."""
        self._finish("kill")

    def release(self) -> None:
        """Let the server outlive our process; from now on only a signal to its pid ends it."""
        self._released = True
        if not self.command.remove:
            self._finish("release")
            return
        with self._lock:
            self._say("release")
            self._control.close()
            # It stays until the server has ended, to remove the folders: not a child to wait for any more.
            self._supervisor.returncode = 0

    def _finish(self, word: str) -> None:
        with self._lock:
            if word:
                self._say(word)
            with suppress(BrokenPipeError):
                self._control.close()
            self._supervisor.wait()

    def _say(self, word: str) -> None:
        # A supervisor that is gone has seen its server go: nothing is left to say to it.
        with suppress(BrokenPipeError, ValueError):
            self._control.write(f"{word}\n")
            self._control.flush()


@contextmanager
def run_server(command: ServerCommand) -> Iterator[Server]:
    """Start a server and halt it again if the block fails; otherwise it runs on."""
    server = Server(command)
    try:
        yield server
    except BaseException:
        server.halt()
        raise


def read_tail(log: Path) -> str:
    """Give the last lines of a server's log, indented for an error message; empty if there is none."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    except OSError:
        return ""
    return "".join(f"\n  {line}" for line in lines)
