"""One payload in, the members of its JSON object out: what JSON is, strictly, whatever json itself lets pass."""

import json
import re
from itertools import accumulate
from typing import Any, Final, NoReturn

from antennactl.decode.checks import Members, Reject, RejectedError, check_payload, kind

MAX_DEPTH: Final = 512
"""Deepest nesting of arrays and objects; the message's own object counts as one."""

_WHITE_SPACE: Final = " \t\r\n"
_BYTE_ORDER_MARK: Final = "\ufeff"

# json recurses; with no more brackets than this it needs next to nothing of the stack.
_FEW_BRACKETS: Final = 16
# A string, or one bracket. Possessive and with an optional closing quote: no text is looked at twice.
_STRING_OR_BRACKET: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)

# 19 digits hold every nanosecond timestamp. Longer numbers are out of every range, and Python refuses to read
# very long ones.
_MAX_DIGITS: Final = 19
_BEYOND_EVERY_RANGE: Final = 10**_MAX_DIGITS


def decode_text(payload: bytes | None) -> str:
    """Return a payload (None: a tombstone) as text that is more than white space. Raises RejectedError."""
    payload = check_payload(payload)
    try:
        # Never json.loads(bytes): it would guess UTF-16 and UTF-32.
        text = payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise RejectedError(Reject("not_utf8", f"at byte {error.start}")) from None
    if not text.strip(_WHITE_SPACE):
        raise RejectedError(Reject("empty", "only white space"))
    return text


def parse_object(text: str, n_levels: int = 1) -> Members:
    """Return the members of an object, those of objects in it down to `n_levels` levels. Raises RejectedError.

    What lies deeper is checked and may be missing.
    """
    if text.startswith(_BYTE_ORDER_MARK):
        raise RejectedError(Reject("not_json", "byte order mark"))
    if text.count("{") + text.count("[") > _FEW_BRACKETS:
        value = _parse_json(_empty_nested(text, n_levels), "between nested values")
    else:
        value = _parse_json(text)
    if type(value) is not Members:
        raise RejectedError(Reject("not_object", kind(value)))
    return value


def _empty_nested(text: str, n_levels: int) -> str:
    """Replace every array below `n_levels` levels by [] and object by {}, each after json accepted its content.

    json therefore never recurses more than a level further here, whatever the nesting and the stack of the caller.
    """
    brackets = [match for match in _STRING_OR_BRACKET.finditer(text) if match[0][0] != '"']
    depths = accumulate(1 if match[0] in "[{" else -1 for match in brackets)
    if max(depths, default=0) > MAX_DEPTH:
        raise RejectedError(Reject("too_deep", f"more than {MAX_DEPTH} levels"))
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
            raise RejectedError(Reject("not_json", f"at character {match.start()}"))
        level = "".join(levels.pop())
        if len(levels) > n_levels:
            _parse_json(level, "in a nested value")
            level = level[0] + level[-1]
        levels[-1].append(level)
    levels[-1].append(text[end:])
    return "".join(map("".join, levels))


def _parse_json(text: str, place: str = "") -> Any:  # noqa: ANN401 - any JSON value
    try:
        return _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise RejectedError(Reject("not_json", place or f"at character {error.pos}")) from None


def _reject_constant(_name: str) -> NoReturn:
    raise RejectedError(Reject("not_json", "NaN or Infinity"))


def _parse_integer(digits: str) -> int:
    if len(digits) <= _MAX_DIGITS:
        return int(digits)
    return -_BEYOND_EVERY_RANGE if digits[0] == "-" else _BEYOND_EVERY_RANGE


# Built once: json.loads with arguments builds a decoder for every message.
_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=Members,
    parse_int=_parse_integer,
    parse_constant=_reject_constant,
)
