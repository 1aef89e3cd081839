"""Options that make no sense are refused; the others mean the event times that a user expects."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from antennactl.errors import UsageError
from antennactl.simulator.options import SimulateOptions, TimeLine, time_line

NOW = datetime(2026, 11, 24, 9, 30, 15, tzinfo=UTC)


def _at(line: TimeLine, index: int) -> datetime:
    due_ms = line.start_ms + index * line.numerator // line.denominator
    return datetime.fromtimestamp(due_ms / 1000, UTC)


@pytest.mark.parametrize(
    "wrong",
    [
        {"messages": 0},
        {"rate": -1.0},
        {"span_s": 0.0},
        {"users": 0},
        {"antennas": -5},
        {"late": 1.1},
        {"malformed": -0.1},
        {"late": 0.6, "duplicates": 0.6},
        {"start": NOW.replace(tzinfo=None)},
    ],
)
def test_senseless_values_are_refused(wrong: dict[str, Any]) -> None:
    """Each is a usage error that names the option."""
    with pytest.raises(UsageError, match="--"):
        SimulateOptions(**wrong)


def test_nothing_given_runs_without_end() -> None:
    """20 messages a second from now on."""
    options = SimulateOptions()
    assert (options.pace, options.total) == (20.0, None)
    line = time_line(options, NOW)
    assert (_at(line, 0), _at(line, 40)) == (NOW, NOW + timedelta(seconds=2))


def test_a_number_alone_is_a_backlog_of_the_last_closed_hours() -> None:
    """It is spread over two whole hours that are over."""
    options = SimulateOptions(messages=7200)
    assert (options.pace, options.total) == (None, 7200)
    line = time_line(options, NOW)
    assert _at(line, 0) == datetime(2026, 11, 24, 7, tzinfo=UTC)
    assert _at(line, 7200) == datetime(2026, 11, 24, 9, tzinfo=UTC)


def test_an_hour_that_is_just_over_is_not_closed() -> None:
    """A minute past the hour the hour before is not complete, so the backlog ends an hour earlier."""
    line = time_line(SimulateOptions(messages=1, span_s=3600.0), NOW.replace(minute=1))
    assert _at(line, 1) == datetime(2026, 11, 24, 8, tzinfo=UTC)


def test_a_rate_paces_and_a_span_ends() -> None:
    """`--rate 10/s --span 1m` sends for a minute; the clock of the events starts where `--start` says."""
    start = datetime(2020, 1, 1, tzinfo=UTC)
    options = SimulateOptions(rate=10.0, span_s=60.0, start=start)
    assert (options.pace, options.total) == (10.0, 600)
    assert _at(time_line(options, NOW), 600) == start + timedelta(seconds=60)


def test_a_rate_with_a_number_sends_events_of_now() -> None:
    """Both together: paced, and event times are when the messages are due."""
    line = time_line(SimulateOptions(messages=100, rate=0.5), NOW)
    assert _at(line, 99) == NOW + timedelta(seconds=198)


def test_a_rate_with_a_number_and_a_start_sends_a_spread_slowly() -> None:
    """The span of event time and the pace of sending are then independent."""
    start = datetime(2020, 1, 1, tzinfo=UTC)
    line = time_line(SimulateOptions(messages=100, rate=50.0, start=start), NOW)
    assert _at(line, 100) == start + timedelta(hours=2)
