"""Avro: every message comes out once, in order, as its own bytes alone decide, however it is read."""

import io
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import fastavro
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antennactl.decode import DEFAULT_FIELDS, AvroDecoder, Decoded, FieldMap, Reject, WriterSchema
from antennactl.decode.avro.message import AvroMessages, read_schema_id
from antennactl.decode.avro.plan import make_plan
from antennactl.decode.avro.schema import Type, parse_schema
from antennactl.decode.mapped_message import Reading
from antennactl.native import pack_messages
from antennactl.schemas import EVENTS, MAX_STORED_PAYLOAD, MIN_TIMESTAMP_S, REJECTS
from unit.decode.avro.avro_messages import (
    EVENT,
    FIELDS,
    HEADER,
    SCHEMA_ID,
    chunks,
    exercise,
    make_schema,
    parse,
    schemas,
    values,
    write_body,
)
from unit.decode.corpus import CASES, NOW_S

# A machine busy with other tests is no reason to fail.
_LAW = settings(deadline=None)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MESSAGES = AvroMessages(DEFAULT_FIELDS)
_PLAIN = make_schema(FIELDS)


def _decode(
    schema: dict[str, Any] | str, payloads: list[bytes | None], fields: FieldMap = DEFAULT_FIELDS
) -> Decoded:
    def find(number: int) -> WriterSchema | str:
        if number != SCHEMA_ID:
            return "not in the registry"
        return WriterSchema(schema if isinstance(schema, str) else json.dumps(schema))

    rows = range(len(payloads))
    places = [row % 4 for row in rows], [row * 10 for row in rows]
    decoder = AvroDecoder(fields, find)
    decoded = decoder.decode(payloads, *places, NOW_S, MIN_TIMESTAMP_S)
    messages = pack_messages(payloads, *places)
    native = decoder.decode(messages, messages.partitions, messages.offsets, NOW_S, MIN_TIMESTAMP_S)
    assert native.events.equals(decoded.events)
    assert native.rejects.equals(decoded.rejects)
    assert decoded.events.schema == EVENTS
    assert decoded.rejects.schema == REJECTS
    return decoded


def _judge(payload: bytes | None, schema: Type) -> Reading | Reject:
    number = read_schema_id(payload)
    if isinstance(number, Reject):
        return number
    if number != SCHEMA_ID:
        return Reject("unknown_schema", f"schema {number}: not in the registry")
    assert payload is not None
    return _MESSAGES.parse(payload, schema, NOW_S)


def _assert_paths_agree(schema: dict[str, Any], payloads: list[bytes | None]) -> None:
    decoded = _decode(schema, payloads)
    events: list[tuple[Any, ...]] = []
    rejects: list[tuple[Any, ...]] = []
    for row, payload in enumerate(payloads):
        outcome = _judge(payload, parse(schema))
        if isinstance(outcome, Reading):
            time = _EPOCH + timedelta(microseconds=outcome.timestamp_us)
            events.append((time, *outcome[1:], row % 4, row * 10))
        else:
            stored = payload and payload[:MAX_STORED_PAYLOAD]
            rejects.append((row % 4, row * 10, *outcome, stored, len(payload or b"")))
    assert decoded.events.rows() == events
    assert decoded.rejects.rows() == rejects


@settings(deadline=None, max_examples=150)
@given(chunks())
def test_every_message_comes_out_once_and_as_its_own_bytes_decide(
    chunk: tuple[dict[str, Any], list[bytes | None]],
) -> None:
    _assert_paths_agree(*chunk)


@_LAW
@given(st.lists(st.binary(max_size=60).map(lambda body: HEADER + body) | st.binary(max_size=12), max_size=10))
def test_never_raises_on_any_bytes(payloads: list[bytes | None]) -> None:
    _assert_paths_agree(_PLAIN, payloads)


def test_messages_of_other_formats_are_rejected_one_by_one() -> None:
    payloads = [case.payload for case in CASES]
    _assert_paths_agree(_PLAIN, payloads)
    assert set(_decode(_PLAIN, payloads).rejects["reason"]) == {
        *("empty", "too_large", "not_avro", "unknown_schema")
    }


