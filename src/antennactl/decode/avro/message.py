"""One Avro message in the registry's wire format in, one reading or one reject with its reason out."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from antennactl.decode.avro.reader import BodyError, Reader
from antennactl.decode.avro.schema import Type
from antennactl.decode.checks import Members, Reject, RejectedError, check_payload
from antennactl.decode.field_map import FieldMap
from antennactl.decode.mapped_guard import Tree, make_tree
from antennactl.decode.mapped_message import Reading, read_fields
from antennactl.schemas import MIN_TIMESTAMP_S

HEADER: Final = 5
"""Bytes before the body: a zero, and the id of the schema in four bytes, the highest first."""
UNITS: Final[Mapping[str, str]] = {"timestamp-millis": "ms", "timestamp-micros": "us"}
"""Logical type of a timestamp → its unit, whatever unit is set."""
_NANOS: Final = "timestamp-nanos"
_LOCAL: Final = "local-timestamp"
_NS_PER_US: Final = 1000


class _Value(NamedTuple):
    value: Any
    logical: str


def read_schema_id(payload: bytes | None) -> int | Reject:
    """Return the id of the schema that a payload names."""
    try:
        payload = check_payload(payload)
    except RejectedError as rejected:
        return rejected.reject
    if payload[0] != 0:
        return Reject("not_avro", "no zero at byte 0: not in the registry's wire format")
    if len(payload) < HEADER:
        return Reject("not_avro", "shorter than its header")
    return int.from_bytes(payload[1:HEADER], "big")


class AvroMessages:
    """Judges messages whose fields stand where `fields` says, one by one."""

    def __init__(self, fields: FieldMap) -> None:
        self._fields = fields
        self._tree = make_tree(fields)

    def parse(
        self, payload: bytes, schema: Type, now_s: int, floor_s: int = MIN_TIMESTAMP_S
    ) -> Reading | Reject:
        """Judge one payload that `read_schema_id` accepts, written with `schema`; never raises.

        A field is found by its name in the schema; the timestamp's logical type, where it has one, says its unit.
        """
        try:
            values, unit = _take_values(self._read_body(payload, schema), self._fields)
            return read_fields(values, unit, now_s, floor_s)
        except RejectedError as rejected:
            return rejected.reject

    def _read_body(self, payload: bytes, schema: Type) -> dict[str, _Value | Reject]:
        found: dict[str, _Value | Reject] = {}
        if schema.kind != "record":
            raise RejectedError(Reject("not_object", f"the schema is of type {schema.kind}"))
        reader = Reader(payload, HEADER)
        try:
            _read_record(reader, schema, self._tree, found)
        except BodyError as error:
            raise RejectedError(Reject("not_avro", str(error))) from None
        if reader.position != len(payload):
            raise RejectedError(Reject("not_avro", f"longer than its schema, from byte {reader.position} on"))
        return found


def _read_record(reader: Reader, record: Type, tree: Tree, found: dict[str, _Value | Reject]) -> None:
    """Read a record whole, and keep what stands at the names of `tree`."""
    for name, each in zip(record.names, record.children, strict=True):
        wanted = tree.get(name)
        if wanted is None:
            reader.skip(each)
        elif isinstance(wanted, str):
            found[wanted] = _read_value(reader, each, wanted)
        else:
            _read_inside(reader, reader.choose(each), wanted, found)


def _read_inside(reader: Reader, each: Type, tree: Tree, found: dict[str, _Value | Reject]) -> None:
    if each.kind == "record":
        _read_record(reader, each, tree, found)
        return
    reader.skip(each)
    if each.kind != "null":
        for name in _leaves(tree):
            found[name] = Reject("wrong_type", f"{name}: in a value of type {each.kind}, not in a record")


def _leaves(tree: Tree) -> list[str]:
    return [
        name for value in tree.values() for name in ([value] if isinstance(value, str) else _leaves(value))
    ]


def _read_value(reader: Reader, each: Type, name: str) -> _Value | Reject:
    each = reader.choose(each)
    match each.kind:
        case "int" | "long":
            return _Value(reader.read_long(), each.logical)
        case "string":
            try:
                return _Value(reader.read_bytes().decode("utf-8"), "")
            except UnicodeDecodeError:
                return Reject("not_utf8", name)
        case "enum":
            return _Value(reader.read_symbol(each), "")
    reader.skip(each)
    return _Value(_SHOWN[each.kind], "")


# A value of the kind: what it is matters to nobody.
_SHOWN: Final[Mapping[str, Any]] = {
    "null": None,
    "boolean": True,
    "float": 0.0,
    "double": 0.0,
    "bytes": b"",
    "fixed": b"",
    "array": [],
    "map": Members(),
    "record": Members(),
}


def _take_values(found: dict[str, _Value | Reject], fields: FieldMap) -> tuple[dict[str, Any], str]:
    values: dict[str, Any] = {}
    unit = fields.unit
    for name in fields.by_name():
        held = found.get(name)
        if held is None:
            raise RejectedError(Reject("missing_field", name))
        if isinstance(held, Reject):
            raise RejectedError(held)
        if held.value is None:
            raise RejectedError(Reject("missing_field", f"{name}: null"))
        values[name] = held.value
        if name == "timestamp":
            values[name], unit = _settle_unit(held, unit)
    return values, unit


def _settle_unit(held: _Value, unit: str) -> tuple[Any, str]:
    if held.logical.startswith(_LOCAL):
        raise RejectedError(Reject("bad_timestamp", "timestamp: a local time, which may be any hour"))
    if held.logical == _NANOS:
        return held.value // _NS_PER_US, "us"
    return held.value, UNITS.get(held.logical, unit)
