"""Bars of long waits: on a terminal alone, after a while, and gone when they end; elsewhere hardly a line."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from antennactl.observe.bars import Bars
from antennactl.observe.live.bar import Wait, bar_line
from antennactl.observe.live.text import plain
from antennactl.settings import Settings
from terminal import Terminal, terminal


class Clock:
    """Stands still but for what a test adds."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


@contextmanager
def stderr_on_terminal(term: str = "xterm") -> Iterator[Terminal]:
    """Connect stderr to a terminal. Not as a fixture: pytest connects it anew when a test begins."""
    with (
        pytest.MonkeyPatch.context() as patch,
        terminal() as made,
        os.fdopen(os.dup(made.slave), "w") as file,
    ):
        patch.setenv("TERM", term)
        patch.setattr(sys, "stderr", file)
        yield made


@pytest.mark.parametrize(
    ("wait", "width", "shown"),
    [
        (Wait("hours", 3, 10, 60.0), 79, "hours  [#######.................]  30%  3 of 10  2 m 20 s left"),
        (Wait("rows", 0, 10, 0.0), 79, "rows  [........................]   0%  0 of 10"),
        (
            Wait("rows", 10_000, 10_000, 2.0),
            79,
            "rows  [########################] 100%  10,000 of 10,000  5,000/s",
        ),
        (Wait("rows", 5_000, 10_000, 2.0), 40, "rows  [########.........]  50%  2 s left"),
        (Wait("start Kafka", 0, 1, 9.0), 79, "start Kafka  [........................]   0%"),
        (Wait("write users", 0, None, 65.0), 79, "write users  1 m 5 s"),
        (Wait("messages", 7_000, None, 5.0), 79, "messages  7,000  5 s"),
        (Wait("nothing", 0, 0, 0.0), 79, "nothing  [########################] 100%"),
    ],
)
def test_a_bar_tells_how_much_is_done_and_the_time_left(wait: Wait, width: int, shown: str) -> None:
    assert plain(bar_line(wait, width)) == shown


def test_a_wait_is_shown_once_it_is_long_and_goes_when_it_ends() -> None:
    clock = Clock()
    with stderr_on_terminal() as tty:
        show_hours(tty, clock)
        tty.await_rows(lambda rows: rows == ["a warning", ""])


def show_hours(tty: Terminal, clock: Clock) -> None:
    with Bars(Settings(), clock=clock) as bars:
        hours = bars.over("hours", ["a", "b", "c", "d"])
        assert next(hours) == "a"
        assert bars.frame(79, 20) == []
        sys.stderr.write("a warning\n")
        tty.await_rows(lambda rows: rows == ["a warning", ""])
        clock.now += 2
        assert next(hours) == "b"
        tty.await_rows(
            lambda rows: rows == ["a warning", "hours  [######..................]  25%  1 of 4  6 s left", ""]
        )


def test_steps_stay_on_the_terminal() -> None:
    with stderr_on_terminal() as tty:
        with Bars(Settings(), steps=True) as bars:
            bars("fetch", 0, 4)
            bars("start", 0, 1)
            bars("fetch", 4, 4)
            bars("start", 1, 1)
        tty.await_rows(
            lambda rows: [row.split("]")[-1].strip() for row in rows] == ["100%  4 of 4", "100%", ""]
        )


def test_off_a_terminal_only_steps_have_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock()
    with Bars(Settings(), clock=clock) as bars:
        for _ in bars.over("hours", [1, 2, 3]):
            clock.now += 60
    assert capsys.readouterr().err == ""
    with Bars(Settings(), steps=True) as bars:
        bars("fetch", 0, 4)
        bars("fetch", 4, 4)
    assert capsys.readouterr().err == "fetch\n"
    with Bars(Settings(quiet=True), steps=True) as bars:
        bars("fetch", 0, 4)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("settings", "term"),
    [
        (Settings(quiet=True), "xterm"),
        (Settings(log_format="json"), "xterm"),
        (Settings(), "dumb"),
        (Settings(), ""),
    ],
)
def test_nothing_is_drawn_where_it_is_not_wanted(settings: Settings, term: str) -> None:
    clock = Clock()
    with stderr_on_terminal(term) as tty:
        with Bars(settings, clock=clock) as bars:
            bars("hours", 1, 2)
            clock.now += 60
        sys.stderr.write("the end\n")
        sys.stderr.flush()
        tty.await_rows(lambda rows: rows == ["the end", ""])
        assert tty.raw == b"the end\r\n"
