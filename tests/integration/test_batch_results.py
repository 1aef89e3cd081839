"""An hour's totals and violators equal an independent sum of its events, however often it is run."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from antennactl.schemas import USER_TOTAL
from integration.batch_lake import HOUR, BatchLake, make_events, make_traffic, sum_by_hand


@pytest.fixture
def lake(postgres_dsn: str, tmp_path: Path) -> Iterator[BatchLake]:
    """Yield a lake whose topic was read to its end."""
    with BatchLake(postgres_dsn, tmp_path / "a lake's [1]* folder") as made:
        made.read_to_end()
        yield made


def test_totals_equal_an_independent_sum_and_unknown_users_count(lake: BatchLake) -> None:
    """Several files, users nobody knows, zero bytes and the hour's first and last second are all in."""
    lake.set_users({"key-0": 10**9})
    parts = [
        make_traffic(HOUR, 500),
        make_traffic(HOUR, 11),
        make_events([(HOUR, "quiet", "mast", 0, "APP")]),
    ]
    for events in parts:
        lake.put(events)
    assert lake.batch(hour=HOUR) == 0
    assert lake.hourly() == sum_by_hand(*parts)
    assert lake.runs() == {HOUR: (512, False, False)}


def test_only_the_hour_named_is_touched(lake: BatchLake) -> None:
    """Hours before and after keep what they had."""
    other = HOUR + timedelta(hours=1)
    lake.put(make_traffic(HOUR, 20))
    lake.put(make_traffic(other, 30))
    lake.batch(hour=other)
    before = lake.hourly()
    lake.batch(hour=HOUR)
    after = lake.hourly()
    assert {key: value for key, value in after.items() if key[0] == other} == before
    assert {hour for hour, _, _ in after} == {HOUR, other}


def test_usage_equal_to_the_quota_is_no_violation(lake: BatchLake) -> None:
    """One byte more is; a user without a quota never is."""
    lake.set_users({"equal": 100, "over": 99, "free": None, "absent": 0, "zero": 0})
    lake.put(make_events([(HOUR, name, "mast", 50, "APP") for name in ("equal", "over", "free") * 2]))
    lake.put(make_events([(HOUR, "zero", "mast", 0, "APP")]))
    lake.batch(hour=HOUR)
    assert lake.violations() == [("over@mail", 100, 99, HOUR)]


def test_a_second_run_changes_nothing(lake: BatchLake) -> None:
    """The same rows stand in both tables; only the time of the run moves."""
    lake.set_users({"key-0": 1, "key-1": 2})
    lake.put(make_traffic(HOUR, 100))
    lake.batch(hour=HOUR)
    first = lake.hourly(), lake.violations(), lake.runs()
    finished = lake.select("SELECT finished_at FROM antennactl.batch_run")
    lake.batch(hour=HOUR)
    assert (lake.hourly(), lake.violations(), lake.runs()) == first
    assert len(first[1]) == 2
    assert lake.select("SELECT finished_at FROM antennactl.batch_run") > finished


def test_an_hour_without_traffic_is_recorded_and_its_leftovers_go(lake: BatchLake) -> None:
    """Rows that nothing in the lake explains are removed."""
    lake.execute(
        "INSERT INTO public.bytes_hourly VALUES ($1::timestamptz, 'ghost', 1, 'app_total_bytes')", HOUR
    )
    lake.execute("INSERT INTO public.user_quota_limit VALUES ('ghost@mail', 2, 1, $1::timestamptz)", HOUR)
    assert lake.batch(hour=HOUR) == 0
    assert lake.hourly() == {}
    assert lake.violations() == []
    assert lake.runs() == {HOUR: (0, False, False)}


def test_a_committed_file_that_was_not_published_is_published_and_counted(lake: BatchLake) -> None:
    """What a killed worker left behind belongs to the hour."""
    events = make_traffic(HOUR, 10)
    (staged,) = lake.put(events, published=False)
    lake.batch(hour=HOUR)
    assert lake.hourly() == sum_by_hand(events)
    assert not staged.exists()
    assert len(list(lake.lake.data.rglob("*.parquet"))) == 1


def test_a_dry_run_writes_nothing_and_shows_the_result(
    lake: BatchLake, capsys: pytest.CaptureFixture[str]
) -> None:
    """It reads unpublished files where they are; e-mails are shown, because no table will have them."""
    lake.set_users({"key-0": 1})
    (staged,) = lake.put(make_traffic(HOUR, 10), published=False)
    assert lake.batch(hour=HOUR, dry_run=True, json=True) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["dry_run"] is True
    assert [run["n_rows"] for run in document["runs"]] == [10]
    assert [row["email"] for row in document["runs"][0]["violators"]] == ["key-0@mail"]
    assert lake.hourly() == {}
    assert lake.runs() == {}
    assert staged.exists()


def test_json_counts_the_violators_and_names_none(
    lake: BatchLake, capsys: pytest.CaptureFixture[str]
) -> None:
    """E-mails stand in user_quota_limit alone."""
    lake.set_users({"key-0": 1})
    lake.put(make_traffic(HOUR, 10))
    lake.batch(hour=HOUR, json=True)
    output = capsys.readouterr()
    assert json.loads(output.out)["runs"][0]["n_violators"] == 1
    assert "@mail" not in output.out + output.err


def test_live_totals_that_differ_are_reported_as_drift(
    lake: BatchLake, capsys: pytest.CaptureFixture[str]
) -> None:
    """Speed minus batch, a number a type; the batch's own results are right all the same."""
    events = make_traffic(HOUR, 10)
    lake.put(events)
    lake.execute(
        "UPDATE public.bytes SET value = value + 5 WHERE type = $1::text AND id = 'key-1'", USER_TOTAL
    )
    assert lake.batch(hour=HOUR) == 0
    assert lake.hourly() == sum_by_hand(events)
    drift = lake.select("SELECT drift_antenna, drift_user, drift_app FROM antennactl.batch_run")
    assert drift[0][0] == drift[0][2] == 0
    assert drift[0][1] > 0
    assert "live totals differ" in capsys.readouterr().err


def test_every_zone_of_the_machine_gives_the_same_result(lake: BatchLake) -> None:
    """Half-hour offsets and the hour that Madrid has twice change nothing."""
    events = make_traffic(HOUR, 200)
    lake.put(events)
    for zone in ("Asia/Kathmandu", "Europe/Madrid", "America/St_Johns"):
        lake.execute("DELETE FROM public.bytes_hourly")
        process = lake.start("--hour", f"{HOUR:%Y-%m-%dT%H}", TZ=zone, PGTZ=zone)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
        assert lake.hourly() == sum_by_hand(events)
