"""A chunk of messages in, its events and its rejects out, both in the order of the chunk."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import polars as pl

from antennactl.decode.columns import FIELDS, parse_columns
from antennactl.decode.message import Event, Reject, parse_message
from antennactl.schemas import EVENTS, MAX_STORED_PAYLOAD, MIN_TIMESTAMP_S, REJECTS, TIMESTAMP

_US_PER_S: Final = 1_000_000
_PLACES: Final = pl.Schema({name: EVENTS[name] for name in ("kafka_partition", "kafka_offset")})


class Decoded(NamedTuple):
    """What became of a chunk: `events` in schema EVENTS, `rejects` in schema REJECTS."""

    events: pl.DataFrame
    rejects: pl.DataFrame


def decode_messages(
    payloads: Sequence[bytes | None],
    partitions: Sequence[int],
    offsets: Sequence[int],
    now_s: int,
    floor_s: int = MIN_TIMESTAMP_S,
) -> Decoded:
    """Turn every message into exactly one event or one reject; both frames keep the order of the input.

    The three sequences run parallel, a tombstone's payload is None, `now_s` is the clock in epoch seconds, `floor_s`
    the start of the oldest hour kept. Never raises on any bytes; sequences of different length raise polars'
    ShapeError. `events` holds on to no payload.
    """
    places = pl.DataFrame({"kafka_partition": partitions, "kafka_offset": offsets}, schema=_PLACES)
    parsed = places.hstack(parse_columns(payloads, now_s, floor_s))
    if parsed["is_event"].all():
        return Decoded(_convert_to_events(parsed), REJECTS.to_frame())
    return _decode_rest(parsed.with_row_index("row"), payloads, now_s, floor_s)


def _decode_rest(parsed: pl.DataFrame, payloads: Sequence[bytes | None], now_s: int, floor_s: int) -> Decoded:
    events: list[tuple[int, Event]] = []
    rejects: list[tuple[int, Reject]] = []
    for row in parsed["is_event"].not_().arg_true():
        outcome = parse_message(payloads[row], now_s, floor_s)
        if isinstance(outcome, Event):
            events.append((row, outcome))
        else:
            rejects.append((row, outcome))
    plain = parsed.filter("is_event")
    if events:
        plain = pl.concat([plain, _add_fields(parsed, events)]).sort("row")
    return Decoded(_convert_to_events(plain), _make_rejects(parsed, payloads, rejects))


def _add_fields(parsed: pl.DataFrame, events: list[tuple[int, Event]]) -> pl.DataFrame:
    fields = pl.DataFrame([event for _, event in events], schema=FIELDS, orient="row")
    return parsed[[row for row, _ in events]].with_columns(fields.get_columns())


def _convert_to_events(parsed: pl.DataFrame) -> pl.DataFrame:
    # Seconds are inside their legal range here: the product is exact and cannot overflow.
    timestamp = (pl.col("timestamp") * _US_PER_S).cast(TIMESTAMP)
    return parsed.with_columns(timestamp).select(EVENTS.names())


def _make_rejects(
    parsed: pl.DataFrame, payloads: Sequence[bytes | None], rejects: list[tuple[int, Reject]]
) -> pl.DataFrame:
    rejected = [payloads[row] for row, _ in rejects]
    return parsed[[row for row, _ in rejects]].select(
        "kafka_partition",
        "kafka_offset",
        reason=pl.Series([reject.reason for _, reject in rejects], dtype=pl.String),
        detail=pl.Series([reject.detail for _, reject in rejects], dtype=pl.String),
        payload=pl.Series(
            [payload and payload[:MAX_STORED_PAYLOAD] for payload in rejected], dtype=pl.Binary
        ),
        payload_bytes=pl.Series([len(payload or b"") for payload in rejected], dtype=pl.Int64),
    )
