"""Which hours a report shows, how finely, and how much of the users' totals it reads."""

from datetime import UTC, datetime, timedelta

import pytest

from antennactl.errors import NotReadyError, UsageError
from antennactl.observe.report.span import (
    MOST_HOURS,
    READ_BUDGET,
    Span,
    choose_batch_bin,
    choose_bin_s,
    choose_span,
    choose_user_hours,
)

HOUR = timedelta(hours=1)
T = datetime(2026, 11, 24, 6, tzinfo=UTC)


def test_the_default_is_seven_days_up_to_the_newest_traffic() -> None:
    span = choose_span([T - 1000 * HOUR, T], None, None)
    assert (len(span.hours), span.hours[-1], span.past) == (168, T, T + HOUR)


def test_no_empty_hours_before_the_first_traffic_or_after_the_last() -> None:
    assert choose_span([T - 2 * HOUR, T], None, None).hours == [T - 2 * HOUR, T - HOUR, T]


def test_a_given_range_is_shown_as_it_was_given() -> None:
    assert choose_span([T], T - HOUR, T + HOUR).hours == [T - HOUR, T, T + HOUR]
    assert choose_span([T - 9 * HOUR, T], None, T - 5 * HOUR).hours[-1] == T - 5 * HOUR


@pytest.mark.parametrize("found", [[], [T]])
def test_no_traffic_is_not_ready(found: list[datetime]) -> None:
    with pytest.raises(NotReadyError, match="no traffic"):
        choose_span(found, T + HOUR, None)


def test_a_range_that_is_empty_or_too_long_is_refused() -> None:
    with pytest.raises(UsageError, match="before --from"):
        choose_span([T], T, T - HOUR)
    with pytest.raises(UsageError, match="31 days"):
        choose_span([T], T - MOST_HOURS * HOUR, T)


@pytest.mark.parametrize(
    ("n_hours", "window_s", "n_users", "bin_s"),
    [
        (2, 300, 20, 300),
        (24, 300, 20, 300),
        (25, 300, 20, 3600),
        (2, 30, 20, 60),
        (2, 300, 10**6, 3600),
        (1, 720, 1, 3600),
    ],
)
def test_few_hours_are_shown_finely_unless_there_is_much_to_read(
    n_hours: int, window_s: float, n_users: int, bin_s: int
) -> None:
    assert choose_bin_s(Span([T + HOUR * i for i in range(n_hours)]), window_s, n_users) == bin_s


@pytest.mark.parametrize(("n_users", "expected"), [(0, 168), (20, 168), (READ_BUDGET // 2, 2), (10**9, 1)])
def test_users_are_read_for_as_many_hours_as_the_budget_allows(n_users: int, expected: int) -> None:
    hours = [T + HOUR * i for i in range(168)]
    assert choose_user_hours(hours, n_users) == hours[-expected:]


@pytest.mark.parametrize("length_s", [0, 1, 119, 121, 86_400, 10**7, 10**9])
def test_bins_of_micro_batches_are_few(length_s: int) -> None:
    length = timedelta(seconds=length_s)
    assert length / choose_batch_bin(length, 120) <= 120
