"""A whole chunk: every message comes out exactly once, in order, whatever its bytes and its neighbours."""

import json
import math
import os
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from polars.exceptions import ShapeError

from antennactl.decode import Decoded, Event, columns, decode_messages, parse_message
from antennactl.decode.columns import FIELDS
from antennactl.decode.layout import cut_fields
from antennactl.native import pack_messages
from antennactl.schemas import EVENTS, MAX_PAYLOAD_BYTES, MAX_STORED_PAYLOAD, MIN_TIMESTAMP_S, REJECTS
from unit.decode.alike import messages_alike
from unit.decode.corpus import CASES, GOOD, NOW_S, Case, write_message

# A machine busy with other tests is no reason to fail.
_LAW = settings(deadline=None)
# Of the law that is run at length now and then: CONTRIBUTING.md has the command.
_MESSAGES = int(os.environ.get("ANTENNACTL_TEST_MESSAGES", "200"))
_LOT = 10
_SMALL_CASES = [case for case in CASES if len(case.payload or b"") < 5000]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _decode(payloads: list[bytes | None], floor_s: int = MIN_TIMESTAMP_S) -> Decoded:
    """Decode with a partition and an offset that name the row, from Python's memory and from the native library's."""
    rows = range(len(payloads))
    places = [row % 4 for row in rows], [row * 10 for row in rows]
    decoded = decode_messages(payloads, *places, NOW_S, floor_s)
    messages = pack_messages(payloads, *places)
    native = decode_messages(messages, messages.partitions, messages.offsets, NOW_S, floor_s)
    assert native.events.equals(decoded.events)
    assert native.rejects.equals(decoded.rejects)
    assert native.events.schema == EVENTS
    assert decoded.events.schema == EVENTS
    assert decoded.rejects.schema == REJECTS
    return decoded


def _expect(
    payloads: list[bytes | None], floor_s: int
) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """Let the per-message path judge each payload; return the rows of the two frames."""
    events: list[tuple[Any, ...]] = []
    rejects: list[tuple[Any, ...]] = []
    for row, payload in enumerate(payloads):
        outcome = parse_message(payload, NOW_S, floor_s)
        if isinstance(outcome, Event):
            time = datetime.fromtimestamp(outcome.timestamp_s, UTC)
            events.append((time, *outcome[1:], row % 4, row * 10))
        else:
            stored = payload and payload[:MAX_STORED_PAYLOAD]
            rejects.append((row % 4, row * 10, *outcome, stored, len(payload or b"")))
    return events, rejects


def _assert_paths_agree(payloads: list[bytes | None], floor_s: int = MIN_TIMESTAMP_S) -> None:
    decoded = _decode(payloads, floor_s)
    events, rejects = _expect(payloads, floor_s)
    assert decoded.events.rows() == events
    assert decoded.rejects.rows() == rejects
    assert len(events) + len(rejects) == len(payloads)


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=64)
_PLAIN_TEXT = st.text("abcdef0123456789-", min_size=1, max_size=36)
_SCALAR = st.none() | st.booleans() | st.integers() | st.text(max_size=8)
_NUMBER = st.floats(allow_nan=False, allow_infinity=False)
_UNKNOWN: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.text(max_size=8).filter(lambda name: name not in set(FIELDS)),
    st.recursive(_SCALAR | _NUMBER, st.lists, max_leaves=4),
    max_size=3,
)


@st.composite
def _valid_messages(draw: st.DrawFn) -> bytes:
    fields: dict[str, Any] = {
        "timestamp": draw(st.integers(946_684_800, NOW_S + 3600)),
        "bytes": draw(st.integers(0, 2**40)),
        **{name: draw(_PLAIN_TEXT | _TEXT) for name in ("id", "antenna_id", "app")},
    }
    members = draw(st.permutations([*fields.items(), *draw(st.just({}) | _UNKNOWN).items()]))
    separators = draw(st.sampled_from([(",", ":"), (", ", ": "), ("\t,  ", " :\t"), (",\n", ":\r\n")]))
    is_escaped = draw(st.booleans())
    margin = draw(st.sampled_from(["", " ", "\n"]))
    text = json.dumps(dict(members), separators=separators, ensure_ascii=is_escaped)
    return (margin + text + margin).encode("utf-8", "surrogatepass")


