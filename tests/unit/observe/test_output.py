"""What is printed: aligned and whole when piped, harmless to a terminal, JSON that every reader takes."""

import io
import json
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antennactl.observe.output import escape, note, print_document, print_table, warn
from antennactl.settings import Settings


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def table(rows: pl.DataFrame, file: io.StringIO | None = None) -> str:
    """Return the table as it is printed."""
    target = file or io.StringIO()
    print_table("Title", rows, file=target)
    return target.getvalue()


def test_a_piped_table_is_aligned_text() -> None:
    """Numbers stand right, text left, null is a dash; no colour, no box."""
    rows = pl.DataFrame({"app": ["SKYPE", None], "n": [5, 1000], "late": [True, False]})
    assert table(rows).splitlines() == [
        "Title",
        "app       n  late",
        "-----  ----  ----",
        "SKYPE     5  yes",
        "-      1000  no",
        "",
    ]


def test_wide_characters_count_as_two_columns() -> None:
    """Columns line up for readers of every script."""
    lines = table(pl.DataFrame({"name": ["日本", "abcd", "e\u0301bcd"], "x": [1, 2, 3]})).splitlines()
    assert lines[3:6] == ["日本  1", "abcd  2", "e\u0301bcd  3"]


def test_a_table_wider_than_120_columns_becomes_blocks() -> None:
    """Nothing is cut off, and no line is wrapped by the terminal in the middle of another row."""
    text = table(pl.DataFrame({"path": ["x" * 110, "y"], "detail": ["z" * 20, None]}))
    assert text.splitlines() == [
        "Title",
        "- row 1",
        f"  path    {'x' * 110}",
        f"  detail  {'z' * 20}",
        "- row 2",
        "  path    y",
        "  detail  -",
        "",
    ]


def test_no_rows_are_said_to_be_none() -> None:
    """An empty table, even without columns, is told apart from a failure."""
    assert table(pl.DataFrame()) == "Title\n(none)\n\n"
    assert "(none)" in table(pl.DataFrame(), Terminal())


def test_a_terminal_shows_data_and_never_obeys_it() -> None:
    """Neither rich's markup nor an escape sequence in a cell has an effect, on a terminal or off."""
    rows = pl.DataFrame({"id": ["[red]x[/red]", "\x1b[2J\n\u202eabc"]})
    for file in (io.StringIO(), Terminal()):
        text = table(rows, file)
        assert "[red]x[/red]" in text
        assert "\\x1b[2J\\n\\u202eabc" in text
        assert "\x1b[2J" not in text


@given(st.text())
def test_escaped_text_prints_on_one_line(text: str) -> None:
    """Every control, format and separator character becomes visible, and plain text stays as it is."""
    shown = escape(text)
    assert len(shown.splitlines()) <= 1
    assert all(c.isprintable() or c.isspace() or ord(c) > 0x7F for c in shown)
    assert escape(shown) == shown


def test_a_locale_without_the_character_gets_an_escape() -> None:
    """A table of names in an ASCII terminal is no error."""
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    print_table("T", pl.DataFrame({"name": ["é"]}), file=stream)
    assert b"\\xe9" in raw.getvalue()


def test_a_document_is_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    """Times are UTC with Z, durations seconds, Decimals and paths text, and what JSON lacks is null."""
    print_document(
        {
            "hour": datetime(2026, 11, 24, 7, tzinfo=timezone(timedelta(hours=1))),
            "age": timedelta(seconds=1.5),
            "share": Decimal("0.2500"),
            "path": Path("a/b"),
            "nan": float("nan"),
            "rows": pl.DataFrame({"n": [1], "at": [datetime(2026, 1, 1, microsecond=5, tzinfo=UTC)]}),
            "text": "é\u2028",
        },
    )
    out = capsys.readouterr().out
    assert out.count("\n") == 1
    assert out.isascii()
    assert json.loads(out) == {
        "hour": "2026-11-24T06:00:00Z",
        "age": 1.5,
        "share": "0.2500",
        "path": "a/b",
        "nan": None,
        "rows": [{"n": 1, "at": "2026-01-01T00:00:00.000005Z"}],
        "text": "é\u2028",
    }


def test_bytes_have_no_json_form() -> None:
    """A payload does not slip into a document."""
    with pytest.raises(TypeError, match="no JSON form for bytes"):
        print_document({"payload": b"x"})


def test_notices_go_to_stderr_and_are_silent_when_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """Warnings are not: they are printed in every case."""
    note(Settings(), "one\ntwo")
    note(Settings(quiet=True), "silent")
    warn("careful")
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err == "one\\ntwo\nwarning: careful\n"


def test_notices_follow_the_log_format(capsys: pytest.CaptureFixture[str]) -> None:
    """With --log-format json each line is an object."""
    note(Settings(log_format="json"), "one")
    warn("two", Settings(log_format="json"))
    lines = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    assert [(line["level"], line["message"]) for line in lines] == [("info", "one"), ("warning", "two")]
