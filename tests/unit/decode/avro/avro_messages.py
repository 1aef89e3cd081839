"""Schemas and messages of Avro as strategies, written by fastavro: plain ones, evolved ones and broken ones."""

import io
import json
from operator import itemgetter
from typing import Any, Final

import fastavro
from hypothesis import strategies as st

from antennactl.decode.avro.schema import Type, parse_schema
from unit.decode.corpus import NOW_S

SCHEMA_ID: Final = 7
HEADER: Final = b"\0" + SCHEMA_ID.to_bytes(4, "big")
FIELDS: Final[list[dict[str, Any]]] = [
    {"name": "bytes", "type": "long"},
    {"name": "timestamp", "type": {"type": "long", "logicalType": "timestamp-millis"}},
    {"name": "app", "type": "string"},
    {"name": "id", "type": "string"},
    {"name": "antenna_id", "type": "string"},
]
EVENT: Final[dict[str, Any]] = {
    "bytes": 9082,
    "timestamp": 1_600_545_287_250,
    "app": "SKYPE",
    "id": "00000000-0000-0000-0000-000000000001",
    "antenna_id": "00000000-0000-0000-0000-000000000000",
}

# A type of a field that is none of ours → a strategy of its values. The first ones are walked through as columns.
_TEXT: Final = st.text(max_size=12)
_OTHERS: Final[list[tuple[Any, st.SearchStrategy[Any]]]] = [
    ("null", st.none()),
    ("boolean", st.booleans()),
    ("int", st.integers(-(2**31), 2**31 - 1)),
    ("long", st.integers(-(2**63), 2**63 - 1) | st.integers(-70, 70)),
    ("float", st.just(0.5)),
    ("double", st.just(-0.25)),
    ("bytes", st.binary(max_size=200)),
    ("string", _TEXT | st.text("é", min_size=60, max_size=300)),
    ({"type": "fixed", "name": "f3", "size": 3}, st.binary(min_size=3, max_size=3)),
    ({"type": "enum", "name": "colour", "symbols": ["RED", "GREEN"]}, st.sampled_from(["RED", "GREEN"])),
    (["null", "string"], st.none() | _TEXT),
    (["long", "null"], st.none() | st.integers(-(2**40), 2**40)),
    (
        {
            "type": "record",
            "name": "place",
            "fields": [{"name": "x", "type": "int"}, {"name": "id", "type": ["null", "string"]}],
        },
        st.fixed_dictionaries({"x": st.integers(0, 9), "id": st.none() | _TEXT}),
    ),
    # From here on one by one alone.
    ({"type": "array", "items": "string"}, st.lists(_TEXT, max_size=3)),
    ({"type": "array", "items": "null"}, st.lists(st.none(), max_size=3)),
    ({"type": "map", "values": {"type": "array", "items": "long"}},
     st.dictionaries(_TEXT, st.lists(st.integers(0, 9), max_size=2), max_size=2)),
    (["string", "long", "null"], _TEXT | st.integers(0, 9) | st.none()),
    (["null", {"type": "record", "name": "node", "fields": [
        {"name": "value", "type": "int"}, {"name": "next", "type": ["null", "node"]}]}],
     st.recursive(st.none(), lambda inner: st.fixed_dictionaries({"value": st.just(1), "next": inner}), max_leaves=4)),
]  # fmt: skip
N_COLUMNAR: Final = 13


def write_body(schema: dict[str, Any], value: dict[str, Any]) -> bytes:
    """Return the body of a message; a timestamp as the number that it is."""
    out = io.BytesIO()
    fastavro.schemaless_writer(out, fastavro.parse_schema(json.loads(json.dumps(schema))), value)
    return out.getvalue()


def make_schema(fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {"type": "record", "name": "usage", "namespace": "net.antenna", "fields": fields}


def parse(schema: dict[str, Any]) -> Type:
    return parse_schema(json.dumps(schema))


def exercise(**changes: Any) -> bytes:
    """Return a message of FIELDS; `changes` by field."""
    return HEADER + write_body(make_schema(FIELDS), EVENT | changes)


def values() -> st.SearchStrategy[dict[str, Any]]:
    """Return the five fields as they may stand in a message of FIELDS, valid more often than not."""
    text = (
        st.text("abc-0", min_size=1, max_size=40)
        | st.text(max_size=70)
        | st.just("x" * 257)
        | st.just("a\0b")
    )
    return st.fixed_dictionaries(
        {
            "bytes": st.integers(0, 10_000) | st.integers(-2, 2**41),
            "timestamp": st.integers(946_684_800_000, NOW_S * 1000) | st.integers(-(2**63), 2**63 - 1),
            "app": text,
            "id": text,
            "antenna_id": text,
        }
    )


@st.composite
def schemas(
    draw: st.DrawFn, *, columnar: bool = False
) -> tuple[dict[str, Any], st.SearchStrategy[dict[str, Any]]]:
    """Return a schema with our fields in any order among others, some perhaps nullable, and its records."""
    fields = []
    parts: dict[str, st.SearchStrategy[Any]] = {}
    for field in FIELDS:
        is_nullable = draw(st.integers(0, 3)) == 0
        branches = draw(st.sampled_from([["null", field["type"]], [field["type"], "null"]]))
        fields.append({"name": field["name"], "type": branches if is_nullable else field["type"]})
        plain = values().map(itemgetter(field["name"]))
        parts[field["name"]] = st.one_of(plain, plain, plain, st.none()) if is_nullable else plain
    others = _OTHERS[:N_COLUMNAR] if columnar else _OTHERS
    chosen = draw(st.lists(st.sampled_from(range(len(others))), unique=True, max_size=4))
    for number in chosen:
        kind, strategy = others[number]
        fields.append({"name": f"other{number}", "type": kind})
        parts[f"other{number}"] = strategy
    return make_schema(draw(st.permutations(fields))), st.fixed_dictionaries(parts)


@st.composite
def chunks(draw: st.DrawFn) -> tuple[dict[str, Any], list[bytes | None]]:
    """Return a schema and a chunk of its messages, some broken: a body's end may lie in its neighbour."""
    schema, records = draw(schemas())
    written: list[bytes] = [
        HEADER + write_body(schema, record) for record in draw(st.lists(records, max_size=8))
    ]
    broken: list[bytes | None] = list(written)
    for place, payload in enumerate(written):
        match draw(st.integers(0, 9)):
            case 0 if len(payload) > len(HEADER):
                cut = draw(st.integers(1, len(payload) - len(HEADER)))
                broken[place] = payload[:-cut]
                if place + 1 < len(written):
                    broken[place + 1] = HEADER + payload[-cut:] + written[place + 1][len(HEADER) :]
            case 1:
                at = draw(st.integers(0, len(payload)))
                broken[place] = (
                    payload[:at] + draw(st.binary(max_size=3)) + payload[at + draw(st.integers(0, 3)) :]
                )
            case 2:
                broken[place] = draw(st.none() | st.binary(max_size=8) | st.just(HEADER))
    return schema, broken