@st.composite
def _mutated_messages(draw: st.DrawFn) -> bytes:
    message = bytearray(draw(_valid_messages()))
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(message)))
        end = draw(st.integers(start, min(start + 4, len(message))))
        message[start:end] = draw(st.sampled_from(_SPLINTERS) | st.binary(max_size=2))
    return bytes(message)


_SPLINTERS = [
    *(bytes([byte]) for byte in b'{}[]",:\\ \n\t-.0e1'),
    *(
        b"null",
        b"1e3",
        b"\\u0000",
        b"\\ud800",
        b"NaN",
        b'"bytes":1,',
        b'"id":"x",',
        b'"x":[],',
        b"},{",
        b"\x00",
    ),
    *(b"\xff", b"\xc3\xa9", b"\xef\xbb\xbf", b"[" * 20, b"9" * 20),
]
_ANY_PAYLOAD = st.none() | st.binary(max_size=40) | _valid_messages() | _mutated_messages()


@_LAW
@given(st.lists(_valid_messages(), max_size=6))
def test_paths_agree_on_valid_messages(payloads: list[bytes | None]) -> None:
    _assert_paths_agree(payloads)


@_LAW
@given(st.lists(_mutated_messages(), min_size=1, max_size=6))
def test_paths_agree_on_mutated_messages(payloads: list[bytes | None]) -> None:
    _assert_paths_agree(payloads)


@settings(_LAW, max_examples=math.ceil(_MESSAGES / _LOT))
@given(st.lists(_valid_messages() | _mutated_messages(), min_size=_LOT, max_size=_LOT))
def test_paths_agree_on_as_many_messages_as_are_wanted(payloads: list[bytes | None]) -> None:
    _assert_paths_agree(payloads)


def test_paths_agree_on_as_many_messages_written_alike_as_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    n_events, n_cut = 0, 0

    def count_cut(*arguments: Any) -> pl.DataFrame | None:
        nonlocal n_cut
        fields = cut_fields(*arguments)
        n_cut += 0 if fields is None else int(fields["is_exact"].sum())
        return fields

    @settings(_LAW, max_examples=math.ceil(_MESSAGES / _LOT))
    @given(messages_alike(_LOT))
    def law(payloads: list[bytes | None]) -> None:
        nonlocal n_events
        _assert_paths_agree(payloads)
        n_events += _decode(payloads).events.height

    monkeypatch.setattr(columns, "cut_fields", count_cut)
    law()
    # Decoded twice each. In the long run it is three quarters of them: a law about messages that all went another way
    # would say nothing about this one.
    assert n_cut / 2 > n_events / 10


@_LAW
@given(st.lists(_ANY_PAYLOAD, max_size=12))
def test_every_message_comes_out_once_and_in_order(payloads: list[bytes | None]) -> None:
    _assert_paths_agree(payloads)


@_LAW
@given(st.lists(_ANY_PAYLOAD, max_size=6), st.integers(0, NOW_S + 3600))
def test_paths_agree_whatever_the_oldest_hour_kept(payloads: list[bytes | None], floor_s: int) -> None:
    _assert_paths_agree(payloads, floor_s)


def test_an_event_before_the_oldest_hour_kept_is_kept_whole_as_a_reject() -> None:
    payloads: list[bytes | None] = [write_message(timestamp=str(NOW_S - ago)).encode() for ago in (0, 1, 2)]
    decoded = _decode(payloads, NOW_S - 1)
    assert decoded.events["kafka_offset"].to_list() == [0, 10]
    assert decoded.rejects.select("kafka_offset", "reason", "payload").rows() == [
        (20, "before_retention", payloads[2])
    ]


