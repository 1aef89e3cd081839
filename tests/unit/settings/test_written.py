"""A value is written as its parser reads it; defaults in the help are those that count."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antennactl import parsers
from antennactl.settings import Option, Settings, every_option
from antennactl.settings.written import write_duration, write_value


def option(parse: Any) -> Option:
    return Option("--x", parse, "", "X", "", (), secret=False)


@pytest.mark.parametrize(
    ("parse", "text", "written"),
    [
        (parsers.duration, "500ms", "500ms"),
        (parsers.duration, "1.5s", "1500ms"),
        (parsers.duration, "0.5ms", "0.5ms"),
        (parsers.duration, "60s", "1m"),
        (parsers.duration, "90m", "90m"),
        (parsers.duration, "24h", "1d"),
        (parsers.duration, "0s", "0s"),
        (parsers.rate, "20", "20/s"),
        (parsers.rate, "30/m", "30/m"),
        (parsers.rate, "0.1/s", "6/m"),
        (parsers.share, "1e-5", "1e-05"),
        (parsers.share, "1", "1"),
        (parsers.count, "1_000", "1000"),
        (parsers.boolean, "Yes", "true"),
        (parsers.hour, "2026-11-24T06:30+01:00", "2026-11-24T05"),
        (parsers.instant, "2026-11-24T06:30+01:00", "2026-11-24T05:30:00Z"),
        (parsers.stream_start, "latest", "latest"),
        (parsers.stream_start, "2026-11-24", "2026-11-24T00:00:00Z"),
        (parsers.place, "2:1204", "2:1204"),
        (parsers.address, "127.0.0.1:9108", "127.0.0.1:9108"),
        (parsers.address, "[::1]:0", "[::1]:0"),
        (parsers.places, "2:1204,3:1", "2:1204,3:1"),
        (str, "devices", "devices"),
    ],
)
def test_a_value_is_written_as_a_user_would_write_it(parse: Any, text: str, written: str) -> None:
    assert write_value(option(parse), parse(text)) == written


@given(st.integers(1, 10**9), st.sampled_from(["ms", "s", "m", "h", "d"]))
def test_a_written_duration_is_read_back_as_the_same(number: int, unit: str) -> None:
    seconds = parsers.duration(f"{number}{unit}")
    assert parsers.duration(write_duration(seconds)) == pytest.approx(seconds, rel=1e-12)


@given(st.floats(1e-4, 1e9))
def test_a_written_rate_is_read_back_as_the_same(rate: float) -> None:
    assert parsers.rate(write_value(option(parsers.rate), rate)) == pytest.approx(rate, rel=1e-12)


@pytest.mark.parametrize(("name", "row"), every_option(), ids=lambda value: str(value)[:20])
def test_the_default_in_the_help_is_the_one_that_counts(name: str, row: Option) -> None:
    value = getattr(Settings(), name)
    if value is not None:
        assert row.default is not None
        assert row.parse(row.default) == value
        assert row.parse(write_value(row, value)) == value
