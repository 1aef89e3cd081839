"""One payload in, one event or one reject with its reason out: the rules that every message is judged by."""

import json
import re
from collections import Counter
from itertools import accumulate
from typing import Any, Final, NamedTuple, NoReturn

from antennactl.schemas import MAX_BYTES, MAX_FUTURE_S, MAX_PAYLOAD_BYTES, MAX_TEXT_BYTES, MIN_TIMESTAMP_S

MAX_DEPTH: Final = 512
"""Deepest nesting of arrays and objects; the message's own object counts as one."""

_FIELDS: Final = ("timestamp", "id", "antenna_id", "bytes", "app")
_WHITE_SPACE: Final = " \t\r\n"
_BYTE_ORDER_MARK: Final = "\ufeff"
_FINER_UNITS: Final = {"milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}

# json recurses; with no more brackets than this it needs next to nothing of the stack.
_FEW_BRACKETS: Final = 16
# A string, or one bracket. Possessive and with an optional closing quote: no text is looked at twice.
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)

# 19 digits hold every nanosecond timestamp. Longer numbers are out of every range, and Python refuses to read
# very long ones.
_MAX_DIGITS: Final = 19
_BEYOND_EVERY_RANGE: Final = 10**_MAX_DIGITS


class Event(NamedTuple):
    """The five fields of a valid message, in the order of EVENTS; the event time still in epoch seconds."""

    timestamp_s: int
    id: str
    antenna_id: str
    bytes: int
    app: str


class Reject(NamedTuple):
    """Why a message is no event: a word of REASONS, and the field or place, never the content."""

    reason: str
    detail: str


class _RejectedError(Exception):
    """Carries a Reject out of the checks."""

    def __init__(self, reject: Reject) -> None:
        super().__init__(reject.reason)
        self.reject = reject


class _Members(list[tuple[str, Any]]):
    """An object as its members in order, duplicates included; a list of ours is never an array of JSON."""


def parse_message(payload: bytes | None, now_s: int, floor_s: int = MIN_TIMESTAMP_S) -> Event | Reject:
    """Judge one payload (None: a tombstone) by the rules in the order of REASONS; never raises.

    `now_s` is the clock in epoch seconds: event times more than MAX_FUTURE_S past it are rejected. `floor_s` is the
    start of the oldest hour kept. The outcome does not depend on the Python version, its limit for integers or how
    deep the stack already is.
    """
    try:
        members = _parse_object(_decode_text(payload))
        fields = _take_fields(members)
        event = Event(
            timestamp_s=_check_timestamp(fields["timestamp"], now_s),
            id=_check_text("id", fields["id"]),
            antenna_id=_check_text("antenna_id", fields["antenna_id"]),
            bytes=_check_bytes(fields["bytes"]),
            app=_check_text("app", fields["app"]),
        )
    except _RejectedError as rejected:
        return rejected.reject
    # Last of all: only a message that would be an event is told to have come too late.
    if event.timestamp_s < floor_s:
        return Reject("before_retention", "timestamp: before the oldest hour kept")
    return event


def _decode_text(payload: bytes | None) -> str:
    if payload is None:
        raise _RejectedError(Reject("empty", "tombstone"))
    if not payload:
        raise _RejectedError(Reject("empty", "no bytes"))
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise _RejectedError(Reject("too_large", f"more than {MAX_PAYLOAD_BYTES} bytes"))
    try:
        # Never json.loads(bytes): it would guess UTF-16 and UTF-32.
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _RejectedError(Reject("not_utf8", f"at byte {error.start}")) from None
    if not text.strip(_WHITE_SPACE):
        raise _RejectedError(Reject("empty", "only white space"))
    return text


def _parse_object(text: str) -> _Members:
    if text.startswith(_BYTE_ORDER_MARK):
        raise _RejectedError(Reject("not_json", "byte order mark"))
    if text.count("{") + text.count("[") > _FEW_BRACKETS:
        value = _parse_json(_empty_nested(text), "between nested values")
    else:
        value = _parse_json(text)
    if type(value) is not _Members:
        raise _RejectedError(Reject("not_object", _kind(value)))
    return value


