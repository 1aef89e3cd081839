"""Numbers and words in, lines of a picture out: ASCII, never wider than told."""

from collections.abc import Iterable, Sequence
from typing import Final

PLAIN: Final = ""
BOLD: Final = "1"
DIM: Final = "2"
WARN: Final = "33"

Line = tuple[tuple[str, str], ...]
"""Pieces of text, each with its style: the parameter of the terminal's SGR sequence."""

_MINUTE_S: Final = 60
_HOUR_S: Final = 3600
_DAY_S: Final = 86_400
_UNITS: Final = ("B", "kB", "MB", "GB", "TB", "PB")
_STEP: Final = 1000
_EXACT_MS: Final = 10


def line(*pieces: str | tuple[str, str]) -> Line:
    """Return a line of pieces; a bare str is plain."""
    return tuple((piece, PLAIN) if isinstance(piece, str) else piece for piece in pieces)


def plain(pieces: Line) -> str:
    """Return the text of a line, without its styles."""
    return "".join(text for text, _ in pieces)


def cut(pieces: Line, width: int) -> Line:
    """Return the line's first `width` columns."""
    kept = []
    for text, style in pieces:
        if width <= 0:
            break
        kept.append((text[:width], style))
        width -= len(text)
    return tuple(kept)


def styled(pieces: Line, *, color: bool) -> str:
    """Return the line with its styles as a terminal reads them, or without any."""
    if not color:
        return plain(pieces)
    return "".join(f"\x1b[{style}m{text}\x1b[0m" if style else text for text, style in pieces)


def folded(items: Sequence[tuple[str, int]], room: int) -> list[tuple[str, int]]:
    """Return `items` (name, amount), the largest first, in at most `room` rows: the last ones may be summed up.

    None where they all would be: that sum is told elsewhere.
    """
    ranked = sorted(items, key=lambda item: (-item[1], item[0]))
    if len(ranked) <= room:
        return ranked
    if room < 2:  # noqa: PLR2004 - one row, and one of the others
        return []
    rest = ranked[room - 1 :]
    return [*ranked[: room - 1], (f"{len(rest)} others", sum(amount for _, amount in rest))]


def wrapped(words: Iterable[str], width: int, gap: str = "  ") -> list[str]:
    """Return `words` in as few lines of at most `width` columns as they take; a longer word has a line of its own."""
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(gap) + len(word) <= width:
            lines[-1] += gap + word
        else:
            lines.append(word)
    return lines


def span(seconds: float) -> str:
    """Return a length of time in its two largest units: `4 s`, `2 m 10 s`, `3 h 5 m`, `12 d 4 h`."""
    whole = max(0, int(seconds))
    if whole < _MINUTE_S:
        return f"{whole} s"
    if whole < _HOUR_S:
        return f"{whole // _MINUTE_S} m {whole % _MINUTE_S} s"
    if whole < _DAY_S:
        return f"{whole // _HOUR_S} h {whole % _HOUR_S // _MINUTE_S} m"
    return f"{whole // _DAY_S:,} d {whole % _DAY_S // _HOUR_S} h"


def size(n_bytes: int) -> str:
    """Return bytes in a unit that leaves three digits or fewer before the point."""
    amount = float(n_bytes)
    for unit in _UNITS:
        if round(amount, 1) < _STEP or unit == _UNITS[-1]:
            break
        amount /= _STEP
    return f"{n_bytes} B" if unit == "B" else f"{amount:,.1f} {unit}"


def milliseconds(spent_ms: float) -> str:
    """Return a number of milliseconds, with a decimal only where it says something."""
    return f"{spent_ms:,.0f}" if spent_ms >= _EXACT_MS else f"{spent_ms:.1f}"
