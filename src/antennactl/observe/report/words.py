"""Values in, short texts for people out: amounts, times, names; text of outside is made visible, never obeyed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from antennactl.observe.output import escape

_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB", "EB")
_LONGEST_LABEL: Final = 14


def amount(value: float) -> str:
    """Return bytes with three digits and a decimal unit: 999 B, 1.23 kB, 45.6 MB."""
    for unit in _UNITS:
        # 999.5 would be shown as 1000: it is one of the next unit.
        if abs(value) < 999.5 or unit == _UNITS[-1]:  # noqa: PLR2004 - see above
            return f"{_three_digits(value)} {unit}" if unit != "B" else f"{value:,.0f} B"
        value /= 1000
    raise AssertionError


def _three_digits(value: float) -> str:
    size = abs(value)
    return f"{value:,.2f}" if size < 9.995 else f"{value:.1f}" if size < 99.95 else f"{value:,.0f}"  # noqa: PLR2004


def count(value: int, one: str, many: str | None = None) -> str:
    """Return `value` with its word: 1 hour, 1,200 hours."""
    return f"{value:,} {one if value == 1 else many or one + 's'}"


def percent(usage: int, quota: int) -> str:
    """Return usage of quota in per cent. What is over 100 is never rounded down to it, nor up to it from below."""
    if quota <= 0:
        return "no quota" if usage > 0 else "0 %"
    share = 100 * usage / quota
    if 99 < share < 101 and usage != quota:  # noqa: PLR2004 - where a whole number would hide who is over
        return f"{share:.2f} %" if abs(share - 100) >= 0.005 else ("> 100 %" if usage > quota else "< 100 %")  # noqa: PLR2004
    return f"{share:,.0f} %"


def hour_text(hour: datetime) -> str:
    """Return an hour or a moment in UTC as 24 Nov 06:00."""
    return f"{hour.day} {hour:%b %H:%M}"


def moment_text(moment: datetime) -> str:
    """Return a moment in UTC as 24 Nov 2026, 06:15."""
    return f"{moment.day} {moment:%b %Y, %H:%M}"


def age(seconds: float) -> str:
    """Return a length of time in its two largest units: 40 s, 3 min, 2 h 5 min, 4 d 1 h."""
    whole = max(0, int(seconds))
    for unit, length, smaller, part in (("d", 86_400, "h", 3600), ("h", 3600, "min", 60)):
        if whole >= length:
            rest = whole % length // part
            return f"{whole // length} {unit}" + (f" {rest} {smaller}" if rest else "")
    return f"{whole // 60} min" if whole >= 60 else f"{whole} s"  # noqa: PLR2004 - seconds of a minute


def short_labels(names: Sequence[str]) -> list[str]:
    """Return a label for each name: its start and its end where it is long, unless two would then look alike."""
    shown = [escape(name) for name in names]
    short = [
        text if len(text) <= _LONGEST_LABEL else f"{text[:6]}\N{HORIZONTAL ELLIPSIS}{text[-6:]}"
        for text in shown
    ]
    return [label if short.count(label) == 1 else text for label, text in zip(short, shown, strict=True)]
