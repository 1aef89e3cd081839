"""A field map in, its schema and its messages in Avro out, valid ones and spoiled ones."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

import polars as pl

from antennactl.decode.field_map import FieldMap
from antennactl.schemas import MAX_BYTES, MAX_TEXT_BYTES
from antennactl.simulator.encode import Encoding
from antennactl.simulator.faults import Event, Fault, encode_event
from antennactl.simulator.mapped import nest, write_time

_TIMES: Final[Mapping[str, Any]] = {
    "s": "long",
    "ms": {"type": "long", "logicalType": "timestamp-millis"},
    "us": {"type": "long", "logicalType": "timestamp-micros"},
    "iso": "string",
}
_MOST_ID: Final = 2**31 - 1
_COLUMNS: Final = ("timestamp", "id", "antenna_id", "bytes", "app")


def write_schema(fields: FieldMap) -> str:
    """Return the schema of a record in which each field stands at its path, in records where there are any."""
    types = dict.fromkeys(_COLUMNS, "string") | {"bytes": "long", "timestamp": _TIMES[fields.unit]}
    return json.dumps(_record("usage", nest(fields, types | {"timestamp": "@"}), types["timestamp"]))


def _record(name: str, tree: Mapping[str, Any], time_type: Any) -> dict[str, Any]:  # noqa: ANN401 - a schema
    members = [
        {
            "name": key,
            "type": _record(f"{name}_{key}", inner, time_type) if isinstance(inner, dict) else inner,
        }
        for key, inner in tree.items()
    ]
    for member in members:
        if member["type"] == "@":
            member["type"] = time_type
    return {"type": "record", "name": name, "fields": members}


def avro_encoding(fields: FieldMap, schema_id: int) -> Encoding:
    """Return the encoding of messages of `write_schema`, which the registry has under `schema_id`."""
    header = b"\0" + schema_id.to_bytes(4, "big")
    order = _leaves(nest(fields, {name: name for name in _COLUMNS}))

    def write(event: Event) -> bytes:
        timed = event | {"timestamp": write_time(event["timestamp"], fields.unit)}
        return header + b"".join(_write_value(timed[name]) for name in order)

    def write_all(events: pl.DataFrame) -> pl.Series:
        return pl.Series(
            [write(event) for event in events.select(_COLUMNS).iter_rows(named=True)], dtype=pl.Binary
        )

    return Encoding(write_all, _make_faults(write, len(header)))


def _leaves(tree: Mapping[str, Any]) -> list[str]:
    return [
        name for value in tree.values() for name in (_leaves(value) if isinstance(value, dict) else [value])
    ]


def _write_value(value: int | str | bytes) -> bytes:
    if isinstance(value, int):
        return _write_long(value)
    content = value.encode() if isinstance(value, str) else value
    return _write_long(len(content)) + content


def _write_long(number: int) -> bytes:
    rest, written = (number << 1) ^ (number >> 63), bytearray()
    while rest > 0x7F:  # noqa: PLR2004 - seven bits a byte, the lowest first
        written.append(rest & 0x7F | 0x80)
        rest >>= 7
    written.append(rest)
    return bytes(written)


def _make_faults(write: Callable[[Event], bytes], n_header: int) -> tuple[Fault, ...]:
    def changed(**changes: object) -> Callable[[Event], bytes]:
        return lambda event: write(event | changes)

    return (
        Fault("tombstone", "empty", lambda _: None, one_line=False),
        Fault("empty", "empty", lambda _: b""),
        Fault("in_json", "not_avro", encode_event),
        Fault("header_alone", "not_avro", lambda event: write(event)[:n_header]),
        Fault("cut_off", "not_avro", lambda event: write(event)[:-3]),
        Fault("too_long", "not_avro", lambda event: write(event) + b"\2"),
        Fault(
            "unregistered",
            "unknown_schema",
            lambda event: b"\0" + _MOST_ID.to_bytes(4, "big") + write(event)[n_header:],
        ),
        Fault("invalid_utf8", "not_utf8", changed(app=b"\xff\xc3")),
        Fault("empty_antenna", "empty_field", changed(antenna_id="")),
        Fault("nul_in_app", "bad_text", changed(app="SKYPE\0")),
        Fault("long_app", "field_too_long", changed(app="A" * (MAX_TEXT_BYTES + 1))),
        Fault("negative_bytes", "bytes_out_of_range", lambda e: write(e | {"bytes": -1 - e["bytes"]})),
        Fault("huge_bytes", "bytes_out_of_range", changed(bytes=MAX_BYTES + 1)),
        Fault("timestamp_of_1999", "timestamp_out_of_range", changed(timestamp=915_148_800)),
        Fault("timestamp_of_2100", "timestamp_out_of_range", changed(timestamp=4_102_444_800)),
    )
