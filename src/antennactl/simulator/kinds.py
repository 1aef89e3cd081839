"""Shares of odd messages in, the kind of every message out: exact in number, seeded in place."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import gcd
from typing import Final

import polars as pl

from antennactl.simulator.draws import draw

KINDS: Final = ("event", "late", "malformed", "unknown", "duplicate")
ENDLESS_PERIOD: Final = 1_000_000
"""Without a number of messages the shares hold exactly over each run of this many."""
_GOLDEN: Final = 0.618033988749895


def count_kinds(shares: Mapping[str, float], period: int) -> dict[str, int]:
    """Return how many of `period` messages are of each odd kind: round(period * share), at most all."""
    counts: dict[str, int] = {}
    for kind, share in shares.items():
        counts[kind] = min(round(period * share), period - sum(counts.values()))
    return counts


@dataclass(frozen=True)
class KindPlan:
    """In each period of messages exactly `counts[kind]` are of each odd kind.

    This holds however they are cut into blocks; `seed` and `stream` say which rows of a block are the odd
    ones.
    """

    counts: Mapping[str, int]
    period: int
    seed: int
    stream: int

    def assign(self, first: int, n: int) -> pl.Series:
        """Return the kinds of the block of messages first … first + n - 1.

        The block gets its part of the odd messages by running totals; its lowest draws say where they stand.
        """
        n_odd = sum(self.counts.values())
        begin, end = first * n_odd // self.period, (first + n) * n_odd // self.period
        codes = pl.Series([0], dtype=pl.UInt8).new_from_index(0, n)
        if end > begin:
            index = pl.int_range(first, first + n)
            lowest = pl.select(draw(index, self.seed, self.stream)).to_series().arg_sort()
            codes = codes.scatter(lowest.head(end - begin), self._odd_codes(begin, end))
        return pl.Series(KINDS).gather(codes).alias("kind")

    def _odd_codes(self, begin: int, end: int) -> pl.Series:
        """Return the kind codes of the odd messages begin … end - 1, each kind spread over the period."""
        n_odd = sum(self.counts.values())
        place = pl.int_range(begin, end) % n_odd * _coprime_step(n_odd) % n_odd
        code, bound = pl.lit(0), n_odd
        for kind in reversed(list(self.counts)):
            code = pl.when(place < bound).then(pl.lit(KINDS.index(kind))).otherwise(code)
            bound -= self.counts[kind]
        return pl.select(code.cast(pl.UInt8)).to_series()


def _coprime_step(n: int) -> int:
    """Return a step near n's golden section that visits every place below n once."""
    step = max(1, int(n * _GOLDEN))
    while gcd(step, n) != 1:
        step += 1
    return step
