"""Progress of partitions and runs of hours in, decisions out: which hour is complete, changed or due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

HOUR: Final = timedelta(hours=1)
NEVER_READ: Final = "the topic was never read"


@dataclass(frozen=True)
class PartitionProgress:
    """How far one partition has been read.

    `max_event_time` is its newest event; `caught_up_at` the wall clock before the poll that last met its end.
    """

    kafka_partition: int
    max_event_time: datetime | None
    caught_up_at: datetime | None


@dataclass(frozen=True)
class HourRun:
    """What the last batch run of an hour counted, and how."""

    n_rows: int
    sum_bytes: int
    partial: bool
    unmanaged: bool
    finished_at: datetime


@dataclass(frozen=True)
class HourState:
    """What the lake holds of an hour by the ledger (files that are not removed), and its last batch run."""

    hour: datetime
    n_files: int
    n_rows: int
    sum_bytes: int
    run: HourRun | None


def floor_hour(moment: datetime) -> datetime:
    """Return the start of the hour that `moment`, in UTC, lies in."""
    return moment.replace(minute=0, second=0, microsecond=0)


def closes_at(hour: datetime, lateness_s: float) -> datetime:
    """Return the moment from which events of `hour` are no longer waited for."""
    return hour + HOUR + timedelta(seconds=lateness_s)


def last_closed_hour(now: datetime, lateness_s: float) -> datetime:
    """Return the newest hour that is closed by the clock."""
    return floor_hour(now - timedelta(seconds=lateness_s)) - HOUR


def is_closed(hour: datetime, now: datetime, lateness_s: float) -> bool:
    """Return whether the clock alone allows `hour` to be taken."""
    return now >= closes_at(hour, lateness_s)


def is_complete(
    hour: datetime, now: datetime, lateness_s: float, partitions: Sequence[PartitionProgress]
) -> bool:
    """Return whether no event of `hour` is still to come, short of one later than the lateness."""
    return why_incomplete(hour, now, lateness_s, partitions) is None


def why_incomplete(
    hour: datetime, now: datetime, lateness_s: float, partitions: Sequence[PartitionProgress]
) -> str | None:
    """Return what `hour` still waits for, in words, or None when it is complete.

    Complete: the clock has passed its end by the lateness, and so has every partition of the topic, by its
    newest event or by having been read to its end after that moment. A topic never read has no partitions:
    not complete.
    """
    closes = closes_at(hour, lateness_s)
    if now < closes:
        return f"it closes at {closes:%Y-%m-%dT%H:%M:%SZ}"
    if not partitions:
        return NEVER_READ
    behind = [item.kafka_partition for item in partitions if not _has_passed(item, closes)]
    if not behind:
        return None
    named = ", ".join(map(str, behind[:_MOST_NAMED])) + (", …" if len(behind) > _MOST_NAMED else "")
    word = "partition" if len(behind) == 1 else "partitions"
    return f"{word} {named} not read past {closes:%Y-%m-%dT%H:%M:%SZ}"


def is_changed(state: HourState) -> bool:
    """Return whether the lake holds another number of rows than the hour's run counted.

    An unmanaged run of an hour that the ledger holds nothing of is what was asked for, not a change.
    """
    if state.run is None or (state.run.unmanaged and state.n_files == 0):
        return False
    return state.run.n_rows != state.n_rows


def is_due(state: HourState, *, complete: bool) -> bool:
    """Return whether the hour needs a run: rows and no run, other rows, or a partial run."""
    if state.run is None:
        return state.n_rows > 0
    if is_changed(state):
        return True
    return state.run.partial and complete and state.n_files > 0


def find_due_hours(
    states: Sequence[HourState],
    now: datetime,
    lateness_s: float,
    partitions: Sequence[PartitionProgress],
    *,
    allow_partial: bool,
) -> tuple[list[datetime], dict[datetime, str]]:
    """Return the hours to run, and those that need a run but are left, with what they wait for."""
    due = []
    left = {}
    for state in states:
        why = why_incomplete(state.hour, now, lateness_s, partitions)
        if not is_due(state, complete=why is None):
            continue
        if why is None or allow_partial:
            due.append(state.hour)
        else:
            left[state.hour] = why
    return due, left


def hours_between(first: datetime, last: datetime) -> list[datetime]:
    """Return every hour from `first` to `last`, both included."""
    count = (last - first) // HOUR + 1
    return [first + HOUR * position for position in range(count)]


def is_before_floor(hour: datetime, floor: datetime | None) -> bool:
    """Return whether `hour` is older than the oldest hour kept: it was pruned, or will be."""
    return floor is not None and hour < floor


_MOST_NAMED: Final = 8


def _has_passed(partition: PartitionProgress, moment: datetime) -> bool:
    reached = (partition.max_event_time, partition.caught_up_at)
    return any(time is not None and time >= moment for time in reached)
