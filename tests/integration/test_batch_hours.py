"""An hour is run when nothing of it is to come, again when it changed, and partly only on demand."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from antennactl.errors import IncompleteHourError, UsageError
from antennactl.ledger.connection import Database
from antennactl.ledger.locks import hold_run
from antennactl.ledger.setting import RETENTION_FLOOR, write_setting
from integration.batch_lake import HOUR, BatchLake, make_traffic, sum_by_hand

NEXT = HOUR + timedelta(hours=1)
CLOSES = NEXT + timedelta(minutes=2)


@pytest.fixture
def lake(postgres_dsn: str, tmp_path: Path) -> Iterator[BatchLake]:
    """Yield a lake with one hour of traffic, of a topic nobody is known to have read."""
    with BatchLake(postgres_dsn, tmp_path / "lake") as made:
        made.put(make_traffic(HOUR, 50))
        yield made


def test_an_hour_of_a_topic_never_read_is_not_complete(lake: BatchLake) -> None:
    """No partition is known, so none is known to be past the hour."""
    with pytest.raises(IncompleteHourError, match="never read"):
        lake.batch(hour=HOUR)
    assert lake.runs() == {}


def test_one_partition_behind_makes_the_hour_incomplete(lake: BatchLake) -> None:
    """It is named; --allow-partial takes what is there, and says so."""
    lake.read_to_end(CLOSES)
    lake.read_to_end(CLOSES - timedelta(seconds=1), partitions=[2])
    with pytest.raises(IncompleteHourError, match="partition 2 "):
        lake.batch(hour=HOUR)
    assert lake.batch(hour=HOUR, allow_partial=True) == 0
    assert lake.runs() == {HOUR: (50, True, False)}
    lake.read_to_end(CLOSES)
    lake.batch(hour=HOUR)
    assert lake.runs() == {HOUR: (50, False, False)}


def test_events_past_the_hour_complete_it_without_an_end_of_partition(lake: BatchLake) -> None:
    """A busy partition never meets its end."""
    lake.read_to_end(HOUR)
    lake.execute("UPDATE antennactl.stream_offset SET max_event_time = $1::timestamptz", CLOSES)
    assert lake.batch(hour=HOUR) == 0


def test_the_hour_that_runs_now_waits_for_the_clock(lake: BatchLake) -> None:
    """However far the topic was read."""
    lake.read_to_end(datetime.now(UTC) + timedelta(days=1))
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    with pytest.raises(IncompleteHourError, match="closes at"):
        lake.batch(hour=now)


def test_without_options_the_last_closed_hour_is_run(lake: BatchLake) -> None:
    """An hour closes a lateness after its end."""
    lake.read_to_end(datetime.now(UTC) + timedelta(days=1))
    before = datetime.now(UTC)
    lake.batch(lateness_s=600.0)
    after = datetime.now(UTC)
    closed = {
        (moment - timedelta(minutes=70)).replace(minute=0, second=0, microsecond=0)
        for moment in (before, after)
    }
    assert set(lake.runs()) <= closed
    assert len(lake.runs()) == 1


def test_a_range_runs_every_hour_in_it_once_all_are_complete(lake: BatchLake) -> None:
    """Hours without lake rows are recorded too; one that is incomplete stops them all."""
    lake.put(make_traffic(NEXT, 20))
    lake.read_to_end(CLOSES)
    span: dict[str, Any] = {"from_hour": HOUR - timedelta(hours=1), "to_hour": NEXT}
    with pytest.raises(IncompleteHourError):
        lake.batch(**span)
    assert lake.runs() == {}
    lake.read_to_end()
    assert lake.batch(**span) == 0
    assert {hour: counts[0] for hour, counts in lake.runs().items()} == {
        HOUR - timedelta(hours=1): 0,
        HOUR: 50,
        NEXT: 20,
    }


def test_catch_up_takes_missing_hours_and_leaves_incomplete_ones(
    lake: BatchLake, capsys: pytest.CaptureFixture[str]
) -> None:
    """The ones left are named on stderr, and the command succeeds."""
    lake.put(make_traffic(NEXT, 20))
    lake.read_to_end(CLOSES)
    assert lake.batch(catch_up=True) == 0
    assert set(lake.runs()) == {HOUR}
    assert f"{NEXT:%Y-%m-%dT%HZ} is left" in capsys.readouterr().err
    assert lake.batch(catch_up=True, allow_partial=True) == 0
    assert lake.runs()[NEXT] == (20, True, False)


def test_catch_up_takes_a_changed_hour_again_and_a_current_one_not(lake: BatchLake) -> None:
    """Late rows of a closed hour reach its totals."""
    lake.read_to_end()
    lake.batch(catch_up=True)
    finished = lake.select("SELECT finished_at FROM antennactl.batch_run")
    lake.batch(catch_up=True)
    assert lake.select("SELECT finished_at FROM antennactl.batch_run") == finished
    lake.put(make_traffic(HOUR, 3))
    lake.batch(catch_up=True)
    assert lake.runs() == {HOUR: (53, False, False)}
    assert lake.hourly() == sum_by_hand(make_traffic(HOUR, 50), make_traffic(HOUR, 3))


def test_catch_up_takes_a_partial_hour_again_when_it_is_complete(lake: BatchLake) -> None:
    """Though its rows are the same: nobody else knows that they were all."""
    lake.batch(hour=HOUR, allow_partial=True)
    lake.batch(catch_up=True, allow_partial=True)
    assert lake.runs() == {HOUR: (50, True, False)}
    lake.read_to_end()
    lake.batch(catch_up=True)
    assert lake.runs() == {HOUR: (50, False, False)}


def test_catch_up_skips_an_hour_that_another_run_holds(
    lake: BatchLake, capsys: pytest.CaptureFixture[str]
) -> None:
    """It does not wait, and takes the others."""
    lake.put(make_traffic(NEXT, 20))
    lake.read_to_end()
    with Database(lake.dsn) as other:
        with other.transaction() as tx:
            assert hold_run(tx, HOUR, wait=False)
        assert lake.batch(catch_up=True) == 0
    assert set(lake.runs()) == {NEXT}
    assert "another run" in capsys.readouterr().err


def test_hours_older_than_the_retention_floor_are_left_alone(lake: BatchLake) -> None:
    """Named, such an hour is refused; catch-up does not see it."""
    lake.put(make_traffic(NEXT, 20))
    lake.read_to_end()
    with lake.database.transaction() as tx:
        write_setting(tx, RETENTION_FLOOR, NEXT.isoformat())
    lake.batch(catch_up=True)
    assert set(lake.runs()) == {NEXT}
    for options in ({"hour": HOUR}, {"from_hour": HOUR, "to_hour": NEXT}):
        with pytest.raises(UsageError, match="pruned"):
            lake.batch(**options)


@pytest.mark.parametrize(
    "options",
    [
        {"hour": HOUR, "catch_up": True},
        {"hour": HOUR, "from_hour": HOUR, "to_hour": HOUR},
        {"from_hour": HOUR},
        {"to_hour": HOUR},
        {"from_hour": NEXT, "to_hour": HOUR},
        {"catch_up": True, "unmanaged": True},
    ],
)
def test_options_that_conflict_are_refused(lake: BatchLake, options: dict[str, Any]) -> None:
    """Before anything is read."""
    with pytest.raises(UsageError):
        lake.batch(**options)


def test_a_lake_of_another_ledger_is_refused(lake: BatchLake, tmp_path: Path) -> None:
    """A lake and a database that do not belong together are never combined."""
    lake.read_to_end()
    (lake.lake.identity_file).write_text('{"ledger": "other"}')
    with pytest.raises(UsageError, match="belongs to ledger other"):
        lake.batch(hour=HOUR)
    lake.lake.identity_file.rename(tmp_path / "moved.json")
    with pytest.raises(UsageError):
        lake.batch(hour=HOUR)
