"""A chunk of JSON in any layout in, the fields of its plain messages out, as columns; every other is left open."""

from collections.abc import Sequence
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from antennactl.decode.event_time import ISO, PER_SECOND, US_PER_S
from antennactl.decode.field_map import FieldMap
from antennactl.decode.mapped_guard import Tree, make_tree, write_guard
from antennactl.decode.texts import cast_to_texts, collect_payloads
from antennactl.schemas import MAX_BYTES, MAX_FUTURE_S, MAX_TEXT_BYTES, MIN_TIMESTAMP_S

READINGS: Final = pl.Schema(
    {"timestamp": pl.Int64, "id": pl.String, "antenna_id": pl.String, "bytes": pl.Int64, "app": pl.String},
)
"""The fields of a reading, in the order of EVENTS: the event time in epoch microseconds."""

_TEXTS: Final = tuple(name for name, dtype in READINGS.items() if dtype == pl.String)
_TWO = "[0-9]{2}"
_ISO_TIME: Final = (
    rf"^[0-9]{{4}}-{_TWO}-{_TWO}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]{1,18})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])$"
)
_DATE_AND_TIME: Final = 19
_OFFSET: Final = 6
_DIGITS: Final = 6
_FAR_US: Final = 2**62


class MappedColumns:
    """Reads chunks of one layout."""

    def __init__(self, fields: FieldMap) -> None:
        self._fields = fields
        self._guard = write_guard(fields)
        self._message = _make_dtype(make_tree(fields), fields.unit)

    def parse(self, payloads: Sequence[bytes | None], now_s: int, floor_s: int) -> pl.DataFrame:
        """Parse payloads, row for row, into the columns of READINGS and a Boolean `is_event`.

        Where `is_event` is true, `parse_mapped` accepts the payload with the same values. Where it is false, nothing is
        decided and the fields mean nothing. Never raises on any bytes.
        """
        texts = cast_to_texts(collect_payloads(payloads))
        readings = self._parse_guarded(texts)
        return readings.with_columns(is_event=is_event(now_s, floor_s).fill_null(value=False))

    def _parse_guarded(self, texts: pl.Series) -> pl.DataFrame:
        if self._guard is None:
            return READINGS.to_frame().clear(len(texts))
        plain = pl.DataFrame({"text": texts}).select(
            message=pl.when(pl.col("text").str.contains(self._guard)).then("text")
        )
        try:
            read = plain.select(pl.col("message").str.json_decode(self._message))
        except PolarsError:  # the guard and json_decode disagree: one message must not stop its chunk
            return READINGS.to_frame().clear(len(texts))
        values = read.select(_take(name, path) for name, path in self._fields.by_name().items())
        return values.with_columns(read_timestamps(values["timestamp"], self._fields.unit))


def is_event(now_s: int, floor_s: int) -> pl.Expr:
    """Return whether the columns of READINGS are an event's; null where one of them is null."""
    first_us = max(MIN_TIMESTAMP_S, floor_s) * US_PER_S
    last_us = (now_s + MAX_FUTURE_S + 1) * US_PER_S - 1
    return pl.all_horizontal(
        *(pl.col(name).str.len_bytes().is_between(1, MAX_TEXT_BYTES) for name in _TEXTS),
        pl.col("bytes").is_between(0, MAX_BYTES),
        pl.col("timestamp").is_between(first_us, last_us),
    )


def read_timestamps(values: pl.Series, unit: str) -> pl.Series:
    """Return timestamps as they stand in messages (Int64, or text for ISO) in microseconds, null where out of reach."""
    if unit == ISO:
        return _read_iso(values)
    per_us = US_PER_S // PER_SECOND[unit]
    timestamp = pl.col("timestamp")
    # No event lies beyond, and a product that would overflow is not taken.
    is_near = timestamp.is_between(0, _FAR_US // per_us)
    return values.to_frame("timestamp").select(pl.when(is_near).then(timestamp * per_us)).to_series()


def _read_iso(values: pl.Series) -> pl.Series:
    text = pl.col("timestamp")
    is_utc = text.str.ends_with("Z")
    moment = text.str.head(_DATE_AND_TIME).str.to_datetime("%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False)
    zone_width = pl.when(is_utc).then(1).otherwise(_OFFSET)
    length = text.str.len_bytes().cast(pl.Int64)
    digits = text.str.slice(_DATE_AND_TIME + 1, length - zone_width - _DATE_AND_TIME - 1)
    fraction_us = digits.str.pad_end(_DIGITS, "0").str.head(_DIGITS).cast(pl.Int64, strict=False)
    us = moment.dt.epoch("us") + pl.when(length > _DATE_AND_TIME + zone_width).then(fraction_us).otherwise(0)
    plain = values.to_frame().select(pl.when(text.str.contains(_ISO_TIME)).then(text))
    read = plain.select(us, is_utc=is_utc)
    if read["is_utc"].all():
        return read["timestamp"]
    minutes = _integer(text.str.slice(-5, 2)) * 60 + _integer(text.str.tail(2))
    ahead_us = pl.when(text.str.slice(-6, 1) == "-").then(-minutes).otherwise(minutes) * 60 * US_PER_S
    return plain.select(us - pl.when(is_utc).then(0).otherwise(ahead_us)).to_series()


def _integer(text: pl.Expr) -> pl.Expr:
    return text.cast(pl.Int64, strict=False)


def _make_dtype(tree: Tree, unit: str) -> pl.Struct:
    return pl.Struct({name: _dtype_of(value, unit) for name, value in tree.items()})


def _dtype_of(value: "str | Tree", unit: str) -> pl.DataType:
    if not isinstance(value, str):
        return _make_dtype(value, unit)
    return pl.String() if value == "timestamp" and unit == ISO else READINGS[value]


def _take(name: str, path: tuple[str, ...]) -> pl.Expr:
    value = pl.col("message")
    for step in path:
        value = value.struct.field(step)
    return value.alias(name)
