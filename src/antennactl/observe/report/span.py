"""The hours that have totals in, the hours and the resolution that a report shows out: pure decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from antennactl.errors import NotReadyError, UsageError
from antennactl.rules.hours import HOUR, hours_between

DEFAULT_HOURS: Final = 7 * 24
MOST_HOURS: Final = 31 * 24
"""More columns than these neither fit a screen nor a page of 3 MB."""
READ_BUDGET: Final = 2_000_000
"""About how many rows of the users' totals a report may read: some seconds, however many users there are."""

_MOST_BINS: Final = 300
_BINS_S: Final = (60, 120, 300, 600, 900, 1200, 1800)
_FINE_HOURS: Final = 24


@dataclass(frozen=True)
class Span:
    """The hours of a report, in order, whether they have traffic or not."""

    hours: list[datetime]

    @property
    def first(self) -> datetime:
        """The start of the first hour."""
        return self.hours[0]

    @property
    def past(self) -> datetime:
        """The first moment after the last hour."""
        return self.hours[-1] + HOUR


def choose_span(found: Sequence[datetime], first: datetime | None, last: datetime | None) -> Span:
    """Return the hours to show: from `first` to `last`, by default the seven days up to the newest that has traffic.

    Raises NotReadyError when there is no traffic to show, UsageError when the range is empty or too long.
    """
    if first and last and last < first:
        message = f"--to {last:%Y-%m-%dT%H} is before --from {first:%Y-%m-%dT%H}"
        raise UsageError(message)
    held = [hour for hour in found if (not first or hour >= first) and (not last or hour <= last)]
    if not held:
        message = "there is no traffic to report on" + (" in these hours" if found else "")
        raise NotReadyError(message, hint="antennactl stream reads it, antennactl status shows what is there")
    end = last or max(held)
    # The default range begins with traffic too: empty days before the first event tell nothing.
    begin = first or max(end - HOUR * (DEFAULT_HOURS - 1), min(held))
    if (end - begin) // HOUR >= MOST_HOURS:
        message = f"a report shows {MOST_HOURS // 24} days at most"
        raise UsageError(message, hint="narrow it with --from and --to")
    return Span(hours_between(begin, end))


def choose_bin_s(span: Span, window_s: float, n_users: int) -> int:
    """Return the resolution of traffic over time: finer than an hour only where few hours and rows are to be read."""
    n_hours = len(span.hours)
    rows = n_hours * max(1, int(3600 / window_s)) * max(1, n_users)
    if n_hours > _FINE_HOURS or rows > READ_BUDGET:
        return 3600
    fitting = [
        bin_s
        for bin_s in _BINS_S
        if bin_s >= window_s and bin_s % window_s == 0 and n_hours * 3600 / bin_s <= _MOST_BINS
    ]
    return fitting[0] if fitting else 3600


def choose_user_hours(hours: Sequence[datetime], n_users: int) -> list[datetime]:
    """Return the newest of `hours` whose users can be looked at one by one within the budget; one at least."""
    return list(hours[-max(1, READ_BUDGET // max(1, n_users)) :])


def choose_batch_bin(length: timedelta, most: int) -> timedelta:
    """Return the shortest round bin that cuts `length` into `most` pieces or fewer."""
    for seconds in (1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400):
        if length / timedelta(seconds=seconds) <= most:
            return timedelta(seconds=seconds)
    return timedelta(days=1 + length.days // most)
