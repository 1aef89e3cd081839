"""Messages in the memory of the native library: read as a sequence, cut into columns where they are written alike."""

from collections.abc import Sequence

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antennactl.decode import Event, columns, parse_message
from antennactl.decode.columns import parse_columns
from antennactl.native import Messages, cut_values, pack_messages
from antennactl.native.library import MOST_VALUES
from unit.decode.corpus import GOOD, NOW_S, write_message

_LITERALS = [b'{"n": ', b', "a": "', b'", "b": "', b'"}']
_NAMES = ["n", "a", "b"]
_IS_TEXT = [False, True, True]
_PAYLOADS: list[bytes | None] = [b"a", None, b"", b"\xff\x00"]


def _pack(payloads: Sequence[bytes | None]) -> Messages:
    rows = range(len(payloads))
    return pack_messages(payloads, [row % 3 for row in rows], [2**40 + row for row in rows])


def _cut(payloads: Sequence[bytes | None]) -> pl.DataFrame:
    cut = cut_values(_pack(payloads), _LITERALS, _NAMES, _IS_TEXT)
    assert cut is not None
    assert cut.schema == {"n": pl.Int64, "a": pl.String, "b": pl.String, "is_exact": pl.Boolean}
    return cut


def _write(n: str = "7", a: str = "x", b: str = "y") -> bytes:
    return f'{{"n": {n}, "a": "{a}", "b": "{b}"}}'.encode()


def test_messages_are_the_payloads_in_order() -> None:
    messages = _pack(_PAYLOADS)
    assert list(messages) == _PAYLOADS
    assert messages[-1] == _PAYLOADS[-1]
    assert messages[1:3] == _PAYLOADS[1:3]
    assert len(messages) == 4
    assert messages.n_bytes == 3
    assert messages.events == []
    with pytest.raises(IndexError):
        messages[4]


def test_places_run_parallel_to_the_payloads() -> None:
    messages = _pack(_PAYLOADS)
    assert list(messages.partitions) == [0, 1, 2, 0]
    assert messages.offsets[1:] == [2**40 + 1, 2**40 + 2, 2**40 + 3]
    assert messages.places.schema == {"kafka_partition": pl.Int32, "kafka_offset": pl.Int64}
    assert messages.places.rows() == list(zip(messages.partitions, messages.offsets, strict=True))


def test_payloads_are_a_column_of_binaries() -> None:
    payloads = [*_PAYLOADS, b"x" * 12, b"y" * 13, bytes(range(256))]
    column = _pack(payloads).payloads
    assert column.dtype == pl.Binary
    assert column.to_list() == payloads
    assert column.null_count() == 1
    assert _pack([]).payloads.len() == 0


def test_numbers_and_columns_outlive_the_messages() -> None:
    offsets, places, cut = (_pack([_write()] * 3).offsets, _pack([b"x"]).places, _cut([_write(a="a" * 40)]))
    assert offsets[2] == 2**40 + 2
    assert places.height == 1
    assert cut["a"].to_list() == ["a" * 40]


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**18 - 1),
            st.text("ab -0:{}[],'~", max_size=40),
            st.text("ab -0:{}[],'~", max_size=20),
        ),
        max_size=30,
    )
)
@settings(deadline=None)
def test_values_come_out_as_they_were_written_in(rows: list[tuple[int, str, str]]) -> None:
    cut = _cut([_write(str(n), a, b) for n, a, b in rows])
    assert cut.rows() == [(*row, True) for row in rows]


@pytest.mark.parametrize(
    "odd",
    [
        None,
        b"",
        b"{",
        _write()[:-1],
        _write() + b" ",
        _write() + _write(),
        _write(n=""),
        _write(n="-1"),
        _write(n="01"),
        _write(n="1.0"),
        _write(n="1" * 19),
        _write(n=" 1"),
        _write(a="\\n"),
        _write(a="\n"),
        _write(a="\0"),
        _write(a='"'),
        _write(a="é"),
        _write(a="\x7f"),
        _write().replace(b'"n"', b'"m"'),
        _write().replace(b'"a"', b'"A"'),
        _write()[:10] + b"\xff" + _write()[10:],
    ],
)
def test_what_is_not_the_layout_to_the_last_byte_is_not_exact(odd: bytes | None) -> None:
    cut = _cut([_write(), odd, _write()])
    assert cut["is_exact"].to_list() == [True, False, True]
    assert cut.rows()[1] == (0, "", "", False)


def test_zero_and_the_longest_integer_are_exact() -> None:
    assert _cut([_write(n="0"), _write(n="9" * 18)])["n"].to_list() == [0, 10**18 - 1]


def test_no_messages_have_no_rows() -> None:
    assert _cut([]).height == 0
    assert _pack([]).places.height == 0


def test_a_layout_of_too_many_values_is_not_cut() -> None:
    n = MOST_VALUES + 1
    assert cut_values(_pack([b"1"]), [b""] * (n + 1), list(map(str, range(n))), [False] * n) is None


def _parse(payloads: Sequence[bytes | None]) -> list[Event | None]:
    parsed = parse_columns(_pack(payloads), NOW_S)
    return [Event(*row[:-1]) if row[-1] else None for row in parsed.iter_rows()]


@pytest.mark.parametrize(
    "message",
    [
        GOOD,
        GOOD.replace('":', '": ').replace(",", ", "),
        GOOD.replace('":', '" :  ').replace("{", "  { ").replace("}", " }  "),
        write_message(more=',"firmware":"1.{}.3","rssi":-70.5,"up":true,"note":null,"":""'),
        write_message(more=',"x":{"y":[1,2]}'),
    ],
)
def test_messages_alike_are_cut_by_the_library_alone(message: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise the throughput would be lost without any other test failing."""
    monkeypatch.delattr(columns, "_parse_payloads")
    assert _parse([message.encode()] * 3) == [parse_message(message.encode(), NOW_S)] * 3
