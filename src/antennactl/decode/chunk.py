"""A chunk of messages in, its events and its rejects out, both in the order of the chunk."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import polars as pl

from antennactl.decode.checks import Reject
from antennactl.decode.columns import FIELDS, parse_columns
from antennactl.decode.message import parse_message
from antennactl.native import Messages
from antennactl.schemas import EVENTS, MAX_STORED_PAYLOAD, MIN_TIMESTAMP_S, REJECTS, TIMESTAMP

_US_PER_S: Final = 1_000_000
_PLACES: Final = pl.Schema({name: EVENTS[name] for name in ("kafka_partition", "kafka_offset")})


class Decoded(NamedTuple):
    """What became of a chunk: `events` in schema EVENTS, `rejects` in schema REJECTS."""

    events: pl.DataFrame
    rejects: pl.DataFrame


Decode = Callable[[Sequence[bytes | None], Sequence[int], Sequence[int], int, int], Decoded]
"""Payloads, partitions, offsets, the clock and the retention floor in epoch seconds → what became of each message.

Every message comes out once, as an event or as a reject, both frames in the order of the input. The three sequences run
parallel, a tombstone's payload is None. Never raises on any bytes; sequences of different length raise polars'
ShapeError, and a service that has to be asked and is away RegistryUnavailableError: nothing has become of any then.
`events` holds on to no payload.
"""


def decode_messages(
    payloads: Sequence[bytes | None],
    partitions: Sequence[int],
    offsets: Sequence[int],
    now_s: int,
    floor_s: int = MIN_TIMESTAMP_S,
) -> Decoded:
    """Decode messages of the exercise's layout: the five fields as JSON, the time in seconds. See Decode."""
    parsed = parse_columns(payloads, now_s, floor_s)
    return settle(
        place(parsed, payloads, partitions, offsets),
        payloads,
        lambda row: parse_message(payloads[row], now_s, floor_s),
        _US_PER_S,
    )


def place(
    parsed: pl.DataFrame, payloads: Sequence[bytes | None], partitions: Sequence[int], offsets: Sequence[int]
) -> pl.DataFrame:
    """Return columns of a chunk with the place of each message before them."""
    if isinstance(payloads, Messages):
        return payloads.places.hstack(parsed)
    places = pl.DataFrame({"kafka_partition": partitions, "kafka_offset": offsets}, schema=_PLACES)
    return places.hstack(parsed)


def settle(
    placed: pl.DataFrame,
    payloads: Sequence[bytes | None],
    judge: Callable[[int], tuple[Any, ...] | Reject],
    us_per_unit: int,
) -> Decoded:
    """Return what became of a chunk: where `is_event` is false `judge` is asked, by row, for fields or a Reject.

    `placed` has the fields as columns in the order of FIELDS, the event time in units of `us_per_unit` microseconds.
    """
    if placed["is_event"].all():
        return Decoded(_convert_to_events(placed, us_per_unit), REJECTS.to_frame())
    return _settle_rest(placed.with_row_index("row"), payloads, judge, us_per_unit)


def _settle_rest(
    placed: pl.DataFrame,
    payloads: Sequence[bytes | None],
    judge: Callable[[int], tuple[Any, ...] | Reject],
    us_per_unit: int,
) -> Decoded:
    events: list[tuple[int, tuple[Any, ...]]] = []
    rejects: list[tuple[int, Reject]] = []
    for row in placed["is_event"].not_().arg_true():
        outcome = judge(row)
        if isinstance(outcome, Reject):
            rejects.append((row, outcome))
        else:
            events.append((row, outcome))
    plain = placed.filter("is_event")
    if events:
        plain = pl.concat([plain, _add_fields(placed, events)]).sort("row")
    return Decoded(_convert_to_events(plain, us_per_unit), _make_rejects(placed, payloads, rejects))


def _add_fields(placed: pl.DataFrame, events: list[tuple[int, tuple[Any, ...]]]) -> pl.DataFrame:
    fields = pl.DataFrame([event for _, event in events], schema=FIELDS, orient="row")
    return placed[[row for row, _ in events]].with_columns(fields.get_columns())


def _convert_to_events(placed: pl.DataFrame, us_per_unit: int) -> pl.DataFrame:
    # Times are inside their legal range here: the product is exact and cannot overflow.
    timestamp = (pl.col("timestamp") * us_per_unit).cast(TIMESTAMP)
    return placed.with_columns(timestamp).select(EVENTS.names())


def _make_rejects(
    placed: pl.DataFrame, payloads: Sequence[bytes | None], rejects: list[tuple[int, Reject]]
) -> pl.DataFrame:
    rejected = [payloads[row] for row, _ in rejects]
    return placed[[row for row, _ in rejects]].select(
        "kafka_partition",
        "kafka_offset",
        reason=pl.Series([reject.reason for _, reject in rejects], dtype=pl.String),
        detail=pl.Series([reject.detail for _, reject in rejects], dtype=pl.String),
        payload=pl.Series(
            [payload and payload[:MAX_STORED_PAYLOAD] for payload in rejected], dtype=pl.Binary
        ),
        payload_bytes=pl.Series([len(payload or b"") for payload in rejected], dtype=pl.Int64),
    )