@_LAW
@given(st.lists(st.binary() | st.none(), max_size=12))
def test_never_raises_on_any_bytes(payloads: list[bytes | None]) -> None:
    _assert_paths_agree(payloads)


@_LAW
@given(st.permutations(_SMALL_CASES[::7]))
def test_neighbours_change_no_outcome(order: list[Case]) -> None:
    _assert_paths_agree([case.payload for case in order])


def test_corpus_in_one_chunk() -> None:
    _assert_paths_agree([case.payload for case in CASES])


def test_newline_smuggling_keeps_rows_and_offsets_together() -> None:
    payloads: list[bytes | None] = [GOOD.encode(), b"", f"{GOOD}\n{GOOD}".encode(), GOOD.encode()]
    decoded = _decode(payloads)
    assert decoded.events["kafka_offset"].to_list() == [0, 30]
    assert decoded.rejects["kafka_offset"].to_list() == [10, 20]
    assert decoded.rejects["reason"].to_list() == ["empty", "not_json"]


def test_events_of_both_paths_keep_their_order() -> None:
    messages = [write_message(bytes=str(row), app='"\\u0041"' if row % 3 else '"A"') for row in range(100)]
    decoded = _decode([message.encode() for message in messages])
    assert decoded.events["bytes"].to_list() == list(range(100))
    assert decoded.events["kafka_offset"].to_list() == list(range(0, 1000, 10))
    assert decoded.events["app"].unique().to_list() == ["A"]


@pytest.mark.parametrize("seconds", [946_684_800, 1_600_545_287, NOW_S + 3600])
def test_event_time_is_exact(seconds: int) -> None:
    events = _decode([write_message(timestamp=str(seconds)).encode()]).events
    assert events["timestamp"].cast(pl.Int64).to_list() == [seconds * 1_000_000]
    assert (events["timestamp"][0] - _EPOCH).total_seconds() == seconds


@pytest.mark.parametrize("over", [0, 1, 40])
def test_messages_alike_are_too_large_from_the_first_byte_on_that_is_too_much(over: int) -> None:
    """What stands around their values alone is not too large."""
    around = len(write_message(id='"i"', more=',"x":""'))
    more = ',"x":"' + "y" * (MAX_PAYLOAD_BYTES - around) + '"'
    short, long = (write_message(id=f'"{"i" * n}"', more=more).encode() for n in (1, 1 + over))
    assert len(long) == MAX_PAYLOAD_BYTES + over
    _assert_paths_agree([short, short, long, short])
    assert _decode([short, short, long, short]).rejects["reason"].to_list() == ["too_large"] * (over > 0)


def test_large_payload_is_stored_up_to_the_cap_with_its_full_length() -> None:
    rejects = _decode([b"a" * (MAX_STORED_PAYLOAD + 1), None, b"\xff"]).rejects
    assert rejects["payload"].to_list() == [b"a" * MAX_STORED_PAYLOAD, None, b"\xff"]
    assert rejects["payload_bytes"].to_list() == [MAX_STORED_PAYLOAD + 1, 0, 1]


@pytest.mark.parametrize("payloads", [[], [None], [b""], [GOOD.encode()]])
def test_tiny_chunk_has_both_frames(payloads: list[bytes | None]) -> None:
    _assert_paths_agree(payloads)


def test_events_hold_on_to_no_payload() -> None:
    message = write_message(more=',"x":"' + "y" * 10_000 + '"').encode()
    assert _decode([message] * 1000).events.estimated_size() < 1000 * 500


def test_sequences_of_different_length_are_refused() -> None:
    with pytest.raises(ShapeError):
        decode_messages([GOOD.encode()] * 2, [0], [0, 1], NOW_S)
