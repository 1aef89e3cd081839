"""The parts of a message in, the same parts checked out; what is wrong with one is raised as a Reject."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, NamedTuple

from antennactl.schemas import MAX_BYTES, MAX_PAYLOAD_BYTES, MAX_TEXT_BYTES


class Reject(NamedTuple):
    """Why a message is no event: a word of REASONS, and the field or place, never the content."""

    reason: str
    detail: str


class RejectedError(Exception):
    """Carries a Reject out of the checks."""

    def __init__(self, reject: Reject) -> None:
        super().__init__(reject.reason)
        self.reject = reject


class Members(list[tuple[str, Any]]):
    """An object as its members in order, duplicates included; a list of ours is never an array of JSON."""


def check_payload(payload: bytes | None) -> bytes:
    """Return a payload that has bytes, and not too many."""
    if payload is None:
        raise RejectedError(Reject("empty", "tombstone"))
    if not payload:
        raise RejectedError(Reject("empty", "no bytes"))
    if len(payload) > MAX_PAYLOAD_BYTES:
        raise RejectedError(Reject("too_large", f"more than {MAX_PAYLOAD_BYTES} bytes"))
    return payload


def check_bytes(value: object) -> int:
    """Return the field `bytes`: an integer in its range."""
    value = check_integer("bytes", value)
    if not 0 <= value <= MAX_BYTES:
        raise RejectedError(
            Reject("bytes_out_of_range", f"bytes: {'negative' if value < 0 else 'too large'}")
        )
    return value


def check_integer(name: str, value: object) -> int:
    """Return an integer."""
    if type(value) is not int:  # bool is an int to isinstance
        raise RejectedError(Reject("wrong_type", f"{name}: {kind(value)}"))
    return value


def check_text(name: str, value: object) -> str:
    """Return a text that PostgreSQL can store, neither empty nor too long."""
    if type(value) is not str:
        raise RejectedError(Reject("wrong_type", f"{name}: {kind(value)}"))
    if not value:
        raise RejectedError(Reject("empty_field", name))
    if "\0" in value:
        raise RejectedError(Reject("bad_text", f"{name}: U+0000"))
    try:
        n_bytes = len(value.encode("utf-8"))
    except UnicodeEncodeError:
        raise RejectedError(Reject("bad_text", f"{name}: half a surrogate pair")) from None
    if n_bytes > MAX_TEXT_BYTES:
        raise RejectedError(Reject("field_too_long", f"{name}: more than {MAX_TEXT_BYTES} bytes"))
    return value


_KINDS: Final[Mapping[type, str]] = MappingProxyType(
    {
        Members: "object",
        list: "array",
        str: "text",
        bool: "true or false",
        int: "integer",
        float: "number with a fraction or an exponent",
        type(None): "null",
        bytes: "bytes",
    }
)


def kind(value: object) -> str:
    """Return what a value is, in words."""
    return _KINDS[type(value)]
