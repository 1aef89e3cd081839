"""One payload in, one event or one reject with its reason out: the rules that every message is judged by."""

from collections import Counter
from typing import Any, Final, NamedTuple

from antennactl.decode.checks import (
    Members,
    Reject,
    RejectedError,
    check_bytes,
    check_integer,
    check_text,
)
from antennactl.decode.json_text import decode_text, parse_object
from antennactl.schemas import MAX_FUTURE_S, MIN_TIMESTAMP_S

__all__ = ["Event", "Reject", "parse_message"]

_FIELDS: Final = ("timestamp", "id", "antenna_id", "bytes", "app")
_FINER_UNITS: Final = {"milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}


class Event(NamedTuple):
    """The five fields of a valid message, in the order of EVENTS; the event time still in epoch seconds."""

    timestamp_s: int
    id: str
    antenna_id: str
    bytes: int
    app: str


def parse_message(payload: bytes | None, now_s: int, floor_s: int = MIN_TIMESTAMP_S) -> Event | Reject:
    """Judge one payload (None: a tombstone) by the rules in the order of REASONS; never raises.

    `now_s` is the clock in epoch seconds: event times more than MAX_FUTURE_S past it are rejected. `floor_s` is the
    start of the oldest hour kept. The outcome does not depend on the Python version, its limit for integers or how
    deep the stack already is.
    """
    try:
        members = parse_object(decode_text(payload))
        fields = _take_fields(members)
        event = Event(
            timestamp_s=_check_timestamp(fields["timestamp"], now_s),
            id=check_text("id", fields["id"]),
            antenna_id=check_text("antenna_id", fields["antenna_id"]),
            bytes=check_bytes(fields["bytes"]),
            app=check_text("app", fields["app"]),
        )
    except RejectedError as rejected:
        return rejected.reject
    # Last of all: only a message that would be an event is told to have come too late.
    if event.timestamp_s < floor_s:
        return Reject("before_retention", "timestamp: before the oldest hour kept")
    return event


def _take_fields(members: Members) -> dict[str, Any]:
    fields = dict(members)
    if len(fields) != len(members):
        counts = Counter(key for key, _ in members)
        for name in _FIELDS:
            if counts[name] > 1:
                raise RejectedError(Reject("duplicate_key", name))
    for name in _FIELDS:
        if fields.get(name) is None:
            raise RejectedError(Reject("missing_field", f"{name}: null" if name in fields else name))
    return fields


def _check_timestamp(value: object, now_s: int) -> int:
    value = check_integer("timestamp", value)
    max_s = now_s + MAX_FUTURE_S
    if MIN_TIMESTAMP_S <= value <= max_s:
        return value
    for unit, per_second in _FINER_UNITS.items():
        if MIN_TIMESTAMP_S <= value // per_second <= max_s:
            raise RejectedError(Reject("timestamp_unit", f"timestamp: {unit}"))
    side = "too far in the future" if value > max_s else "before 2000"
    raise RejectedError(Reject("timestamp_out_of_range", f"timestamp: {side}"))
