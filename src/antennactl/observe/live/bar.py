"""How far a wait has come in, one line with a bar and the time that is left out."""

from dataclasses import dataclass
from typing import Final

from antennactl.observe.live.text import BOLD, DIM, Line, cut, line, span

_BAR: Final = 24
_LEAST_S: Final = 0.5


@dataclass(frozen=True)
class Wait:
    """`done` of `total` of `what` after `elapsed_s` seconds. `total` None: there is no end to count towards."""

    what: str
    done: int
    total: int | None
    elapsed_s: float

    @property
    def rate(self) -> float:
        """How much is done a second, since the beginning."""
        return self.done / self.elapsed_s if self.elapsed_s > 0 else 0.0

    @property
    def left_s(self) -> float | None:
        """How long it may still take at the same rate; None while there is nothing to tell it by."""
        if self.total is None or self.elapsed_s < _LEAST_S or not self.done:
            return None
        return max(0, self.total - self.done) / self.rate


def bar_line(wait: Wait, width: int, label: int = 0) -> Line:
    """Return a line of at most `width` columns: name (padded to `label`), bar, percent, amounts, rate, time left."""
    name = f"{wait.what:<{label}}"
    if wait.total is None:
        done = f"  {wait.done:,}" if wait.done else ""
        return cut(line(name, done, (f"  {span(wait.elapsed_s)}", DIM)), width)
    share = 1.0 if wait.total <= 0 else min(1.0, wait.done / wait.total)
    head = f"{share:>5.0%}"
    amounts = f"  {wait.done:,} of {wait.total:,}" if wait.total > 1 else ""
    rate = f"  {wait.rate:,.0f}/s" if wait.rate >= 1 and wait.total > 1 and wait.left_s is not None else ""
    left = "" if wait.left_s is None or share >= 1 else f"  {span(wait.left_s)} left"
    # What says most stays longest where the line is short.
    for tail in (amounts + rate + left, amounts + left, left, ""):
        room = width - len(name) - len(head) - len(tail) - 4
        if room >= _BAR // 2:
            break
    filled = round(share * max(0, min(_BAR, room)))
    bar = "#" * filled + "." * (max(0, min(_BAR, room)) - filled)
    return cut(line(name, "  [", (bar, BOLD), "]", head, tail), width)