def _empty_nested(text: str) -> str:
    """Replace every nested array by [] and object by {}, each after json accepted its content.

    json therefore never recurses more than two levels here, whatever the nesting and the stack of the caller.
    """
    brackets = [match for match in _STRING_OR_BRACKET.finditer(text) if match[0][0] != '"']
    depths = accumulate(1 if match[0] in "[{" else -1 for match in brackets)
    if max(depths, default=0) > MAX_DEPTH:
        raise _RejectedError(Reject("too_deep", f"more than {MAX_DEPTH} levels"))
    levels: list[list[str]] = [[]]
    end = 0
    for match in brackets:
        levels[-1].append(text[end : match.start()])
        end = match.end()
        if match[0] in "[{":
            levels.append([match[0]])
            continue
        levels[-1].append(match[0])
        if len(levels) == 1:
            raise _RejectedError(Reject("not_json", f"at character {match.start()}"))
        level = "".join(levels.pop())
        if len(levels) > 1:
            _parse_json(level, "in a nested value")
            level = level[0] + level[-1]
        levels[-1].append(level)
    levels[-1].append(text[end:])
    return "".join(map("".join, levels))


def _parse_json(text: str, place: str = "") -> Any:  # noqa: ANN401 - any JSON value
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise _RejectedError(Reject("not_json", place or f"at character {error.pos}")) from None


def _reject_constant(_name: str) -> NoReturn:
    raise _RejectedError(Reject("not_json", "NaN or Infinity"))


def _parse_integer(digits: str) -> int:
    if len(digits) <= _MAX_DIGITS:
        return int(digits)
    return -_BEYOND_EVERY_RANGE if digits[0] == "-" else _BEYOND_EVERY_RANGE


# Built once: json.loads with arguments builds a decoder for every message.
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_Members,
    parse_int=_parse_integer,
    parse_constant=_reject_constant,
)


def _take_fields(members: _Members) -> dict[str, Any]:
    fields = dict(members)
    if len(fields) != len(members):
        counts = Counter(key for key, _ in members)
        for name in _FIELDS:
            if counts[name] > 1:
                raise _RejectedError(Reject("duplicate_key", name))
    for name in _FIELDS:
        if fields.get(name) is None:
            raise _RejectedError(Reject("missing_field", f"{name}: null" if name in fields else name))
    return fields


def _check_timestamp(value: object, now_s: int) -> int:
    value = _check_integer("timestamp", value)
    max_s = now_s + MAX_FUTURE_S
    if MIN_TIMESTAMP_S <= value <= max_s:
        return value
    for unit, per_second in _FINER_UNITS.items():
        if MIN_TIMESTAMP_S <= value // per_second <= max_s:
            raise _RejectedError(Reject("timestamp_unit", f"timestamp: {unit}"))
    side = "too far in the future" if value > max_s else "before 2000"
    raise _RejectedError(Reject("timestamp_out_of_range", f"timestamp: {side}"))


def _check_bytes(value: object) -> int:
    value = _check_integer("bytes", value)
    if not 0 <= value <= MAX_BYTES:
        raise _RejectedError(
            Reject("bytes_out_of_range", f"bytes: {'negative' if value < 0 else 'too large'}")
        )
    return value


def _check_integer(name: str, value: object) -> int:
    if type(value) is not int:  # bool is an int to isinstance
        raise _RejectedError(Reject("wrong_type", f"{name}: {_kind(value)}"))
    return value


def _check_text(name: str, value: object) -> str:
    if type(value) is not str:
        raise _RejectedError(Reject("wrong_type", f"{name}: {_kind(value)}"))
    if not value:
        raise _RejectedError(Reject("empty_field", name))
    if "\0" in value:
        raise _RejectedError(Reject("bad_text", f"{name}: U+0000"))
    try:
        n_bytes = len(value.encode("utf-8"))
    except UnicodeEncodeError:
        raise _RejectedError(Reject("bad_text", f"{name}: half a surrogate pair")) from None
    if n_bytes > MAX_TEXT_BYTES:
        raise _RejectedError(Reject("field_too_long", f"{name}: more than {MAX_TEXT_BYTES} bytes"))
    return value


_KINDS: Final = {
    _Members: "object",
    list: "array",
    str: "text",
    bool: "true or false",
    int: "integer",
    float: "number with a fraction or an exponent",
    type(None): "null",
}


def _kind(value: object) -> str:
    return _KINDS[type(value)]
