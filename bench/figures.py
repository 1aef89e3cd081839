"""Runs in, the figures that are shown out: medians, rates, slopes and ratios. Pure."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Final

Row = Mapping[str, object]
WHY_NOT: Final = "why not"
"""The column of a row without figures: what kept the peer from being measured."""


@dataclass
class Table:
    """One table of results: rows with the same columns, and what has to be said beside them."""

    name: str
    title: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def summarize(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each figure over the runs of one peer."""
    return {name: median(run[name] for run in runs) for name in runs[0]} if runs else {}


def spread(values: Iterable[float]) -> float:
    """Return how far apart the runs lie: (most - least) / median; 0 for one run."""
    known = sorted(values)
    return (known[-1] - known[0]) / median(known) if len(known) > 1 and median(known) else 0.0


def ratio(value: float | None, reference: float | None) -> float | None:
    """Return value / reference, None where one is missing."""
    return value / reference if value is not None and reference else None


def slope(sizes: Sequence[float], values: Sequence[float]) -> float | None:
    """Return the exponent of growth: 1 is in proportion, 0 is flat. By least squares on logarithms."""
    points = [(math.log(x), math.log(y)) for x, y in zip(sizes, values, strict=True) if x > 0 and y > 0]
    if len({x for x, _ in points}) < 2:  # noqa: PLR2004 - a line takes two points
        return None
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    across = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / across


def percentile(values: Iterable[float], share: float) -> float | None:
    """Return the smallest value that at least `share` (above 0, at most 1) of the values do not exceed."""
    known = sorted(values)
    return known[math.ceil(share * len(known)) - 1] if known else None


def cpu_hours_per_billion(cpu_us: float) -> float:
    """Return the core-hours that a billion messages take at `cpu_us` microseconds each."""
    return cpu_us * 1e9 / 1e6 / 3600
