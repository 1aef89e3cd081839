"""One payload of JSON in any layout in, one reading or one reject with its reason out: `message` with a field map."""

from typing import Any, Final, NamedTuple

from antennactl.decode.checks import (
    Members,
    Reject,
    RejectedError,
    check_bytes,
    check_text,
    kind,
)
from antennactl.decode.event_time import check_event_time, check_retention
from antennactl.decode.field_map import FieldMap, Path
from antennactl.decode.json_text import decode_text, parse_object
from antennactl.schemas import MIN_TIMESTAMP_S


class Reading(NamedTuple):
    """The five fields of a valid message, in the order of EVENTS; the event time in epoch microseconds."""

    timestamp_us: int
    id: str
    antenna_id: str
    bytes: int
    app: str


class _Missing:
    """No value: the name does not stand there."""


_MISSING: Final = _Missing()


def parse_mapped(
    payload: bytes | None, fields: FieldMap, now_s: int, floor_s: int = MIN_TIMESTAMP_S
) -> Reading | Reject:
    """Judge one payload whose fields stand where `fields` says; with the default map as `parse_message` does."""
    try:
        members = parse_object(decode_text(payload), fields.depth)
        return read_fields(_take_values(members, fields), fields.unit, now_s, floor_s)
    except RejectedError as rejected:
        return rejected.reject


def read_fields(values: dict[str, Any], unit: str, now_s: int, floor_s: int) -> Reading:
    """Return the reading of field → value, none of which is missing or null. Raises RejectedError."""
    reading = Reading(
        timestamp_us=check_event_time(values["timestamp"], unit, now_s),
        id=check_text("id", values["id"]),
        antenna_id=check_text("antenna_id", values["antenna_id"]),
        bytes=check_bytes(values["bytes"]),
        app=check_text("app", values["app"]),
    )
    check_retention(reading.timestamp_us, floor_s)
    return reading


def _take_values(members: Members, fields: FieldMap) -> dict[str, Any]:
    paths = fields.by_name()
    found = {name: _find(name, members, path) for name, path in paths.items()}
    for name, value in found.items():
        if value is _MISSING or value is None:
            raise RejectedError(Reject("missing_field", name if value is _MISSING else f"{name}: null"))
        if isinstance(value, Reject):
            raise RejectedError(value)
    return found


def _find(name: str, members: Members, path: Path) -> Any:  # noqa: ANN401 - any JSON value
    """Return the value at `path`, a Reject where the way there is no object. Raises RejectedError for a second one."""
    value: Any = members
    for step in path:
        if value is None or value is _MISSING:
            return _MISSING
        if type(value) is not Members:
            return Reject("wrong_type", f"{name}: in {_article(kind(value))}, not in an object")
        held = [inner for key, inner in value if key == step]
        if len(held) > 1:
            raise RejectedError(Reject("duplicate_key", name))
        value = held[0] if held else _MISSING
    return value


def _article(words: str) -> str:
    return f"an {words}" if words[0] in "aio" else f"a {words}"
