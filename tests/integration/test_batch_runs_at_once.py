"""Runs of one hour take turns, and one that is ended before its commit leaves the old results."""

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from antennactl.ledger.connection import Database
from antennactl.ledger.locks import hold_run
from e2e.antennactl_process import wait_for
from integration.batch_lake import HOUR, BatchLake, make_traffic, sum_by_hand

NAMED = f"{HOUR:%Y-%m-%dT%H}"


@pytest.fixture
def lake(postgres_dsn: str, tmp_path: Path) -> Iterator[BatchLake]:
    """Yield a lake read to its end, with a run of the hour and a late row since."""
    with BatchLake(postgres_dsn, tmp_path / "lake") as made:
        made.read_to_end()
        made.set_users({"key-0": 1, "key-1": 10**9})
        made.put(make_traffic(HOUR, 40))
        made.batch(hour=HOUR)
        made.put(make_traffic(HOUR, 2))
        yield made


def test_two_runs_of_an_hour_at_once_write_it_once(lake: BatchLake) -> None:
    """Both succeed, and every key stands there once."""
    processes = [lake.start("--hour", NAMED) for _ in range(2)]
    for process in processes:
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0, errors
    assert lake.hourly() == sum_by_hand(make_traffic(HOUR, 40), make_traffic(HOUR, 2))
    assert len(lake.violations()) == 1
    assert lake.runs() == {HOUR: (42, False, False)}


def test_a_named_hour_waits_for_the_run_that_holds_it(lake: BatchLake) -> None:
    """It says so, writes nothing meanwhile, and goes on when the other is gone."""
    with Database(lake.dsn) as other:
        with other.transaction() as tx:
            assert hold_run(tx, HOUR, wait=False)
        process = lake.start("--hour", NAMED)
        assert process.stderr is not None
        assert any("waiting for another run" in line for line in process.stderr)
        assert lake.runs() == {HOUR: (40, False, False)}
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert lake.runs() == {HOUR: (42, False, False)}


def test_a_run_killed_between_duckdb_and_postgresql_leaves_the_old_rows(
    lake: BatchLake, tmp_path: Path
) -> None:
    """The next one takes the hour as if nothing had been."""
    before = lake.hourly(), lake.violations(), lake.runs()
    note = tmp_path / "note"
    process = lake.start("--hour", NAMED, ANTENNACTL_FAILPOINT=f"batch_before_replace:kill:1:{note}")
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert note.exists()
    assert (lake.hourly(), lake.violations(), lake.runs()) == before
    lake.batch(catch_up=True)
    assert lake.runs() == {HOUR: (42, False, False)}


def test_a_retry_that_waits_for_a_run_goes_on_when_that_one_is_killed(lake: BatchLake) -> None:
    """As when a scheduler takes a task for lost and starts it again: the lock ends with the connection."""
    first = lake.start("--hour", NAMED, ANTENNACTL_FAILPOINT="batch_before_replace:hang")
    with Database(lake.dsn) as other:
        wait_for(lambda: is_held(other))
    retry = lake.start("--hour", NAMED)
    assert retry.stderr is not None
    assert any("waiting for another run" in line for line in retry.stderr)
    assert lake.runs() == {HOUR: (40, False, False)}
    first.kill()
    first.communicate(timeout=60)
    _, errors = retry.communicate(timeout=60)
    assert retry.returncode == 0, errors
    assert lake.hourly() == sum_by_hand(make_traffic(HOUR, 40), make_traffic(HOUR, 2))
    assert lake.runs() == {HOUR: (42, False, False)}


def test_an_exception_before_the_replacement_leaves_the_old_rows(lake: BatchLake) -> None:
    """And ends the command with 1."""
    before = lake.hourly(), lake.violations(), lake.runs()
    process = lake.start("--hour", NAMED, ANTENNACTL_FAILPOINT="batch_before_replace:error")
    process.communicate(timeout=60)
    assert process.returncode == 1
    assert (lake.hourly(), lake.violations(), lake.runs()) == before


def test_a_replacement_refused_halfway_leaves_the_old_rows(lake: BatchLake) -> None:
    """The old rows are deleted in the transaction that writes the new ones."""
    before = lake.hourly(), lake.violations(), lake.runs()
    lake.execute("ALTER TABLE antennactl.batch_run ADD CONSTRAINT stop CHECK (n_rows < 41)")
    process = lake.start("--hour", NAMED)
    process.communicate(timeout=60)
    assert process.returncode == 1
    assert (lake.hourly(), lake.violations(), lake.runs()) == before


def test_locks_are_given_back_after_a_run(lake: BatchLake) -> None:
    """A run, also one that failed, leaves no advisory lock behind."""
    later = HOUR + timedelta(hours=1)
    lake.batch(from_hour=HOUR, to_hour=later)
    assert lake.select("SELECT pid FROM pg_locks WHERE locktype = 'advisory'") == []


def is_held(database: Database) -> bool:
    """Return whether somebody holds an advisory lock, as a run of an hour does until it ends."""
    held = "SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND granted"
    with database.transaction() as tx:
        return bool(
            tx.query_text(
                held + " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
            ).item()
        )
