"""The columnar path: it accepts nothing that the per-message path rejects, and every plain message."""

import re

import polars as pl
import pytest

from antennactl.decode import Event, columns, parse_message
from antennactl.decode.columns import parse_columns
from unit.decode.corpus import CASES, EVENT, GOOD, NOW_S, Case, write_message


def _parse(*payloads: bytes | None) -> list[Event | None]:
    """Return the event of each payload, or None where nothing was decided."""
    parsed = parse_columns(payloads, NOW_S)
    assert parsed.schema == columns.FIELDS | {"is_event": pl.Boolean}
    assert parsed["is_event"].null_count() == 0
    return [Event(*row[:-1]) if row[-1] else None for row in parsed.iter_rows()]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_accepts_only_what_the_other_path_accepts_with_equal_values(case: Case) -> None:
    event, neighbour = _parse(case.payload, GOOD.encode())
    assert event in {None, parse_message(case.payload, NOW_S)}
    assert neighbour, "json_decode refused the chunk: the guard let through what it must not"


def test_corpus_in_one_chunk_stays_row_for_row() -> None:
    events = _parse(*(case.payload for case in CASES))
    for case, event in zip(CASES, events, strict=True):
        assert event in {None, parse_message(case.payload, NOW_S)}, case.name


_MUST_BE_FAST = [
    GOOD,
    GOOD.replace('":', '": ').replace(",", ", "),
    "\t" + GOOD.replace(",", ",\n") + "\r\n",
    '{"app":"A","antenna_id":"b","id":"c","timestamp":1600545287,"bytes":0}',
    write_message(app='"é\U0001f600"', id='"' + "é" * 128 + '"'),
    write_message(app='"bytes"', id='"{,:}"'),
    write_message(bytes=str(2**40), timestamp=str(NOW_S + 3600)),
    write_message(more=',"firmware":"1.2.3","rssi":-70.5,"up":true,"down":false,"note":null,"":""'),
    '{"x":0,' + GOOD[1:],
    write_message(more=',"i":1,"b":1,"antenna":1,"antenna_idx":1,"apps":1,"é":1,"timestam":1'),
]


@pytest.mark.parametrize("message", _MUST_BE_FAST)
def test_plain_message_takes_the_columnar_path(message: str) -> None:
    """Otherwise the throughput would be lost without any other test failing."""
    assert _parse(message.encode()) == [parse_message(message.encode(), NOW_S)]


@pytest.mark.parametrize("position", [0, 1, 63, 64, 65, 199])
@pytest.mark.parametrize("bad", [None, b"", b"\xff", b"{", b"{},{}", b'{"bytes":1,"bytes":2}', b"[1]\n[2]"])
def test_bad_row_leaves_its_neighbours_alone(position: int, bad: bytes | None) -> None:
    payloads: list[bytes | None] = [write_message(bytes=str(row)).encode() for row in range(200)]
    payloads[position] = bad
    events = _parse(*payloads)
    assert events[position] is None
    assert [event.bytes for event in events if event] == [row for row in range(200) if row != position]


@pytest.mark.parametrize("name", ["bytes", "timestamp", "id", "antenna_id", "app"])
@pytest.mark.parametrize("value", ["1", "1.5", '"x"', "null", "true"])
def test_member_with_a_name_of_ours_is_never_taken_for_an_unknown_one(name: str, value: str) -> None:
    twice = write_message(more=f',"{name}":{value}')
    in_place_of_another = write_message(more=f',"{name}":{value}', drop="app" if name != "app" else "id")
    assert _parse(twice.encode(), in_place_of_another.encode()) == [None, None]


@pytest.mark.parametrize(
    "name", [*columns.FIELDS, *(f"{name}x" for name in columns.FIELDS), "", "a", "antenna"]
)
def test_other_names_are_all_but_ours(name: str) -> None:
    others = columns._match_other_names(tuple(columns.FIELDS), r'[^"\\]')  # noqa: SLF001
    assert bool(re.fullmatch(others, name)) == (name not in columns.FIELDS)


def test_empty_chunk_gives_no_rows() -> None:
    assert _parse() == []


def test_parser_that_disagrees_with_the_guard_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """json_decode fails a whole chunk at once; then every row is left to the per-message path."""
    monkeypatch.setattr(columns, "_PLAIN_MESSAGE", "")
    for bad in (b"{", b"{},{}"):
        assert _parse(GOOD.encode(), bad, GOOD.encode()) == [None, None, None]


def test_corpus_has_events_of_both_paths() -> None:
    accepted = _parse(*(case.payload for case in CASES if case.expected == EVENT))
    assert any(accepted)
    assert not all(accepted)
