"""Payloads of one schema in, the fields of those that fit it plainly out, as columns; every other is left open.

All rows are walked through the schema at once, a step a value, each row with a position of its own. A row's outcome
depends on its own bytes alone, so that a message that is too short or too long cannot shift its neighbours: what
readers of whole blocks cannot promise.
"""

from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from antennactl.decode.avro.message import HEADER
from antennactl.decode.avro.plan import INTEGERS, Plan, Step
from antennactl.decode.avro.schema import width_of
from antennactl.decode.mapped_columns import READINGS, read_timestamps
from antennactl.decode.texts import cast_to_texts

_WORD: Final = 8
_CONTINUED: Final = 0x80
_PADDING: Final = b"\0" * _WORD
# The columns of the walk itself: no field is named so.
_BODY, _AT, _FITS, _VALUE = "@body", "@at", "@fits", "@value"


def parse_columns(payloads: pl.Series, plan: Plan) -> pl.DataFrame:
    """Return the columns of READINGS, null in every row that does not fit the plan: nothing is decided of those.

    `payloads`: none null, none without a header. Where no column of a row is null, `AvroMessages` finds the same
    values, but has still to judge them. Never raises on any bytes.
    """
    walk = pl.DataFrame({_BODY: payloads}).select(
        pl.col(_BODY) + pl.lit(_PADDING), size=pl.col(_BODY).bin.size().cast(pl.Int64)
    )
    walk = walk.with_columns(pl.lit(HEADER, pl.Int64).alias(_AT), pl.lit(value=True).alias(_FITS))
    try:
        for step in plan.steps:
            walk = _take(walk, step)
    except PolarsError:  # a row that no step foresaw must not stop its chunk
        return READINGS.to_frame().clear(payloads.len())
    fits = walk.select((pl.col(_FITS) & (pl.col(_AT) == pl.col("size"))).fill_null(value=False)).to_series()
    texts = {name: _copy_text(walk[name], fits) for name in READINGS if walk[name].dtype == pl.Binary}
    times = texts["timestamp"] if "timestamp" in texts else walk["timestamp"]
    read = walk.with_columns(**{**texts, "timestamp": read_timestamps(times.alias("timestamp"), plan.unit)})
    return read.select(pl.when(fits).then(pl.col(name)).alias(name) for name in READINGS)


def _take(walk: pl.DataFrame, step: Step) -> pl.DataFrame:
    """Take one value off every row."""
    if step.null is None:
        return _take_value(walk, step)
    branch = pl.col(_BODY).bin.slice(pl.col(_AT), 1).bin.reinterpret(dtype=pl.UInt8, endianness="little")
    walk = walk.with_columns(branch.alias("@branch"))
    null_code, code = 2 * step.null, 2 * (1 - step.null)
    is_value = pl.col("@branch") == code
    # A null is walked through as a value of no bytes at the end of the row's padding.
    walk = walk.with_columns(
        pl.col(_FITS) & (is_value | (pl.col("@branch") == null_code)),
        is_value.alias("@is_value"),
        (pl.col(_AT) + 1).alias("@after"),
        (pl.col(_AT) + 1).alias(_AT),
    )
    taken = _take_value(walk.with_columns(pl.lit(value=True).alias(_FITS)), step)
    kept = pl.col("@is_value")
    columns = [
        pl.when(kept).then(pl.col(_AT)).otherwise(pl.col("@after")).alias(_AT),
        (walk[_FITS] & (~kept | pl.col(_FITS))).alias(_FITS),
    ]
    if step.name is not None:
        columns.append(pl.when(kept).then(pl.col(step.name)).alias(step.name))
    return taken.with_columns(columns)


