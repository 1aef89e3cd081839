"""A terminal of a given size: a real pseudo-terminal, and what its screen shows of what was written to it."""

import fcntl
import os
import re
import select
import struct
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_PIECES = re.compile(rb"\x1b\[([?0-9;]*)([A-Za-z])|(\r)|(\n)|([^\x1b\r\n]+)")


class Terminal:
    """The rows of a screen that never scrolls anything away, moved by the few sequences that we use."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.master, self.slave = os.openpty()
        self.resize(columns, rows)
        self.raw = b""
        self.is_read = threading.Event()  # cleared: nobody takes what is written
        self.is_read.set()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size, as the user does with the mouse."""
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.master, keys)

    def rows(self) -> list[str]:
        """Return the rows from the first one that was written to the last, without trailing blanks."""
        return shown(self.raw)

    def await_rows(self, is_there: Callable[[list[str]], bool], within_s: float = 60) -> list[str]:
        """Wait until the rows are as wanted, and return them."""
        deadline = time.monotonic() + within_s
        while not is_there(rows := self.rows()):
            assert time.monotonic() < deadline, "\n".join(rows)
            time.sleep(0.02)
        return rows

    def close(self) -> None:
        self.is_read.set()
        self._closed.set()
        self._thread.join()
        os.close(self.master)
        os.close(self.slave)

    def _read(self) -> None:
        while not self._closed.is_set():
            self.is_read.wait()
            if select.select([self.master], [], [], 0.05)[0] and self.is_read.is_set():
                self.raw += os.read(self.master, 65536)


@contextmanager
def terminal(columns: int = 80, rows: int = 24) -> Iterator[Terminal]:
    made = Terminal(columns, rows)
    try:
        yield made
    finally:
        made.close()


def shown(raw: bytes) -> list[str]:
    """Return the rows that are on the screen after `raw`; a sequence that we do not know is an error."""
    rows = [""]
    y = x = 0
    complete = raw[: raw.rfind(b"\x1b")] if re.search(rb"\x1b[^A-Za-z]*$", raw) else raw
    for match in _PIECES.finditer(complete):
        parameter, letter, is_return, is_feed, text = match.groups()
        if is_return:
            x = 0
        elif is_feed:
            y += 1
            rows += [""] * (y + 1 - len(rows))
        elif text is not None:
            word = text.decode()
            rows[y] = rows[y][:x].ljust(x) + word + rows[y][x + len(word) :]
            x += len(word)
        elif letter == b"A":
            y -= int(parameter)
            assert y >= 0
        elif letter == b"J" and not parameter:
            rows = [*rows[:y], rows[y][:x]]
        elif letter == b"K" and parameter == b"2":
            rows[y] = ""
        else:
            assert (parameter, letter) in {(b"?2026", b"h"), (b"?2026", b"l")} or letter == b"m", match
    return [row.rstrip() for row in rows]
