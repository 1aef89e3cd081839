"""A valid event in, a message that must be rejected out, with the reason that `decode` has to give."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from antennactl.schemas import MAX_BYTES, MAX_PAYLOAD_BYTES, MAX_TEXT_BYTES

Event = dict[str, Any]


@dataclass(frozen=True)
class Fault:
    """One way to break a message: its name, the reason it is rejected for, and what it makes of an event.

    `spoil` returns None for a tombstone. `one_line`: the result holds no newline and is no tombstone, so that
    it can stand in a file of lines.
    """

    name: str
    reason: str
    spoil: Callable[[Event], bytes | None]
    one_line: bool = True


def encode_event(event: Event) -> bytes:
    """Return the compact JSON of an event, its keys in the given order."""
    return json.dumps(event, separators=(",", ":")).encode()


def _with(**changes: object) -> Callable[[Event], bytes]:
    return lambda event: encode_event(event | changes)


def _without(name: str) -> Callable[[Event], bytes]:
    return lambda event: encode_event({key: value for key, value in event.items() if key != name})


def _raw(field: str, literal: str) -> Callable[[Event], bytes]:
    """Put JSON text in a field's place that no Python value would give."""
    marker = "\x1f"
    return lambda event: encode_event(event | {field: marker}).replace(
        json.dumps(marker).encode(), literal.encode()
    )


def _twice(event: Event) -> bytes:
    return encode_event(event)[:-1] + b',"bytes":1}'


def _padded(event: Event) -> bytes:
    return encode_event(event | {"note": "x" * MAX_PAYLOAD_BYTES})


def _nested(event: Event) -> bytes:
    depth = 2000
    return encode_event(event)[:-1] + b',"note":' + b"[" * depth + b"]" * depth + b"}"


FAULTS: Final = (
    Fault("tombstone", "empty", lambda _: None, one_line=False),
    Fault("empty", "empty", lambda _: b""),
    Fault("blank", "empty", lambda _: b" \t "),
    Fault("oversized", "too_large", _padded),
    Fault(
        "invalid_utf8", "not_utf8", lambda event: encode_event(event).replace(b'"app":"', b'"app":"\xff\xc3')
    ),
    Fault("byte_order_mark", "not_json", lambda event: b"\xef\xbb\xbf" + encode_event(event)),
    Fault("not_a_number", "not_json", lambda event: encode_event(event)[:-1] + b',"note":NaN}'),
    Fault("truncated", "not_json", lambda event: encode_event(event)[:-20]),
    Fault("plain_text", "not_json", lambda event: f"device {event['id']} sent {event['bytes']}".encode()),
    Fault("two_objects", "not_json", lambda event: encode_event(event) * 2),
    Fault(
        "two_lines",
        "not_json",
        lambda event: encode_event(event) + b"\n" + encode_event(event),
        one_line=False,
    ),
    Fault("array", "not_object", lambda event: json.dumps(list(event.values())).encode()),
    Fault("number", "not_object", lambda event: str(event["bytes"]).encode()),
    Fault("deep", "too_deep", _nested),
    Fault("duplicate_key", "duplicate_key", _twice),
    Fault("no_timestamp", "missing_field", _without("timestamp")),
    Fault("no_bytes", "missing_field", _without("bytes")),
    Fault("no_id", "missing_field", _without("id")),
    Fault("null_antenna", "missing_field", _with(antenna_id=None)),
    Fault("text_bytes", "wrong_type", lambda event: encode_event(event | {"bytes": str(event["bytes"])})),
    Fault("fractional_bytes", "wrong_type", _with(bytes=1.5)),
    Fault("boolean_bytes", "wrong_type", _with(bytes=True)),
    Fault("numeric_id", "wrong_type", _with(id=7)),
    Fault("empty_antenna", "empty_field", _with(antenna_id="")),
    Fault("long_app", "field_too_long", _with(app="A" * (MAX_TEXT_BYTES + 1))),
    Fault("nul_in_app", "bad_text", _raw("app", r'"SKYPE\u0000"')),
    Fault("lone_surrogate", "bad_text", _raw("app", r'"\ud800"')),
    Fault(
        "negative_bytes",
        "bytes_out_of_range",
        lambda event: encode_event(event | {"bytes": -1 - event["bytes"]}),
    ),
    Fault("huge_bytes", "bytes_out_of_range", _with(bytes=MAX_BYTES + 1)),
    Fault(
        "millisecond_timestamp",
        "timestamp_unit",
        lambda event: encode_event(event | {"timestamp": event["timestamp"] * 1000}),
    ),
    Fault("timestamp_of_1999", "timestamp_out_of_range", _with(timestamp=915_148_800)),
    Fault("timestamp_of_2100", "timestamp_out_of_range", _with(timestamp=4_102_444_800)),
)

LINE_FAULTS: Final = tuple(fault for fault in FAULTS if fault.one_line)
"""The faults that a file of JSON lines can carry."""
