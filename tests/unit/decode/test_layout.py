"""Messages that are written alike: their fields are cut out, and whatever differs is left to the other paths."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antennactl.decode import Event, columns, parse_message
from antennactl.decode.columns import parse_columns
from antennactl.decode.layout import Layout, cut_fields
from antennactl.native import Messages, pack_messages
from unit.decode.corpus import CASES, GOOD, NOW_S, Case, write_message

_LAW = settings(deadline=None)


def _parse(payloads: Sequence[bytes | None]) -> list[Event | None]:
    parsed = parse_columns(payloads, NOW_S)
    return [Event(*row[:-1]) if row[-1] else None for row in parsed.iter_rows()]


def _hold_natively(payloads: list[bytes | None]) -> Messages:
    return pack_messages(payloads, [0] * len(payloads), range(len(payloads)))


@pytest.mark.parametrize("hold", [list, _hold_natively])
@pytest.mark.parametrize("position", [1, 4])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_odd_message_among_messages_alike_is_judged_as_alone(
    case: Case, position: int, hold: Callable[[list[bytes | None]], Sequence[bytes | None]]
) -> None:
    payloads: list[bytes | None] = [GOOD.encode()] * 5
    payloads[position] = case.payload
    events = _parse(hold(payloads))
    assert events.pop(position) in {None, parse_message(case.payload, NOW_S)}
    assert events == [parse_message(GOOD.encode(), NOW_S)] * 4


@pytest.mark.parametrize(
    "message",
    [
        GOOD,
        GOOD.replace('":', '": ').replace(",", ", "),
        GOOD.replace('":', '" :  ').replace("{", "  { ").replace("}", " }  "),
        '{"app":"A","antenna_id":"b","id":"c","timestamp":1600545287,"bytes":0}',
        write_message(more=',"firmware":"1.{}.3","rssi":-70.5,"up":true,"note":null,"":""'),
        '{"x":0,' + GOOD[1:],
        write_message(more=',"x":{"y":[1,2]}'),
        write_message(app='"bytes"', id='"{,:}"'),
        write_message(app='"é\U0001f600"'),
    ],
)
def test_messages_alike_take_the_path_of_the_layout(message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the throughput would be lost without any other test failing."""
    monkeypatch.delattr(columns, "_parse_guarded")
    assert _parse([message.encode()] * 3) == [parse_message(message.encode(), NOW_S)] * 3


@pytest.mark.parametrize(
    "odd", [None, b"", b"\xff", b"\xe2\x82", b'"' * 14, b"{}", b"\xef\xbb\xbf{}", b"a" * 70_000]
)
def test_odd_message_takes_no_other_off_the_path_of_the_layout(
    odd: bytes | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rest: list[int] = []
    parse_guarded = columns._parse_guarded  # noqa: SLF001

    def count(texts: pl.Series) -> pl.DataFrame:
        rest.append(len(texts))
        return parse_guarded(texts)

    monkeypatch.setattr(columns, "_parse_guarded", count)
    for position in (1, 4):
        payloads: list[bytes | None] = [GOOD.encode()] * 5
        payloads[position] = odd
        assert _parse(payloads).count(None) == 1
    assert rest == [1, 1]


def test_short_messages_are_not_written_anew_at_the_length_of_a_long_one() -> None:
    """A chunk of 2 MB could take gigabytes."""
    long = write_message(more=f',"x":"{"a" * 60_000}"').encode()
    payloads: list[bytes | None] = [GOOD.encode()] * 400
    payloads[0] = payloads[200] = long
    layout = Layout.learn(long.decode(), frozenset(columns.FIELDS))
    assert layout
    texts = pl.Series(payloads, dtype=pl.Binary).cast(pl.String)
    assert cut_fields(payloads, texts, layout, columns.FIELDS) is None
    assert _parse(payloads) == [parse_message(GOOD.encode(), NOW_S)] * 400


@pytest.mark.parametrize(
    "odd",
    [
        write_message(app='"a\nb"'),
        write_message(app='"a\rb"'),
        write_message(app='"a\tb"'),
        write_message(app='"a\0b"'),
        write_message(app='"a\\nb"'),
        write_message(app='"A","app":"B"'),
        write_message(app='""'),
        write_message(bytes="-1"),
        write_message(bytes="01"),
        write_message(bytes="1.0"),
        write_message(bytes='"1"'),
        write_message(id="7"),
        GOOD + "\n",
        GOOD + "\n" + GOOD,
        GOOD + "\r",
        "",
        '"',
        '"' * 16,
        GOOD + '"x"',
    ],
)
def test_neither_cutting_nor_what_a_csv_reader_forgives_accepts_a_message(odd: str) -> None:
    for after in ([GOOD], [GOOD] * 4, [""], [GOOD, GOOD, ""]):
        payloads: list[bytes | None] = [text.encode() for text in [GOOD, GOOD, odd, *after]]
        for order in (payloads, payloads[::-1]):
            for payload, event in zip(order, _parse(order), strict=True):
                assert event in {None, parse_message(payload, NOW_S)}


@pytest.mark.parametrize(
    "hidden",
    [
        write_message(bytes="\n1", more=',"x":{"bytes":7,"y":1}'),
        write_message(id='\n"i"', more=',"x":{"id":"a"}'),
        write_message(drop="id", more=',"\\u0069d":"i","x":{"id":"a"}'),
        write_message(timestamp="\n946684800", more=',"x":{"timestamp":7,"y":1}'),
    ],
)
def test_layout_that_takes_a_nested_value_for_a_hidden_field_is_unsound(hidden: str) -> None:
    """Whatever stands in the field: it may be what the proof itself writes."""
    layout = Layout.learn(hidden, frozenset(columns.FIELDS))
    assert layout
    assert not columns._is_sound(layout)  # noqa: SLF001


_VALUES = st.fixed_dictionaries(
    {
        "timestamp": st.integers(-1, 2**63) | st.integers(946_684_800, NOW_S),
        "bytes": st.integers(-1, 2**41) | st.just(0),
        **{
            name: st.text("abc-0 ,:{}[]é", max_size=9)
            | st.text(max_size=4)
            | st.sampled_from(["bytes", "id"])
            for name in ("id", "antenna_id", "app")
        },
    }
)


@_LAW
@given(
    st.permutations(["timestamp", "bytes", "id", "antenna_id", "app", "x"]),
    st.sampled_from([(",", ":"), (", ", ": "), (" , ", "  :")]),
    st.booleans(),
    st.lists(st.tuples(_VALUES, st.sampled_from([b"", b"", b"", b"\n", b" ", b'"', b"}", b"\\", b"\xff"]))),
)
def test_law_of_messages_alike(
    names: list[str],
    separators: tuple[str, str],
    is_escaped: bool,  # noqa: FBT001 - drawn
    rows: list[tuple[dict[str, Any], bytes]],
) -> None:
    payloads: list[bytes | None] = []
    for values, splinter in rows:
        fields = {name: ({"x": "1"} | values)[name] for name in names}
        text = json.dumps(fields, separators=separators, ensure_ascii=is_escaped)
        encoded = text.encode("utf-8", "surrogatepass")
        middle = len(encoded) // 2
        payloads.append(encoded[:middle] + splinter + encoded[middle:])
    for payload, event in zip(payloads, _parse(payloads), strict=True):
        assert event in {None, parse_message(payload, NOW_S)}
