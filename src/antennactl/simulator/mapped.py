"""A field map in, JSON messages of that layout out, valid ones and spoiled ones."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

import polars as pl

from antennactl.decode.event_time import ISO, PER_SECOND
from antennactl.decode.field_map import FieldMap
from antennactl.schemas import MAX_BYTES, MAX_TEXT_BYTES
from antennactl.simulator.encode import Encoding
from antennactl.simulator.faults import Event, Fault


def mapped_encoding(fields: FieldMap) -> Encoding:
    """Return the encoding of compact JSON in which each field stands at its path, in objects where there are any."""
    tree = nest(fields, {name: name for name in fields.by_name()})
    written = pl.struct(_write_object(tree, fields.unit)).struct.json_encode().cast(pl.Binary)
    return Encoding(lambda events: events.select(written).to_series(), _make_faults(fields))


def nest(fields: FieldMap, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return field → value as objects in objects; a field without a value is left out."""
    tree: dict[str, Any] = {}
    for name, path in fields.by_name().items():
        if name not in values:
            continue
        level = tree
        for step in path[:-1]:
            level = level.setdefault(step, {})
        level[path[-1]] = values[name]
    return tree


def write_time(timestamp_s: int, unit: str) -> int | str:
    """Return a time in epoch seconds as it stands in a message."""
    if unit == ISO:
        return datetime.fromtimestamp(timestamp_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return timestamp_s * PER_SECOND[unit]


def _write_object(tree: Mapping[str, Any], unit: str) -> list[pl.Expr]:
    return [
        (
            _write_value(value, unit) if isinstance(value, str) else pl.struct(_write_object(value, unit))
        ).alias(key)
        for key, value in tree.items()
    ]


def _write_value(name: str, unit: str) -> pl.Expr:
    if name != "timestamp":
        return pl.col(name)
    if unit == ISO:
        return pl.from_epoch("timestamp", "s").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return pl.col("timestamp") * PER_SECOND[unit]


def _make_faults(fields: FieldMap) -> tuple[Fault, ...]:
    def write(event: Event) -> bytes:
        return json.dumps(nest(fields, event), separators=(",", ":")).encode()

    def timed(event: Event) -> Event:
        return event | {"timestamp": write_time(event["timestamp"], fields.unit)}

    def changed(**changes: object) -> Callable[[Event], bytes]:
        return lambda event: write(timed(event) | changes)

    def without(name: str) -> Callable[[Event], bytes]:
        return lambda event: write({key: value for key, value in timed(event).items() if key != name})

    return (
        Fault("tombstone", "empty", lambda _: None, one_line=False),
        Fault("empty", "empty", lambda _: b""),
        Fault("truncated", "not_json", lambda event: write(timed(event))[:-3]),
        Fault("plain_text", "not_json", lambda event: f"device {event['id']}".encode()),
        Fault("array", "not_object", lambda event: json.dumps(list(event.values())).encode()),
        *(Fault(f"no_{name}", "missing_field", without(name)) for name in fields.by_name()),
        Fault("null_antenna", "missing_field", changed(antenna_id=None)),
        Fault("fractional_bytes", "wrong_type", changed(bytes=1.5)),
        Fault("numeric_id", "wrong_type", changed(id=7)),
        Fault("empty_antenna", "empty_field", changed(antenna_id="")),
        Fault("long_app", "field_too_long", changed(app="A" * (MAX_TEXT_BYTES + 1))),
        Fault("negative_bytes", "bytes_out_of_range", lambda e: write(timed(e) | {"bytes": -1 - e["bytes"]})),
        Fault("huge_bytes", "bytes_out_of_range", changed(bytes=MAX_BYTES + 1)),
        Fault(
            "timestamp_of_1999",
            "timestamp_out_of_range",
            changed(timestamp=write_time(915_148_800, fields.unit)),
        ),
        _odd_timestamp(fields.unit, changed, write, timed),
    )


def _odd_timestamp(
    unit: str,
    changed: Callable[..., Callable[[Event], bytes]],
    write: Callable[[Event], bytes],
    timed: Callable[[Event], Event],
) -> Fault:
    if unit == ISO:
        return Fault("undated", "bad_timestamp", changed(timestamp="yesterday"))
    other = "us" if unit == "s" else "s"
    return Fault(
        "other_unit",
        "timestamp_unit",
        lambda event: write(timed(event) | {"timestamp": write_time(event["timestamp"], other)}),
    )