@_LAW
@given(st.data())
def test_a_valid_message_of_any_schema_has_the_values_that_were_written(data: st.DataObject) -> None:
    schema, records = data.draw(schemas())
    record = data.draw(records)
    outcome = _judge(HEADER + write_body(schema, record), parse(schema))
    if any(record[name] is None for name in EVENT):
        assert isinstance(outcome, Reject)
        assert outcome.reason == "missing_field"
    elif isinstance(outcome, Reading):
        assert outcome == (
            record["timestamp"] * 1000,
            *(record[n] for n in ("id", "antenna_id", "bytes", "app")),
        )
    else:
        assert outcome.reason not in {"not_avro", "missing_field", "wrong_type"}


@settings(deadline=None, max_examples=150)
@given(values(), st.data())
def test_another_reader_of_avro_agrees_on_broken_messages(value: dict[str, Any], data: st.DataObject) -> None:
    """What is read here has the values that fastavro reads, to the last byte; what fastavro cannot read is rejected."""
    body = bytearray(write_body(_PLAIN, value))
    at = data.draw(st.integers(0, len(body) - 1))
    body[at : at + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=2))
    fields = [{"name": field["name"], "type": str(field["type"]).replace("'", "")} for field in FIELDS]
    fields[1]["type"] = "long"
    source = io.BytesIO(bytes(body))
    try:
        read: Any = fastavro.schemaless_reader(source, fastavro.parse_schema(make_schema(fields)), None)
    except Exception:  # noqa: BLE001 - it has many ways to refuse
        read = None
    outcome = _judge(HEADER + bytes(body), parse(_PLAIN))
    if isinstance(outcome, Reading):
        assert read is not None
        assert source.tell() == len(body)
        assert outcome == (read["timestamp"] * 1000, *(read[n] for n in ("id", "antenna_id", "bytes", "app")))
    # fastavro takes numbers of more than 64 bits, and drops what is above.
    elif outcome.reason == "not_avro" and not outcome.detail.startswith("no number"):
        assert read is None or source.tell() != len(body)


@pytest.mark.parametrize("k", range(1, 12))
def test_a_body_that_is_short_by_what_the_next_is_long_shifts_nothing(k: int) -> None:
    """Joined to one block these bodies would read as three sound messages."""
    first, second, third = exercise(), exercise(id="second"), exercise(id="third")
    decoded = _decode(_PLAIN, [first[:-k], HEADER + first[-k:] + second[len(HEADER) :], third])
    assert decoded.events["kafka_offset"].to_list() == [20]
    assert decoded.events["id"].to_list() == ["third"]
    assert decoded.rejects["reason"].to_list() == ["not_avro"] * 2


@pytest.mark.parametrize("columnar", [True, False])
def test_plain_schemas_are_walked_through_as_columns(*, columnar: bool) -> None:
    """The laws above would hold of columns that leave everything open."""
    seen = []

    @settings(deadline=None, max_examples=50)
    @given(schemas(columnar=columnar))
    def law(drawn: tuple[dict[str, Any], Any]) -> None:
        seen.append(make_plan(parse(drawn[0]), DEFAULT_FIELDS) is not None)

    law()
    assert all(seen) == columnar


