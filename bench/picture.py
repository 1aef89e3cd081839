"""Tables of results in, one SVG picture out: bars for peers, lines on logarithmic axes for growth."""

import math
from collections.abc import Sequence
from html import escape
from typing import Final

from bench.figures import Row, Table
from bench.text_table import format_value

_WIDTH: Final = 720
_LABEL: Final = 230
_BAR: Final = 20
_PLOT: Final = 200
_OURS: Final = "#0b6e99"
_THEIRS: Final = "#b8bec6"
_STYLE: Final = (
    "text{font:13px system-ui,sans-serif;fill:#1f2328}.title{font-weight:600}.faint{fill:#667}"
    "@media(prefers-color-scheme:dark){text{fill:#e6e6e6}.faint{fill:#9aa}}"
)


def draw(tables: Sequence[Table]) -> str:
    """Return the picture of what can be drawn of `tables`: each panel below the one before."""
    panels, top = [], 10
    for table in tables:
        for title, rows in _bar_groups(table):
            drawn, height = _draw_bars(title, rows)
            panels.append(f'<g transform="translate(0 {top})">{drawn}</g>')
            top += height
        if table.name == "growth":
            for title, points in _line_groups(table):
                panels.append(f'<g transform="translate(0 {top})">{_draw_line(title, points)}</g>')
                top += _PLOT + 70
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" role="img" '
        f'aria-label="Benchmark results"><style>{_STYLE}</style>{"".join(panels)}</svg>\n'
    )


def _bar_groups(table: Table) -> list[tuple[str, list[tuple[str, float]]]]:
    if table.name == "stream":
        topics = dict.fromkeys(str(row["topic"]) for row in table.rows)
        return [
            (f"{topic}: messages/s, start excluded", _bars(table.rows, "msg/s", topic)) for topic in topics
        ]
    if table.name == "batch":
        return [("one hour: seconds (less is better)", _bars(table.rows, "seconds", None))]
    return []


def _bars(rows: Sequence[Row], column: str, topic: str | None) -> list[tuple[str, float]]:
    found = []
    for row in rows:
        value = row.get(column)
        if isinstance(value, float | int) and (topic is None or row["topic"] == topic):
            found.append((str(row["peer"]), float(value)))
    return found


def _draw_bars(title: str, rows: Sequence[tuple[str, float]]) -> tuple[str, int]:
    most = max((value for _, value in rows), default=1.0) or 1.0
    drawn = [f'<text class="title" x="10" y="16">{escape(title)}</text>']
    for number, (name, value) in enumerate(rows):
        y = 28 + number * (_BAR + 6)
        width = max(1.0, value / most * (_WIDTH - _LABEL - 110))
        colour = _OURS if name.startswith("antennactl") else _THEIRS
        drawn += [
            f'<text x="{_LABEL - 8}" y="{y + 15}" text-anchor="end">{escape(name)}</text>',
            f'<rect x="{_LABEL}" y="{y}" width="{width:.1f}" height="{_BAR}" fill="{colour}"/>',
            f'<text x="{_LABEL + width + 6:.1f}" y="{y + 15}">{format_value(value)}</text>',
        ]
    return "".join(drawn), 28 + len(rows) * (_BAR + 6) + 24


def _line_groups(table: Table) -> list[tuple[str, list[tuple[float, float]]]]:
    groups: dict[str, list[tuple[float, float]]] = {}
    for row in table.rows:
        size, value = row.get("size"), row.get("value")
        if isinstance(size, float | int) and isinstance(value, float | int) and size > 0 and value > 0:
            groups.setdefault(f"{row['measure']} ({row['unit']}) by {row['by']}", []).append(
                (float(size), float(value))
            )
    return list(groups.items())


def _draw_line(title: str, points: Sequence[tuple[float, float]]) -> str:
    xs, ys = [math.log10(x) for x, _ in points], [math.log10(y) for _, y in points]
    # One decade at least, so that noise does not look like growth.
    low, high = math.floor(min(ys)), max(math.ceil(max(ys)), math.floor(min(ys)) + 1)
    left, right, span = 70, _WIDTH - 40, (max(xs) - min(xs)) or 1.0
    places = [
        (left + (x - min(xs)) / span * (right - left), 30 + _PLOT - (y - low) / (high - low) * _PLOT)
        for x, y in zip(xs, ys, strict=True)
    ]
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    drawn = [
        f'<text class="title" x="10" y="16">{escape(title)}</text>',
        f'<rect x="{left}" y="30" width="{right - left}" height="{_PLOT}" fill="none" stroke="{_THEIRS}"/>',
        f'<text class="faint" x="{left - 6}" y="40" text-anchor="end">{format_value(10.0**high)}</text>',
        f'<text class="faint" x="{left - 6}" y="{30 + _PLOT}" text-anchor="end">{format_value(10.0**low)}</text>',
        f'<polyline points="{line}" fill="none" stroke="{_OURS}" stroke-width="2"/>',
    ]
    for (x, y), (size, value) in zip(places, points, strict=True):
        drawn += [
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{_OURS}"><title>{format_value(value)}</title></circle>',
            f'<text class="faint" x="{x:.1f}" y="{30 + _PLOT + 18}" text-anchor="middle">{format_value(size)}</text>',
        ]
    return "".join(drawn)
