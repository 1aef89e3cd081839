"""A picture that is drawn again and again at the foot of a terminal, by a thread of its own; lines of text above it.

The terminal may stop taking what is written to it (Ctrl-S, a slow link): only that thread waits for it. The cursor
stays visible and stands below the picture between two drawings, so that nothing is left to restore, however the
process ends.
"""

import io
import os
import select
import signal
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Final, Self, TextIO

from antennactl.observe.live.text import Line, plain, styled

EVERY_S: Final = 0.25
_LEAVE_S: Final = 1.0
# Of more lines that a stopped terminal has not taken, the oldest are forgotten.
_KEPT_LINES: Final = 1000
# Of the window's rows one in so many is left to the lines above.
_LINES_SHARE: Final = 6
_UNKNOWN_SIZE: Final = (80, 24)
# Terminals that know it show what stands between these two at once; others pass over it.
_BEGIN: Final = "\x1b[?2026h"
_END: Final = "\x1b[?2026l"

Frame = Callable[[int, int], Sequence[Line]]
"""Called with the most columns and lines that there are; returns the picture."""


class Screen:
    """Draws `frame` on the terminal behind `file` while it is entered; what is written to sys.stderr goes above it.

    Another process of the terminal in the foreground, or a picture that fails, leaves the lines alone. `keep`: the
    last picture stays when it ends.
    """

    def __init__(
        self, frame: Frame, file: TextIO, *, color: bool, keep: bool = True, every_s: float = EVERY_S
    ) -> None:
        self._frame = frame
        self._file = file
        self._fd = file.fileno()
        self._encoding = file.encoding or "utf-8"
        self._color = color
        self._keep = keep
        self._every_s = every_s
        self._lines: deque[str] = deque(maxlen=_KEPT_LINES)
        self._drawn: list[str] = []  # the picture that stands on the terminal, without styles
        self._size = _UNKNOWN_SIZE
        self._is_gone = False
        self._closed = threading.Event()
        self._shown = threading.Condition()
        self._n_drawings = 0
        self._thread = threading.Thread(target=self._work, name="screen", daemon=True)
        self._stderr: TextIO | None = None

    def __enter__(self) -> Self:
        self._stderr, sys.stderr = sys.stderr, LinesAbove(self, self._file)
        if threading.current_thread() is threading.main_thread():
            self._on_continue = signal.signal(signal.SIGCONT, self._begin_anew)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # A terminal that takes nothing is left behind; the thread ends with the process.
        self._closed.set()
        self._thread.join(_LEAVE_S)
        if self._stderr is not None:
            sys.stderr = self._stderr
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGCONT, self._on_continue)

    @property
    def is_closed(self) -> bool:
        """Whether nothing is drawn any more."""
        return self._closed.is_set() and not self._thread.is_alive()

    def print_line(self, text: str) -> None:
        """Have a line shown above the picture, at the next drawing."""
        self._lines.append(text)

    def settle(self, timeout_s: float) -> None:
        """Wait until what was printed so far is shown, but no longer than `timeout_s`."""
        with self._shown:
            goal = self._n_drawings + 2  # the one that is being made may have begun before
            self._shown.wait_for(lambda: self._n_drawings >= goal or self.is_closed, timeout_s)

    def _begin_anew(self, number: int, frame: FrameType | None) -> None:
        """Draw below what the shell has written while we were stopped."""
        self._drawn = []
        if callable(self._on_continue):
            self._on_continue(number, frame)

    def _work(self) -> None:
        is_last = False
        while not is_last:
            is_last = self._closed.wait(self._every_s)
            with suppress(OSError):  # a terminal that was closed is no end of the work
                self._draw(is_last=is_last)
            with self._shown:
                self._n_drawings += 1
                self._shown.notify_all()

    def _draw(self, *, is_last: bool) -> None:
        lines = [self._lines.popleft() for _ in range(len(self._lines))]
        columns, rows = size = self._read_size()
        pictured = (
            [] if is_last and not self._keep else self._picture(columns - 1, rows - 1 - rows // _LINES_SHARE)
        )
        if not self._is_in_foreground():
            self._drawn, pictured = [], []
        picture = [plain(one) for one in pictured]
        # A last time in any case: over what the terminal itself has shown, such as ^C.
        if not lines and picture == self._drawn and size == self._size and not is_last:
            return
        up = self._drawn_rows(columns)
        start = f"\r\x1b[{up}A" if up else "\r" if picture else ""
        if lines and (picture or up):
            start += "\x1b[J"
        above = "".join(f"{text}\r\n" for text in lines)
        shown = "".join(f"\x1b[2K{styled(one, color=self._color)}\r\n" for one in pictured)
        end = "\x1b[J" if picture or up else ""
        self._drawn, self._size = picture, size
        self._write(f"{_BEGIN}{start}{above}{shown}{end}{_END}" if picture or up else above)

    def _picture(self, width: int, height: int) -> Sequence[Line]:
        try:
            return self._frame(width, height)
        except Exception as error:  # noqa: BLE001 - a picture is never the end of the work
            self._frame = lambda _width, _height: ()
            self._lines.append(f"warning: the live view ended (unexpected {type(error).__name__})")
            return ()

    def _drawn_rows(self, columns: int) -> int:
        """Return how many rows the picture takes now: in a window that became narrower its lines are broken."""
        if columns >= self._size[0]:
            return len(self._drawn)
        return sum(max(1, -(-len(text) // columns)) for text in self._drawn)

    def _read_size(self) -> tuple[int, int]:
        size = os.get_terminal_size(self._fd)
        return (size.columns or _UNKNOWN_SIZE[0], size.lines or _UNKNOWN_SIZE[1])

    def _is_in_foreground(self) -> bool:
        try:
            return os.tcgetpgrp(self._fd) == os.getpgrp()
        except OSError:
            return True  # a terminal, but not the one that rules this process

    def _write(self, text: str) -> None:
        left = memoryview(text.encode(self._encoding, "backslashreplace"))
        while left:
            try:
                left = left[os.write(self._fd, left) :]
            except BlockingIOError:
                select.select([], [self._fd], [])


class LinesAbove(io.TextIOBase):
    """Stands in for sys.stderr: whole lines go above the picture, the last one when it is complete."""

    def __init__(self, screen: Screen, file: TextIO) -> None:
        super().__init__()
        self._screen = screen
        self._file = file
        self._begun = ""
        self._lock = threading.RLock()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The terminal's."""
        return self._file.encoding

    def write(self, text: str) -> int:
        """Take text without ever waiting for the terminal."""
        if self._screen.is_closed:
            return self._file.write(text)
        with self._lock:
            *lines, self._begun = (self._begun + text).split("\n")
            for one in lines:
                self._screen.print_line(one)
        return len(text)

    def settle(self, timeout_s: float) -> None:
        """Wait until what was written so far is shown, but no longer than `timeout_s`."""
        self._screen.settle(timeout_s)

    def flush(self) -> None:
        """Do nothing while it is drawn: every line is on its way."""
        if self._screen.is_closed:
            self._file.flush()

    def isatty(self) -> bool:
        """Return that this is a terminal."""
        return True

    def fileno(self) -> int:
        """Return the terminal's."""
        return self._file.fileno()

    def writable(self) -> bool:
        """Return that text may be written."""
        return True
