"""Draws are SplitMix64 by counter: fixed for ever, evenly spread, and independent between streams."""

from collections import Counter
from typing import Final

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from antennactl.simulator.draws import MASK, draw, draw_below, mix

_SEEDS: Final = st.integers(-(2**70), 2**70)


def _reference(index: int, seed: int, stream: int) -> int:
    """SplitMix64 by counter in plain integers."""
    return mix(((index * 16 + stream) * 0x9E3779B97F4A7C15 + mix(seed & MASK)) & MASK)


@given(first=st.integers(0, 2**40), seed=_SEEDS, stream=st.integers(0, 15))
def test_columns_draw_what_plain_integers_draw(first: int, seed: int, stream: int) -> None:
    """Polars' wrapping UInt64 arithmetic gives the defined values."""
    drawn = pl.select(draw(pl.int_range(first, first + 5), seed, stream)).to_series().to_list()
    assert drawn == [_reference(index, seed, stream) for index in range(first, first + 5)]


def test_mix_is_splitmix64() -> None:
    """The first outputs for seed 0 are the ones published with the algorithm."""
    gamma = 0x9E3779B97F4A7C15
    assert [mix(gamma * n & MASK) for n in (1, 2, 3)] == [
        0xE220A8397B1DCDAF,
        0x6E789E6AA1B965F4,
        0x06C45D188009454F,
    ]


def test_draws_below_a_bound_are_even() -> None:
    """Each of ten values comes up about as often."""
    drawn = pl.select(draw_below(pl.int_range(0, 100_000), 7, 3, 10)).to_series()
    counts = Counter(drawn.to_list())
    assert sorted(counts) == list(range(10))
    assert all(9_600 < count < 10_400 for count in counts.values())
