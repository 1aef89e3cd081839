"""A command in, what it took out: wall and CPU time, with and without its start, and the most memory of its processes.

A measured program prints a mark, one line of JSON with the word `mark`, when its session has started, and one with its
`result` at the end; of antennactl a line on stderr is taken for the first.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final, Self

from bench.accounts import read_accounts, read_peaks, tree_of

WATCHER: Final = Path(__file__).with_name("watcher.py")
COMMAND: Final = Path(sys.executable).with_name("antennactl")
_SAMPLE_S: Final = 0.03
_SHOWN_LINES: Final = 5


class PeerError(Exception):
    """A measured program ended with an error; says how, in its own last words."""


@dataclass
class Measured:
    """One run. `steady_s` and `steady_cpu_s` leave the start of the session out; equal to the whole without a mark."""

    wall_s: float
    cpu_s: float
    steady_s: float
    steady_cpu_s: float
    peak_bytes: int
    results: list[Any] = field(default_factory=list)

    @property
    def result(self) -> Any:  # noqa: ANN401 - each peer has a result of its own
        """The last document that the program printed."""
        return self.results[-1] if self.results else {}


@dataclass
class _Mark:
    at: float
    cpu_s: float


class Running:
    """A command that runs under the watcher, its output read and its memory sampled as it goes."""

    def __init__(
        self,
        command: Sequence[str | Path],
        environment: Mapping[str, str] | None = None,
        *,
        folder: Path | None = None,
        marked_by: str | None = None,
    ) -> None:
        """Start it; `marked_by`: the text of a stderr line that is the mark."""
        self._marked_by = marked_by
        self._mark: _Mark | None = None
        self._end_mark: float | None = None
        self._results: list[Any] = []
        self._last_words: deque[str] = deque(maxlen=40)
        self._watched_cpu_s = 0.0
        self._peaks: dict[int, int] = {}
        self.is_marked = threading.Event()
        self._began = time.monotonic()
        self._process = subprocess.Popen(
            # -S and -I: the watcher loads next to nothing, so that what it takes is not seen.
            [sys.executable, "-I", "-S", str(WATCHER), *map(str, command)],
            env={**os.environ, **(environment or {})},
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
        )
        self._readers = [
            self._in_thread(self._process.stdout, self._take_line),
            self._in_thread(self._process.stderr, self._take_error),
        ]

    @property
    def pids(self) -> list[int]:
        """The processes of the command that live now, the watcher left out."""
        return tree_of(self._process.pid, read_accounts())[1:]

    def cpu_s(self) -> float:
        """Return the CPU seconds so far of the processes that live now."""
        accounts = read_accounts()
        tree = tree_of(self._process.pid, accounts)[1:]
        return sum(accounts[pid].own_s + accounts[pid].waited_s for pid in tree)

    def signal(self, number: int) -> None:
        """Send a signal to the command."""
        self._process.send_signal(number)

    def __enter__(self) -> Self:
        """Return the running command."""
        return self

    def __exit__(self, *_: object) -> None:
        """End what is still running."""
        if self._process.poll() is None:
            self._kill()
        for reader in self._readers:
            reader.join()

    def finish(self, timeout_s: float = 7200, *, codes: Sequence[int] = (0,)) -> Measured:
        """Wait for the end, sampling memory. Raises PeerError when it takes too long or ends with another code."""
        deadline = time.monotonic() + timeout_s
        while self._process.poll() is None:
            self._peaks.update(
                {pid: peak for pid, peak in read_peaks(self.pids).items() if peak > self._peaks.get(pid, 0)}
            )
            if time.monotonic() > deadline:
                self._kill()
                message = f"did not end within {timeout_s:.0f} s"
                raise PeerError(message)
            time.sleep(_SAMPLE_S)
        ended = time.monotonic()
        for reader in self._readers:
            reader.join()
        if self._process.returncode not in codes:
            raise PeerError(self._describe_failure())
        return self._sum_up(ended)

    def _sum_up(self, ended: float) -> Measured:
        end = self._end_mark or ended
        mark = self._mark or _Mark(self._began, 0.0)
        return Measured(
            wall_s=ended - self._began,
            cpu_s=self._watched_cpu_s,
            steady_s=end - mark.at,
            steady_cpu_s=max(self._watched_cpu_s - mark.cpu_s, 0.0),
            peak_bytes=sum(self._peaks.values()),
            results=self._results,
        )

    def _kill(self) -> None:
        # Again and again: the command may only be about to start.
        while self._process.poll() is None:
            for pid in reversed(self.pids):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_SAMPLE_S)

    def _describe_failure(self) -> str:
        words = [line for line in self._last_words if line.strip() and "watched" not in line]
        told = [line for line in words if "Error" in line or "error" in line] or words
        return f"exit {self._process.returncode}: {' / '.join(told[-_SHOWN_LINES:])}"[:600]

    def _note_mark(self) -> None:
        if self._mark is None:
            self._mark = _Mark(time.monotonic(), self.cpu_s())
            self.is_marked.set()

    def _take_line(self, line: str) -> None:
        if not line.startswith("{"):
            self._last_words.append(line.rstrip())
            return
        document = json.loads(line)
        if document.get("mark") == "start":
            self._note_mark()
        elif document.get("mark") == "end":
            self._end_mark = time.monotonic() - document.get("ago_s", 0.0)
        else:
            self._results.append(document)

    def _take_error(self, line: str) -> None:
        if line.startswith('{"watched"'):
            self._watched_cpu_s = json.loads(line)["watched"]["cpu_s"]
            return
        if self._marked_by is not None and self._marked_by in line:
            self._note_mark()
        self._last_words.append(line.rstrip())

    @staticmethod
    def _in_thread(stream: IO[str] | None, take: Callable[[str], None]) -> threading.Thread:
        def read() -> None:
            with stream or contextlib.nullcontext(()) as lines:
                for line in lines:
                    take(line)

        thread = threading.Thread(target=read, daemon=True)
        thread.start()
        return thread


def measure(
    command: Sequence[str | Path],
    environment: Mapping[str, str] | None = None,
    *,
    folder: Path | None = None,
    marked_by: str | None = None,
    timeout_s: float = 7200,
) -> Measured:
    """Run a command to its end. Raises PeerError when it fails."""
    with Running(command, environment, folder=folder, marked_by=marked_by) as running:
        return running.finish(timeout_s)


def measure_peer(
    python: str | Path,
    program: Path,
    task: Mapping[str, object],
    environment: Mapping[str, str] | None = None,
) -> Measured:
    """Run a peer's program to its end; it finds its task in the environment, where no list of processes shows it."""
    return measure([python, program], {**(environment or {}), "BENCH_TASK": json.dumps(task)})
