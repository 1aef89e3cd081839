"""A stream's facts in, its live table out: lines that fit a window of a given size. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from antennactl.observe.live.bar import bar_line
from antennactl.observe.live.stream_view import StreamFacts
from antennactl.observe.live.text import (
    BOLD,
    DIM,
    PLAIN,
    WARN,
    Line,
    cut,
    folded,
    line,
    milliseconds,
    plain,
    size,
    span,
    wrapped,
)
from antennactl.observe.output import escape, format_time

_LABEL: Final = 20
_CELL: Final = 17
_LEAST_CELL: Final = 8
# So many rows are kept for partitions while there is a lag, as long as reasons have as many.
_PARTITIONS: Final = 3
# End offsets are asked for every 2 s; older ones are told as such.
_OLD_S: Final = 6
_BLANK: Final = line("")


@dataclass(frozen=True)
class _Part:
    """Lines that are shown together or not at all; the higher `rank`, the sooner they give way in a low window."""

    rank: int
    lines: Sequence[Line]


def stream_frame(facts: StreamFacts, width: int, height: int) -> list[Line]:
    """Return the live table in at most `width` columns and `height` lines.

    What says most stays longest: in a low window partitions and reasons are summed up, those with most excepted, and
    then whole rows give way.
    """
    totals = _totals(facts, width)
    parts = [_head(facts, width), *totals, *_times(facts, width), *_drain(facts, width), _lag_sum(facts)]
    height_left = height - sum(len(part.lines) for part in parts)
    while height_left < 0 and len(parts) > 1:
        last = max(range(len(parts)), key=lambda i: (parts[i].rank, i))
        height_left += len(parts.pop(last).lines)
    wanted = min(_PARTITIONS, len(facts.lag)) if any(facts.lag.values()) else 0
    reasons = _reasons(facts, max(height_left - wanted, height_left // 2), width)
    partitions = _partitions(facts, height_left - len(reasons))
    lines: list[Line] = []
    for part in parts:
        lines.extend(part.lines)
        if totals and part is totals[-1]:
            lines.extend(reasons)
    return [cut(one, width) for one in [*lines, *partitions][: max(0, height)]]


def _head(facts: StreamFacts, width: int) -> _Part:
    running = f"running for {span((facts.now - facts.started_at).total_seconds())}"
    title = line((f"antennactl stream  {escape(facts.topic)}", BOLD), (f"  {running}", DIM))
    if facts.last is None:
        return _Part(0, [title, line(f"{'micro-batch':<{_LABEL}}none committed yet")])
    age = span((facts.now - facts.last.committed_at).total_seconds())
    number = f"{'micro-batch':<{_LABEL}}{facts.sums.n_batches:,}"
    full = line(number, (f"  {facts.last.batch_id}", DIM), f"  committed {age} ago")
    short = line(number, f"  committed {age} ago")
    return _Part(0, [title, full if len(plain(full)) <= width else short])


def _totals(facts: StreamFacts, width: int) -> list[_Part]:
    last, sums = facts.last, facts.sums
    if last is None:
        return []
    ran_s = max((last.committed_at - facts.started_at).total_seconds(), 0.001)
    worked_s = max(sums.processing_s, 0.001)
    rates_in = _rate(last.n_rows, last.interval_s), _rate(sums.n_rows, ran_s)
    rates_out = _rate(last.n_rows, last.processing_s), _rate(sums.n_rows, worked_s)
    unknown = f"{last.n_unknown_user:,}", f"{sums.n_unknown_user:,}"
    is_bad = WARN if last.n_rejects else PLAIN
    return [
        _Part(7, [_BLANK]),
        _Part(5, [_row("", "last", "total", width, DIM)]),
        _Part(2, [_row("rows", f"{last.n_rows:,}", f"{sums.n_rows:,}", width)]),
        _Part(2, [_row("rows/s in", *rates_in, width)]),
        _Part(3, [_row("rows/s out", *rates_out, width)]),
        _Part(6, [_row("bytes", size(last.sum_bytes), size(sums.sum_bytes), width)]),
        _Part(4, [_row("late", f"{last.n_late:,}", f"{sums.n_late:,}", width)]),
        _Part(4, [_row("unknown users", *unknown, width)]),
        _Part(2, [_row("rejected", f"{last.n_rejects:,}", f"{sums.n_rejects:,}", width, is_bad)]),
    ]


def _reasons(facts: StreamFacts, room: int, width: int) -> list[Line]:
    last = {} if facts.last is None else facts.last.reject_reasons
    shown = folded(list(facts.reasons.items()), room)
    named = {name for name, _ in shown}
    others = sum(n for name, n in last.items() if name not in named)
    rows = []
    for name, n in shown:
        n_last = last.get(name, 0) if name in facts.reasons else others
        rows.append(_row(f"  {name}", f"{n_last:,}", f"{n:,}", width, DIM))
    return rows


def _times(facts: StreamFacts, width: int) -> list[_Part]:
    if facts.last is None:
        return []
    parts = []
    if facts.newest_event is not None:
        delay_s = (facts.now - facts.newest_event).total_seconds()
        told = f"{span(delay_s)} ago" if delay_s >= 0 else f"{span(-delay_s)} ahead"
        newest = format_time(facts.newest_event.replace(microsecond=0))
        parts.append(_Part(1, [line(f"{'newest event':<{_LABEL}}{newest}  {told}")]))
    words = [f"{stage} {milliseconds(ms)}" for stage, ms in facts.last.duration_ms.items()]
    stages = wrapped(words, width - _LABEL)
    labels = ["ms per stage", *[""] * (len(stages) - 1)]
    pairs = zip(labels, stages, strict=True)
    return [*parts, _Part(3, [line(f"{label:<{_LABEL}}{text}") for label, text in pairs])]


def _drain(facts: StreamFacts, width: int) -> list[_Part]:
    if facts.drain is None:
        return []
    return [_Part(1, [bar_line(facts.drain, width, _LABEL - 2)])]


def _lag_sum(facts: StreamFacts) -> _Part:
    lag = facts.lag
    if not facts.positions:
        told = "no partition is assigned"
    elif not lag:
        told = f"{_partitions_named(len(facts.positions))}, ends not known yet"
    else:
        told = f"{sum(lag.values()):,} rows in {_partitions_named(len(lag))}"
        age_s = (facts.now - facts.ends_at).total_seconds()
        told += f", by ends of {span(age_s)} ago" if age_s > _OLD_S else ""
    return _Part(1, [line(f"{'lag':<{_LABEL}}{told}")])


def _partitions(facts: StreamFacts, room: int) -> list[Line]:
    lag = facts.lag
    worst = sorted(lag, key=lambda p: (-lag[p], p))
    n_shown = len(lag) if len(lag) <= room else room - 1
    if n_shown <= 0:
        return []
    lines = []
    for p in sorted(worst[:n_shown]):
        position = facts.positions[p]
        at = f"   at {position:,} of {max(position, facts.ends[p]):,}"
        lines.append(line(f"{f'  partition {p}':<{_LABEL}}{lag[p]:>{_CELL},}", (at, DIM)))
    if rest := worst[n_shown:]:
        lines.append(line(f"{f'  {len(rest)} others':<{_LABEL}}{sum(lag[p] for p in rest):>{_CELL},}"))
    return lines


def _row(label: str, last: str, total: str, width: int, style: str = PLAIN) -> Line:
    cell = max(_LEAST_CELL, min(_CELL, (width - _LABEL) // 2))
    return line((f"{label:<{_LABEL}}{last:>{cell}}{total:>{cell}}", style))


def _rate(n: int, seconds: float) -> str:
    return f"{n / seconds:,.0f}"


def _partitions_named(n: int) -> str:
    return f"{n} partition{'' if n == 1 else 's'}"
