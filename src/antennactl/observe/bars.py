"""Long waits in; bars at the foot of a terminal out, and elsewhere at most one line a step."""

import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Final, Self, TypeVar

from antennactl.observe.live.bar import Wait, bar_line
from antennactl.observe.live.screen import Screen
from antennactl.observe.live.terminal import can_draw, has_color
from antennactl.observe.live.text import Line
from antennactl.settings import Settings

_AFTER_S: Final = 1.0
_T = TypeVar("_T")


class Bars:
    """Shows how far several waits have come, on stderr; call it with (what, done, total).

    `total` None: there is no end to count towards. `steps`: each wait has a line where no bar can be drawn, and the
    bars stay when all is done; without it only a wait of more than a second is shown, on a terminal, until it ends.
    """

    def __init__(
        self, settings: Settings, *, steps: bool = False, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._tells_steps = steps and not settings.quiet
        self._clock = clock
        self._waits: dict[str, tuple[int, int | None, float, float]] = {}
        self._lock = threading.Lock()
        self._began_at = clock()
        self._after_s = 0.0 if steps else _AFTER_S
        self._screen = (
            Screen(self.frame, sys.stderr, color=has_color(), keep=steps) if can_draw(settings) else None
        )

    def __call__(self, what: str, done: int, total: int | None) -> None:
        """Note that `done` of `total` of `what` is done; 0 begins it."""
        now = self._clock()
        with self._lock:
            began_at = self._waits[what][2] if what in self._waits else now
            self._waits[what] = (done, total, began_at, now)
        if self._screen is None and self._tells_steps and done == 0:
            print(what, file=sys.stderr, flush=True)

    def over(self, what: str, items: Sequence[_T]) -> Iterator[_T]:
        """Yield `items`, noting each as done when the next one is asked for. Of one alone only the time is shown."""
        total = len(items) if len(items) > 1 else None
        self(what, 0, total)
        for done, item in enumerate(items, 1):
            yield item
            self(what, done, total)

    def frame(self, width: int, height: int) -> list[Line]:
        """Return the bars, the newest where there is no room for all."""
        now = self._clock()
        if now - self._began_at < self._after_s:
            return []
        with self._lock:
            waits = [
                Wait(what, done, total, (at if total is not None and done >= total else now) - began_at)
                for what, (done, total, began_at, at) in self._waits.items()
            ]
        shown = waits[-height:] if height > 0 else []
        label = max((len(wait.what) for wait in shown), default=0)
        return [bar_line(wait, width, min(label, width // 2)) for wait in shown]

    def __enter__(self) -> Self:
        if self._screen is not None:
            self._screen.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._screen is not None:
            self._screen.__exit__(kind, error, trace)
