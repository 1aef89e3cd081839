"""Settings in, the live table of a stream out, where there is a terminal to draw it on."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from antennactl.observe.live.screen import Screen
from antennactl.observe.live.stream_frame import stream_frame
from antennactl.observe.live.stream_view import StreamView
from antennactl.observe.live.terminal import can_draw, has_color, is_terminal
from antennactl.observe.rounds import Rounds
from antennactl.settings import Settings
from antennactl.sources.cluster import connect_cluster

_ENDS_EVERY_S: Final = 2.0


def open_view(
    settings: Settings,
    topic: str,
    positions: Callable[[], Mapping[int, int]],
    targets: Mapping[int, int] | None,
) -> StreamView | None:
    """Return what the live table is to be made of, to be filled; None where no table can be drawn."""
    return StreamView(topic, positions, targets) if can_draw(settings) else None


@contextmanager
def show_view(
    settings: Settings, view: StreamView | None, positions: Callable[[], Mapping[int, int]]
) -> Iterator[None]:
    """Show the live table meanwhile, and leave its last picture; lines on stderr never wait for a terminal."""
    if view is None:
        if not is_terminal(sys.stderr):
            yield
            return
        # Lines alone, but through the same thread: a terminal that was stopped with Ctrl-S stops nothing else.
        with Screen(lambda _width, _height: (), sys.stderr, color=False):
            yield
        return
    with (
        Screen(
            lambda width, height: stream_frame(view.facts(), width, height), sys.stderr, color=has_color()
        ),
        _following_ends(settings, view, positions),
    ):
        yield


@contextmanager
def _following_ends(
    settings: Settings, view: StreamView, positions: Callable[[], Mapping[int, int]]
) -> Iterator[None]:
    # Over a connection of its own: an answer that does not come holds up nobody else.
    ends_of = connect_cluster(settings).end_offsets

    def read_ends() -> None:
        if mine := positions():
            view.set_ends(ends_of(mine))

    rounds = Rounds({"the lag": read_ends}, _ENDS_EVERY_S)
    try:
        yield
    finally:
        rounds.close(leave_s=1.0)
