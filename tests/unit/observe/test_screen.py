"""A picture at the foot of a real terminal: drawn in its place, lines above it, never a reason to wait."""

import os
import sys
import threading
from collections.abc import Iterator
from typing import TextIO

import pytest

from antennactl.observe.live.screen import Screen
from antennactl.observe.live.text import BOLD, Line, line
from terminal import Terminal, terminal

EVERY_S = 0.02


@pytest.fixture
def tty() -> Iterator[Terminal]:
    with terminal() as made:
        yield made


@pytest.fixture
def file(tty: Terminal) -> Iterator[TextIO]:
    with os.fdopen(os.dup(tty.slave), "w") as made:
        yield made


def say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


class Picture:
    """Two lines that tell how often they were asked for, and the size they were given."""

    def __init__(self) -> None:
        self.text = "first"
        self.sizes: list[tuple[int, int]] = []

    def __call__(self, width: int, height: int) -> list[Line]:
        self.sizes.append((width, height))
        return [line(("head", BOLD)), line(self.text)]


def test_a_picture_is_drawn_anew_in_its_place_and_lines_go_above_it(tty: Terminal, file: TextIO) -> None:
    picture = Picture()
    stderr = sys.stderr
    with Screen(picture, file, color=True, every_s=EVERY_S):
        tty.await_rows(lambda rows: rows == ["head", "first", ""])
        say("one")
        tty.await_rows(lambda rows: rows == ["one", "head", "first", ""])
        picture.text = "second"
        sys.stderr.write("two\nbeg")
        tty.await_rows(lambda rows: rows == ["one", "two", "head", "second", ""])
        sys.stderr.write("un\n")
        tty.await_rows(lambda rows: rows == ["one", "two", "begun", "head", "second", ""])
    assert sys.stderr is stderr
    tty.await_rows(lambda rows: rows == ["one", "two", "begun", "head", "second", ""])
    assert b"\x1b[1mhead\x1b[0m" in tty.raw
    assert b"\x1b[?25" not in tty.raw  # a cursor that was never hidden need not come back
    assert set(picture.sizes) == {(79, 19)}


def test_a_picture_that_is_not_kept_leaves_the_lines_alone(tty: Terminal, file: TextIO) -> None:
    with Screen(Picture(), file, color=False, keep=False, every_s=EVERY_S):
        tty.await_rows(lambda rows: "head" in rows)
        say("one")
    tty.await_rows(lambda rows: rows == ["one", ""])
    assert b"\x1b[1m" not in tty.raw


def test_a_window_that_changes_has_the_next_picture_in_its_size(tty: Terminal, file: TextIO) -> None:
    picture = Picture()
    with Screen(picture, file, color=False, every_s=EVERY_S):
        tty.await_rows(lambda rows: "head" in rows)
        tty.resize(60, 15)
        wait_until(lambda: (59, 12) in picture.sizes)


def test_without_a_picture_lines_are_written_as_they_are(tty: Terminal, file: TextIO) -> None:
    with Screen(lambda _width, _height: (), file, color=True, every_s=EVERY_S):
        say("one\ntwo")
    tty.await_rows(lambda rows: rows == ["one", "two", ""])
    assert b"\x1b" not in tty.raw


def test_a_picture_that_fails_is_told_once_and_lines_go_on(tty: Terminal, file: TextIO) -> None:
    def fail(_width: int, _height: int) -> list[Line]:
        raise ValueError

    with Screen(fail, file, color=False, every_s=EVERY_S):
        tty.await_rows(lambda rows: any("the live view ended" in row for row in rows))
        say("one")
        tty.await_rows(lambda rows: "one" in rows)
    assert sum("the live view ended (unexpected ValueError)" in row for row in tty.rows()) == 1


def test_a_terminal_that_takes_nothing_holds_up_nobody(tty: Terminal, file: TextIO) -> None:
    written = threading.Event()
    with Screen(Picture(), file, color=False, every_s=EVERY_S):
        tty.await_rows(lambda rows: "head" in rows)
        tty.is_read.clear()

        def write() -> None:
            for number in range(5000):
                say(f"{number} {'x' * 70}")
            written.set()

        threading.Thread(target=write, daemon=True).start()
        assert written.wait(60)
    # It ended without the terminal; what the terminal takes later is the newest that there was.
    tty.is_read.set()
    tty.await_rows(lambda rows: any(row.startswith("4999 ") for row in rows))


def test_lines_can_be_waited_for_before_the_process_ends(tty: Terminal, file: TextIO) -> None:
    with Screen(Picture(), file, color=False, every_s=EVERY_S) as screen:
        say("the last word")
        screen.settle(60)
        tty.await_rows(lambda rows: "the last word" in rows)


def wait_until(is_so: object) -> None:
    assert callable(is_so)
    for _ in range(3000):
        if is_so():
            return
        threading.Event().wait(0.02)
    raise AssertionError
