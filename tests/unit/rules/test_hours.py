"""When an hour is closed, complete, changed and due."""

from datetime import UTC, datetime, timedelta

import pytest

from antennactl.rules.hours import (
    HourRun,
    HourState,
    PartitionProgress,
    find_due_hours,
    hours_between,
    is_before_floor,
    is_changed,
    is_complete,
    is_due,
    last_closed_hour,
    why_incomplete,
)

HOUR = datetime(2026, 11, 24, 6, tzinfo=UTC)
LATENESS_S = 120.0
CLOSES = HOUR + timedelta(minutes=62)
SECOND = timedelta(seconds=1)


def progress(event: datetime | None, caught_up: datetime | None, partition: int = 0) -> PartitionProgress:
    """Return the progress of one partition."""
    return PartitionProgress(partition, event, caught_up)


def state(n_rows: int, run: HourRun | None, n_files: int = 1) -> HourState:
    """Return an hour with `n_rows` lake rows."""
    return HourState(HOUR, n_files if n_rows else 0, n_rows, n_rows, run)


def finished(n_rows: int, *, partial: bool = False, unmanaged: bool = False) -> HourRun:
    """Return a run that counted `n_rows`."""
    return HourRun(n_rows, n_rows, partial, unmanaged, CLOSES)


@pytest.mark.parametrize(
    ("partitions", "complete"),
    [
        ([], False),
        ([progress(None, None)], False),
        ([progress(CLOSES, None)], True),
        ([progress(None, CLOSES)], True),
        ([progress(CLOSES - SECOND, CLOSES - SECOND)], False),
        ([progress(CLOSES, None), progress(None, CLOSES, 1)], True),
        ([progress(CLOSES, CLOSES), progress(HOUR, HOUR, 1)], False),
    ],
)
def test_an_hour_is_complete_when_every_partition_passed_its_close(
    partitions: list[PartitionProgress], *, complete: bool
) -> None:
    """By an event, or by its end met late enough; without partitions never."""
    assert is_complete(HOUR, CLOSES, LATENESS_S, partitions) is complete


def test_the_clock_has_to_pass_the_close_too() -> None:
    """Events from the future do not close an hour."""
    partitions = [progress(CLOSES, CLOSES)]
    assert is_complete(HOUR, CLOSES, LATENESS_S, partitions)
    assert (
        why_incomplete(HOUR, CLOSES - SECOND, LATENESS_S, partitions) == "it closes at 2026-11-24T07:02:00Z"
    )


def test_the_reason_names_the_partitions_behind() -> None:
    """A few of them, when they are many."""
    behind = [progress(HOUR, None, partition) for partition in range(20)]
    assert (
        why_incomplete(HOUR, CLOSES, LATENESS_S, behind[:1])
        == "partition 0 not read past 2026-11-24T07:02:00Z"
    )
    assert "partitions 0, 1, 2, 3, 4, 5, 6, 7, … not" in str(why_incomplete(HOUR, CLOSES, LATENESS_S, behind))


@pytest.mark.parametrize(
    ("now", "expected"),
    [(CLOSES, HOUR), (CLOSES - SECOND, HOUR - timedelta(hours=1)), (CLOSES + timedelta(minutes=59), HOUR)],
)
def test_the_last_closed_hour_is_the_newest_that_the_clock_allows(now: datetime, expected: datetime) -> None:
    """To the second."""
    assert last_closed_hour(now, LATENESS_S) == expected


@pytest.mark.parametrize(
    ("held", "complete", "due"),
    [
        (state(5, None), True, True),
        (state(0, None), True, False),
        (state(5, finished(5)), True, False),
        (state(6, finished(5)), True, True),
        (state(5, finished(5, partial=True)), True, True),
        (state(5, finished(5, partial=True)), False, False),
        (state(0, finished(5)), True, True),
        (state(0, finished(5, unmanaged=True)), True, False),
        (state(6, finished(5, unmanaged=True)), True, True),
        (state(0, finished(0, partial=True)), True, False),
    ],
)
def test_an_hour_is_due_without_a_current_run(held: HourState, *, complete: bool, due: bool) -> None:
    """Missing, changed, or partial until now; an unmanaged run of an hour without files is current."""
    assert is_due(held, complete=complete) is due


def test_changed_means_another_number_of_rows() -> None:
    """An hour without a run is missing, not changed."""
    assert is_changed(state(6, finished(5)))
    assert not is_changed(state(5, finished(5)))
    assert not is_changed(state(5, None))


def test_due_hours_are_parted_by_completeness() -> None:
    """Those left carry their reason; with partial hours allowed none is left."""
    states = [state(5, None), HourState(HOUR + timedelta(hours=1), 1, 5, 5, None)]
    partitions = [progress(CLOSES, None)]
    now = CLOSES + timedelta(hours=1)
    due, left = find_due_hours(states, now, LATENESS_S, partitions, allow_partial=False)
    assert due == [HOUR]
    assert list(left) == [HOUR + timedelta(hours=1)]
    due, left = find_due_hours(states, now, LATENESS_S, partitions, allow_partial=True)
    assert due == [HOUR, HOUR + timedelta(hours=1)]
    assert left == {}


def test_a_range_includes_both_ends() -> None:
    """Across midnight too."""
    first = datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert hours_between(first, first) == [first]
    assert hours_between(first, first + timedelta(hours=2)) == [first + timedelta(hours=n) for n in range(3)]


def test_only_hours_before_the_floor_are_left_alone() -> None:
    """Without a floor none is."""
    assert is_before_floor(HOUR - SECOND, HOUR)
    assert not is_before_floor(HOUR, HOUR)
    assert not is_before_floor(HOUR, None)