def test_what_is_read_as_columns_is_accepted_there(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr(AvroMessages, "parse", refuse)
    fields = [*FIELDS, {"name": "note", "type": ["null", "string"]}]
    body = (
        write_body(make_schema(fields), EVENT | {"note": None}),
        write_body(make_schema(fields), EVENT | {"note": "é"}),
    )
    decoded = _decode(make_schema(fields), [HEADER + part for part in body])
    assert decoded.events["id"].to_list() == [EVENT["id"]] * 2
    assert (
        decoded.events["timestamp"].to_list() == [datetime(2020, 9, 19, 19, 54, 47, 250_000, tzinfo=UTC)] * 2
    )


def test_events_hold_on_to_no_payload() -> None:
    fields = [{"name": "blob", "type": "bytes"}, *FIELDS]
    payload = HEADER + write_body(make_schema(fields), EVENT | {"blob": b"x" * 5000})
    assert _decode(make_schema(fields), [payload] * 1000).events.estimated_size() < 1000 * 500


def test_one_chunk_may_have_messages_of_many_schemas() -> None:
    asked: list[int] = []

    def find(number: int) -> WriterSchema | str:
        asked.append(number)
        order = FIELDS[number:] + FIELDS[:number]
        return WriterSchema(json.dumps(make_schema(order))) if number < 5 else "not in the registry"

    payloads: list[bytes | None] = []
    for row in range(60):
        number = row % 6
        order = FIELDS[number:] + FIELDS[:number]
        payloads.append(
            b"\0" + number.to_bytes(4, "big") + write_body(make_schema(order), EVENT | {"bytes": row})
        )
    decoder = AvroDecoder(DEFAULT_FIELDS, find)
    for _ in range(2):
        decoded = decoder.decode(payloads, [0] * 60, range(60), NOW_S)
        assert decoded.events["bytes"].to_list() == [row for row in range(60) if row % 6 < 5]
        assert decoded.rejects["detail"].unique().to_list() == ["schema 5: not in the registry"]
    assert asked == [0, 1, 2, 3, 4, 5, 5], "a schema never changes; one that is not there may come"


def test_when_nobody_can_tell_of_a_schema_nothing_has_become_of_any_message() -> None:
    def find(_: int) -> WriterSchema | str:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        AvroDecoder(DEFAULT_FIELDS, find).decode([None, exercise()], [0, 0], [0, 1], NOW_S)


_NESTED = FieldMap.of(
    {"timestamp": "meta.ts", "id": "user.id", "antenna_id": "cell.id", "bytes": "n", "app": "app"}, "us"
)


def _nested(
    ts: Any = "long", user: Any = "string", app: Any = "string", *, optional: bool = False
) -> dict[str, Any]:
    def record(name: str, field: str, kind: Any) -> dict[str, Any]:
        return {"type": "record", "name": name, "fields": [{"name": field, "type": kind}]}

    user_type: Any = record("user", "id", user)
    return make_schema(
        [
            {"name": "meta", "type": record("meta", "ts", ts)},
            {"name": "user", "type": ["null", user_type] if optional else user_type},
            {"name": "cell", "type": record("cell", "id", "string")},
            {"name": "n", "type": "int"},
            {"name": "app", "type": app},
        ]
    )


@pytest.mark.parametrize(
    ("schema", "ts", "user", "app", "expected"),
    [
        (_nested(), 1_600_545_287_250_001, {"id": "u"}, "a", 1_600_545_287_250_001),
        (_nested(optional=True), 1_600_545_287_250_001, {"id": "u"}, "a", 1_600_545_287_250_001),
        (_nested(optional=True), 1, None, "a", Reject("missing_field", "id")),
        (_nested(user=["null", "string"]), 10**15, {"id": None}, "a", Reject("missing_field", "id: null")),
        (_nested(user="long"), 10**15, {"id": 7}, "a", Reject("wrong_type", "id: integer")),
        (_nested(user="bytes"), 10**15, {"id": b"u"}, "a", Reject("wrong_type", "id: bytes")),
        (
            _nested(app={"type": "enum", "name": "app", "symbols": ["A", "SKYPE"]}),
            10**15,
            {"id": "u"},
            "SKYPE",
            10**15,
        ),
        (_nested({"type": "long", "logicalType": "timestamp-millis"}), 10**12, {"id": "u"}, "a", 10**15),
        (_nested({"type": "long", "logicalType": "timestamp-micros"}), 10**15, {"id": "u"}, "a", 10**15),
        (_nested({"type": "long", "logicalType": "timestamp-nanos"}), 10**18 + 999, {"id": "u"}, "a", 10**15),
        (
            _nested({"type": "long", "logicalType": "local-timestamp-millis"}),
            10**12,
            {"id": "u"},
            "a",
            Reject("bad_timestamp", "timestamp: a local time, which may be any hour"),
        ),
        (_nested(), 10**12, {"id": "u"}, "a", Reject("timestamp_unit", "timestamp: milliseconds")),
        (_nested("double"), 1.5, {"id": "u"}, "a",
         Reject("wrong_type", "timestamp: number with a fraction or an exponent")),
    ],
    ids=range(13),
)  # fmt: skip
def test_fields_are_found_by_name_whatever_the_schema(
    schema: dict[str, Any], ts: Any, user: Any, app: str, expected: Any
) -> None:
    value = {"meta": {"ts": ts}, "user": user, "cell": {"id": "c"}, "n": 5, "app": app}
    decoded = _decode(schema, [HEADER + write_body(schema, value)] * 3, _NESTED)
    if isinstance(expected, Reject):
        assert decoded.rejects.select("reason", "detail").rows() == [tuple(expected)] * 3
    else:
        assert decoded.events["timestamp"].dt.epoch("us").to_list() == [expected] * 3
        assert decoded.events.select("id", "antenna_id", "bytes", "app").rows() == [("u", "c", 5, app)] * 3


def test_iso_times_as_text() -> None:
    schema = make_schema(
        [
            *(field for field in FIELDS if field["name"] != "timestamp"),
            {"name": "timestamp", "type": "string"},
        ]
    )
    payload = HEADER + write_body(schema, EVENT | {"timestamp": "2020-09-19T21:54:47.25+02:00"})
    for fields, n_events in ((FieldMap(unit="iso"), 1), (DEFAULT_FIELDS, 0)):
        decoded = _decode(schema, [payload], fields)
        assert decoded.events.height == n_events
        assert decoded.rejects["reason"].to_list() == ["wrong_type"] * (1 - n_events)


@pytest.mark.parametrize(
    ("schema", "reason", "detail"),
    [
        ("{", "unknown_schema", "schema 7: not an Avro schema"),
        ('{"type": "record", "name": "a"}', "unknown_schema", "schema 7: not an Avro schema"),
        ('{"type": "nothing"}', "unknown_schema", "schema 7: it names a type that it does not define"),
        ('{"type": "record", "name": "a", "fields": [{"name": "x", "type": "a"}]}',
         "unknown_schema", "schema 7: a record holds itself"),
        ('{"type": "fixed", "name": "a", "size": -1}', "unknown_schema", "schema 7: a fixed without a size"),
        ("[" * 100_000, "unknown_schema", "schema 7: nested too deeply"),
        ('"string"', "not_object", "the schema is of type string"),
        ('{"type": "record", "name": "a", "fields": []}', "not_avro", "longer than its schema, from byte 5 on"),
    ],
)  # fmt: skip
def test_a_schema_that_is_none_or_no_record_rejects_its_messages(
    schema: str, reason: str, detail: str
) -> None:
    assert _decode(schema, [exercise()]).rejects.select("reason", "detail").rows() == [(reason, detail)]


def test_types_of_other_schemas_are_known_by_reference() -> None:
    place = {"type": "record", "name": "net.cell.Place", "fields": [{"name": "x", "type": "int"}]}
    using = make_schema([{"name": "place", "type": "net.cell.Place"}, *FIELDS])
    whole = make_schema([{"name": "place", "type": place}, *FIELDS])
    payload = HEADER + write_body(whole, EVENT | {"place": {"x": 3}})
    with pytest.raises(ValueError, match="does not define"):
        parse_schema(json.dumps(using))
    schema = WriterSchema(json.dumps(using), (json.dumps(place),))
    decoded = AvroDecoder(DEFAULT_FIELDS, lambda _: schema).decode([payload], [0], [0], NOW_S)
    assert decoded.events.height == 1


def _long(number: int) -> bytes:
    out = io.BytesIO()
    fastavro.schemaless_writer(out, "long", number)
    return out.getvalue()


@pytest.mark.parametrize(
    ("items", "body"),
    [
        ("null", _long(2**62) + _long(0)),
        ("null", _long(2**62)),
        ("long", _long(2**62) + b"\1" * 40),
        ({"type": "record", "name": "none", "fields": []}, _long(2**40) * 3 + _long(0)),
        ("string", _long(-1) + _long(2**60)),
        ("string", _long(1) + _long(2**62)),
        ({"type": "array", "items": "a"}, b"\2" * 60_000),
    ],
)  # fmt: skip
def test_what_a_message_claims_costs_neither_time_nor_stack(items: Any, body: bytes) -> None:
    """Counts of 2^62 items, lengths of exabytes and 60,000 arrays in one another."""
    if items == {"type": "array", "items": "a"}:
        named = {
            "type": "record",
            "name": "a",
            "fields": [{"name": "in", "type": {"type": "array", "items": "a"}}],
        }
        schema = make_schema([{"name": "other", "type": named}, *FIELDS])
    else:
        schema = make_schema([{"name": "other", "type": {"type": "array", "items": items}}, *FIELDS])
    began = time.process_time()
    decoded = _decode(schema, [HEADER + body, HEADER + body + exercise()[len(HEADER) :]])
    assert decoded.events.height + decoded.rejects.height == 2
    assert time.process_time() - began < 5
