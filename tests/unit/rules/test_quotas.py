"""A final answer needs a batch run; one that is not the last word says why."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from antennactl.errors import NotReadyError
from antennactl.rules.hours import HourRun, HourState
from antennactl.rules.quotas import doubts, require_run

HOUR = datetime(2026, 11, 24, 6, tzinfo=UTC)
RUN = HourRun(10, 100, partial=False, unmanaged=False, finished_at=HOUR + timedelta(hours=2))
STATE = HourState(HOUR, 1, 10, 100, RUN)


def test_an_hour_that_is_still_running_is_referred_to_the_live_totals() -> None:
    with pytest.raises(NotReadyError) as caught:
        require_run(replace(STATE, run=None), HOUR + timedelta(minutes=59))
    assert caught.value.hint is not None
    assert caught.value.hint.startswith("without --hour the live totals answer")
    with pytest.raises(NotReadyError) as caught:
        require_run(replace(STATE, run=None), HOUR + timedelta(minutes=60))
    assert caught.value.hint == "run: antennactl batch --hour 2026-11-24T06"


def test_a_current_run_leaves_no_doubt() -> None:
    assert require_run(STATE, HOUR) is RUN
    assert doubts(STATE) == []
    assert doubts(replace(STATE, run=None)) == []


def test_each_doubt_is_a_line() -> None:
    partial = replace(STATE, n_rows=11, run=replace(RUN, partial=True))
    assert len(doubts(partial)) == 2
    assert "counted 10 rows: the lake holds 11" in doubts(partial)[1]
