"""Other layouts of JSON: both ways of decoding agree, and the exercise's map means the exercise's layout."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antennactl.decode import (
    DEFAULT_FIELDS,
    Decode,
    Decoded,
    FieldMap,
    MappedDecoder,
    Reject,
    decode_messages,
)
from antennactl.decode.mapped_columns import MappedColumns
from antennactl.decode.mapped_message import Reading, parse_mapped
from antennactl.native import pack_messages
from antennactl.schemas import EVENTS, MAX_STORED_PAYLOAD, MIN_TIMESTAMP_S, REJECTS
from unit.decode.alike import messages_alike
from unit.decode.corpus import CASES, NOW_S
from unit.decode.mapped_messages import MAPS, mapped_messages

# A machine busy with other tests is no reason to fail.
_LAW = settings(deadline=None, max_examples=50)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_NESTED = MAPS["nested"]
_ALL = [case.payload for case in CASES]


def _decode(decode: Decode, payloads: list[bytes | None], floor_s: int = MIN_TIMESTAMP_S) -> Decoded:
    rows = range(len(payloads))
    places = [row % 4 for row in rows], [row * 10 for row in rows]
    decoded = decode(payloads, *places, NOW_S, floor_s)
    messages = pack_messages(payloads, *places)
    native = decode(messages, messages.partitions, messages.offsets, NOW_S, floor_s)
    assert native.events.equals(decoded.events)
    assert native.rejects.equals(decoded.rejects)
    assert decoded.events.schema == EVENTS
    assert decoded.rejects.schema == REJECTS
    return decoded


def _assert_paths_agree(
    fields: FieldMap, payloads: list[bytes | None], floor_s: int = MIN_TIMESTAMP_S
) -> None:
    """Let the per-message path judge each payload: the two frames have just these rows."""
    decoded = _decode(MappedDecoder(fields).decode, payloads, floor_s)
    events: list[tuple[Any, ...]] = []
    rejects: list[tuple[Any, ...]] = []
    for row, payload in enumerate(payloads):
        outcome = parse_mapped(payload, fields, NOW_S, floor_s)
        if isinstance(outcome, Reading):
            time = _EPOCH + timedelta(microseconds=outcome.timestamp_us)
            events.append((time, *outcome[1:], row % 4, row * 10))
        else:
            stored = payload and payload[:MAX_STORED_PAYLOAD]
            rejects.append((row % 4, row * 10, *outcome, stored, len(payload or b"")))
    assert decoded.events.rows() == events
    assert decoded.rejects.rows() == rejects


def _message(**changes: Any) -> bytes:
    """Write a message of the nested map; `changes` by field, in place of the plain value."""
    value: dict[str, Any] = {"ts": 1_600_545_287_250, "id": "u", "antenna": "n", "n": 9082, "app": "SKYPE"}
    value |= changes
    return json.dumps(
        {
            "meta": {"ts": value["ts"], "seq": 7},
            "user": {"id": value["id"]},
            "cell": {"antenna": {"id": value["antenna"], "rssi": -70.5}},
            "usage": {"bytes": value["n"]},
            "app": value["app"],
            "tags": ["a"],
        }
    ).encode()


def test_with_the_exercises_map_every_case_has_the_exercises_outcome() -> None:
    assert _decode(MappedDecoder(DEFAULT_FIELDS).decode, _ALL).rejects.equals(
        _decode(decode_messages, _ALL).rejects
    )
    assert _decode(MappedDecoder(DEFAULT_FIELDS).decode, _ALL).events.equals(
        _decode(decode_messages, _ALL).events
    )


@_LAW
@given(messages_alike(20), st.sampled_from([MIN_TIMESTAMP_S, NOW_S - 3600]))
def test_with_the_exercises_map_any_chunk_has_the_exercises_outcome(
    payloads: list[bytes | None], floor_s: int
) -> None:
    mapped = _decode(MappedDecoder(DEFAULT_FIELDS).decode, payloads, floor_s)
    plain = _decode(decode_messages, payloads, floor_s)
    assert mapped.events.equals(plain.events)
    assert mapped.rejects.equals(plain.rejects)


@pytest.mark.parametrize("name", MAPS)
def test_every_message_comes_out_once_and_as_the_per_message_path_judges_it(name: str) -> None:
    @_LAW
    @given(
        st.lists(mapped_messages(MAPS[name]), max_size=12), st.sampled_from([MIN_TIMESTAMP_S, NOW_S - 3600])
    )
    def law(payloads: list[bytes | None], floor_s: int) -> None:
        _assert_paths_agree(MAPS[name], payloads, floor_s)

    law()


@pytest.mark.parametrize("name", MAPS)
def test_hostile_messages_of_other_layouts_come_out_too(name: str) -> None:
    _assert_paths_agree(MAPS[name], [*_ALL, None, b"", b"\0\1"])


@pytest.mark.parametrize("name", MAPS)
def test_plain_messages_are_decoded_as_columns(name: str) -> None:
    """The laws above would hold of columns that leave everything open."""

    @settings(deadline=None, max_examples=20)
    @given(st.lists(mapped_messages(MAPS[name]), min_size=1, max_size=12))
    def law(payloads: list[bytes]) -> None:
        seen.append(MappedColumns(MAPS[name]).parse(payloads, NOW_S, MIN_TIMESTAMP_S)["is_event"].mean())

    seen: list[Any] = []
    law()
    assert sum(seen) / len(seen) > 0.3


def test_a_name_that_json_escapes_is_found_by_the_per_message_path() -> None:
    fields = FieldMap.of(
        {"timestamp": 't"', "id": "i\n", "antenna_id": "n\\", "bytes": "bytes", "app": "app"}, "s"
    )
    written = {'t"': 1_600_545_287, "i\n": "i", "n\\": "n", "bytes": 1, "app": "a"}
    decoded = _decode(MappedDecoder(fields).decode, [json.dumps(written).encode()])
    assert decoded.events["id"].to_list() == ["i"]


def test_milliseconds_are_kept() -> None:
    decoded = _decode(MappedDecoder(_NESTED).decode, [_message()])
    assert decoded.events["timestamp"].to_list() == [datetime(2020, 9, 19, 19, 54, 47, 250_000, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("payload", "reason", "detail"),
    [
        (_message(ts=1_600_545_287), "timestamp_unit", "timestamp: seconds"),
        (_message(ts=1_600_545_287_250_000), "timestamp_unit", "timestamp: microseconds"),
        (_message(ts=946_684_799_999), "timestamp_out_of_range", "timestamp: before 2000"),
        (_message(ts=(NOW_S + 3601) * 1000), "timestamp_out_of_range", "timestamp: too far in the future"),
        (_message(ts="x"), "wrong_type", "timestamp: text"),
        (_message(id=None), "missing_field", "id: null"),
        (_message().replace(b'"user": {"id": "u"}', b'"user": null'), "missing_field", "id"),
        (_message().replace(b'"user": {"id": "u"}', b'"user": "u"'), "wrong_type", "id: in a text, not in an object"),
        (_message().replace(b'"user": {"id": "u"}, ', b""), "missing_field", "id"),
        (_message().replace(b'"app"', b'"user": {}, "app"'), "duplicate_key", "id"),
        (_message().replace(b'"rssi"', b'"id"'), "duplicate_key", "antenna_id"),
        (_message(n=-1), "bytes_out_of_range", "bytes: negative"),
        (_message()[:-3], "not_json", "at character 163"),
    ],
    ids=str,
)  # fmt: skip
def test_what_is_wrong_is_named_by_our_field(payload: bytes, reason: str, detail: str) -> None:
    assert parse_mapped(payload, _NESTED, NOW_S) == Reject(reason, detail)


def test_nested_fields_are_found_among_deep_values() -> None:
    """More brackets than json is trusted with: what is below the fields' levels is checked and emptied."""
    deep = b"[" * 300 + b"]" * 300
    found = parse_mapped(_message().replace(b'["a"]', deep), _NESTED, NOW_S)
    assert found == parse_mapped(_message(), _NESTED, NOW_S)
    assert isinstance(found, Reading)
    assert parse_mapped(_message().replace(b'["a"]', b"[" * 600), _NESTED, NOW_S) == Reject(
        "too_deep", "more than 512 levels"
    )


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-11-24T06:30:00Z", datetime(2026, 11, 24, 6, 30, tzinfo=UTC)),
        ("2026-11-24 06:30:00.5Z", datetime(2026, 11, 24, 6, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-11-24T06:30:00.123456999+05:45", datetime(2026, 11, 24, 0, 45, 0, 123_456, tzinfo=UTC)),
        ("2026-11-24T23:30:00-0100", datetime(2026, 11, 25, 0, 30, tzinfo=UTC)),
        *((text, None) for text in ("2026-11-24T06:30:00", "2026-02-29T06:30:00Z", "2026-11-24T06:30Z", "1600545287")),
    ],
)  # fmt: skip
def test_iso_times(text: str, time: datetime | None) -> None:
    members = {"timestamp": text, "id": "i", "antenna_id": "n", "bytes": 1, "app": "a"}
    decoded = _decode(MappedDecoder(FieldMap(unit="iso")).decode, [json.dumps(members).encode()])
    assert decoded.events["timestamp"].to_list() == [time] * (time is not None)
    assert decoded.rejects["reason"].to_list() == ["bad_timestamp"] * (time is None)


@pytest.mark.parametrize(
    ("app", "fault"), [("id", "id and app"), ("id.x", "id and app"), ("timestamp", "timestamp and app")]
)
def test_two_fields_in_one_place_are_refused(app: str, fault: str) -> None:
    texts = {name: name for name in ("timestamp", "id", "antenna_id", "bytes")} | {"app": app}
    with pytest.raises(ValueError, match=fault):
        FieldMap.of(texts, "s")