def _take_value(walk: pl.DataFrame, step: Step) -> pl.DataFrame:
    width = width_of(step.each)
    if width is not None:
        return walk.with_columns(pl.col(_AT) + width)
    walk = _take_long(walk)
    value = pl.col(_VALUE)
    if step.each.kind in INTEGERS:
        return walk if step.name is None else walk.with_columns(value.alias(step.name))
    if step.each.kind == "enum":
        return _take_symbol(walk, step)
    end = pl.col(_AT) + value
    fits = pl.col(_FITS) & (value >= 0) & (end <= pl.col("size"))
    taken = [end.alias(_AT), fits.alias(_FITS)]
    if step.name is not None:
        taken.append(pl.col(_BODY).bin.slice(pl.col(_AT), value.clip(0)).alias(step.name))
    return walk.with_columns(taken)


def _take_symbol(walk: pl.DataFrame, step: Step) -> pl.DataFrame:
    is_symbol = pl.col(_VALUE).is_between(0, len(step.each.names) - 1)
    walk = walk.with_columns((pl.col(_FITS) & is_symbol).alias(_FITS))
    if step.name is None:
        return walk
    symbols = pl.lit(pl.Series(step.each.names, dtype=pl.String))
    number = pl.when(is_symbol).then(pl.col(_VALUE))
    return walk.with_columns(symbols.gather(number).cast(pl.Binary).alias(step.name))


def _take_long(walk: pl.DataFrame) -> pl.DataFrame:
    """Take a number off every row, into the column of values; one of more than eight bytes does not fit."""
    byte = pl.col(_BODY).bin.slice(pl.col(_AT), 1).bin.reinterpret(dtype=pl.UInt8, endianness="little")
    walk = walk.with_columns(byte.alias(_VALUE))
    # So are the lengths of texts most often.
    if not (walk[_VALUE] >= _CONTINUED).any():
        return walk.with_columns(_unfold().alias(_VALUE), pl.col(_AT) + 1)
    return _take_long_word(walk)


def _take_long_word(walk: pl.DataFrame) -> pl.DataFrame:
    """Take numbers of several bytes: the eight bytes at the position are one word.

    The lowest byte without its high bit ends the number; what is above is cut off, and the groups of seven bits are
    moved together, pair by pair.
    """
    word = pl.col(_BODY).bin.slice(pl.col(_AT), _WORD).bin.reinterpret(dtype=pl.UInt64, endianness="little")
    end = (pl.col(_VALUE) ^ _lit(2**64 - 1)) & _lit(0x8080808080808080)
    walk = walk.with_columns(word.alias(_VALUE)).with_columns(end.alias("@end"))
    width = (pl.col("@end").bitwise_trailing_zeros().cast(pl.Int64) + 1) // 8
    walk = walk.with_columns(
        pl.col(_VALUE) & (pl.col("@end") ^ (pl.col("@end") - 1)) & _lit(0x7F7F7F7F7F7F7F7F),
        pl.col(_AT) + width,
        pl.col(_FITS) & (pl.col("@end") != 0),
    )
    for low, high, shift in _PAIRS:
        joined = (pl.col(_VALUE) & _lit(low)) | ((pl.col(_VALUE) & _lit(high)) // _lit(shift))
        walk = walk.with_columns(joined.alias(_VALUE))
    return walk.with_columns(_unfold().alias(_VALUE))


def _unfold() -> pl.Expr:
    """Return numbers from the order in which they are written: 0, -1, 1, -2 and so on."""
    half = (pl.col(_VALUE) // 2).cast(pl.Int64)
    return pl.when(pl.col(_VALUE) % 2 == 0).then(half).otherwise(-half - 1)


def _copy_text(taken: pl.Series, fits: pl.Series) -> pl.Series:
    """Return slices of payloads as texts that do not hold on to them, null where a row does not fit."""
    kept = taken.to_frame("text").select(pl.when(fits).then(pl.col("text"))).to_series()
    texts = cast_to_texts(kept).to_frame("text")
    stored = pl.when(~pl.col("text").str.contains("\0", literal=True)).then(pl.col("text"))
    return texts.select(pl.concat_str(stored, pl.lit(""))).to_series()


def _lit(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)


_PAIRS: Final = (
    (0x007F007F007F007F, 0x7F007F007F007F00, 2),
    (0x00003FFF00003FFF, 0x3FFF00003FFF0000, 4),
    (0x000000000FFFFFFF, 0x0FFFFFFF00000000, 16),
)
