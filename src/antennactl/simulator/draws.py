"""A seed, a stream and a row's index in, 64 random bits out: the same on every machine and version.

SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014) used by counter.
Polars' own hash is not promised to stay the same between versions, and the standard library's generator
depends on how many values were drawn before.
"""

from typing import Final

import polars as pl

MASK: Final = 2**64 - 1
_GAMMA: Final = 0x9E3779B97F4A7C15
_MIX_1: Final = 0xBF58476D1CE4E5B9
_MIX_2: Final = 0x94D049BB133111EB
_N_STREAMS: Final = 16


def draw(index: pl.Expr, seed: int, stream: int) -> pl.Expr:
    """Return 64 random bits (UInt64) for every `index` from 0 on; `stream` (0 to 15) keeps purposes apart."""
    counter = index.cast(pl.UInt64) * _word(_N_STREAMS) + _word(stream)
    state = counter * _word(_GAMMA) + _word(mix(seed & MASK))
    state = (state ^ (state // _word(1 << 30))) * _word(_MIX_1)
    state = (state ^ (state // _word(1 << 27))) * _word(_MIX_2)
    return state ^ (state // _word(1 << 31))


def draw_below(index: pl.Expr, seed: int, stream: int, bound: int) -> pl.Expr:
    """Return a number in [0, bound) (UInt64) for every `index`; the bias is below bound / 2^64."""
    return draw(index, seed, stream) % _word(bound)


def mix(state: int) -> int:
    """Return the SplitMix64 output of a 64-bit state."""
    state = ((state ^ (state >> 30)) * _MIX_1) & MASK
    state = ((state ^ (state >> 27)) * _MIX_2) & MASK
    return state ^ (state >> 31)


def _word(value: int) -> pl.Expr:
    return pl.lit(value, dtype=pl.UInt64)
