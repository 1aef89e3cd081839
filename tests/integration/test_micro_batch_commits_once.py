"""One transaction moves the offsets and writes everything, or nothing at all."""

import errno
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from antennactl.errors import FileNotReachableError, StorageUnavailableError
from antennactl.lake.files import DiskFiles
from antennactl.lake.layout import Lake
from antennactl.lake.publish import publish_files
from antennactl.lake.recover import recover_lake
from antennactl.ledger.connection import Database
from antennactl.ledger.micro_batch import Outcome, commit_micro_batch, is_committed
from antennactl.ledger.offsets import read_offsets, record_lost
from antennactl.ledger.workers import declare_gone, delete_worker, new_worker, register_worker
from antennactl.rules.offsets import LostRange
from integration.micro_batches import TOPIC_ID, make_batch, open_topic, rows_of


@pytest.fixture
def database(postgres_dsn: str) -> Iterator[Database]:
    with Database(postgres_dsn) as opened:
        yield opened


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path)


def test_a_batch_is_recorded_whole(database: Database, lake: Lake) -> None:
    worker = open_topic(database)
    batch = make_batch(lake, worker)
    assert commit_micro_batch(database, worker.name, batch) is Outcome.COMMITTED
    assert rows_of(database, "SELECT next_offset FROM antennactl.stream_offset ORDER BY kafka_partition") == [
        (12,),
        (0,),
    ]
    assert rows_of(
        database,
        "SELECT kafka_partition, first_offset, next_offset, n_events, n_rejects, n_skipped, reason "
        "FROM antennactl.offset_range",
    ) == [(0, 0, 12, 10, 1, 1, "control")]
    assert rows_of(
        database, "SELECT kafka_offset, reason, payload, payload_bytes FROM antennactl.dead_letter"
    ) == [(10, "not_json", b"{", 1)]
    assert rows_of(database, "SELECT type, sum(value)::bigint FROM bytes GROUP BY type ORDER BY type") == [
        ("antenna_total_bytes", 70),
        ("app_total_bytes", 70),
        ("user_total_bytes", 70),
    ]
    assert rows_of(database, "SELECT n_rows, sum_bytes, published_at FROM antennactl.lake_file") == [
        (10, 70, None)
    ]
    assert is_committed(database, batch)


def test_the_same_batch_again_is_a_conflict_and_changes_nothing(database: Database, lake: Lake) -> None:
    worker = open_topic(database)
    batch = make_batch(lake, worker)
    commit_micro_batch(database, worker.name, batch)
    before = rows_of(database, "SELECT * FROM bytes ORDER BY 1, 2, 4")
    assert commit_micro_batch(database, worker.name, batch) is Outcome.CONFLICT
    assert commit_micro_batch(database, worker.name, make_batch(lake, worker)) is Outcome.CONFLICT
    assert rows_of(database, "SELECT * FROM bytes ORDER BY 1, 2, 4") == before


def test_of_two_workers_at_the_same_offsets_one_wins(
    postgres_dsn: str, database: Database, lake: Lake
) -> None:
    first = open_topic(database)
    second = new_worker()
    with database.transaction() as transaction:
        register_worker(transaction, second)
    outcomes: list[Outcome] = []
    barrier = threading.Barrier(2)

    def race(name: str) -> None:
        with Database(postgres_dsn) as own:
            batch = make_batch(lake, first)
            barrier.wait()
            outcomes.append(commit_micro_batch(own, name, batch))

    threads = [threading.Thread(target=race, args=(worker.name,)) for worker in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome.value for outcome in outcomes) == ["committed", "conflict"]
    assert rows_of(database, "SELECT sum(value)::bigint FROM bytes") == [(210,)]


def test_a_worker_that_was_declared_gone_cannot_commit(database: Database, lake: Lake) -> None:
    worker = open_topic(database)
    batch = make_batch(lake, worker)
    with database.transaction() as transaction:
        delete_worker(transaction, worker.name)
    assert commit_micro_batch(database, worker.name, batch) is Outcome.WORKER_GONE
    assert rows_of(database, "SELECT * FROM antennactl.micro_batch") == []


def test_declaring_a_worker_gone_waits_for_its_open_transaction(
    postgres_dsn: str, database: Database
) -> None:
    worker = open_topic(database)
    rows_of(database, "UPDATE antennactl.worker SET heartbeat_at = now() - interval '1 day' RETURNING worker")
    finished: list[list[str]] = []

    def declare() -> None:
        with Database(postgres_dsn) as own, own.transaction() as transaction:
            finished.append(declare_gone(transaction))

    with database.transaction() as transaction:
        transaction.query("touch_worker", worker.name)
        thread = threading.Thread(target=declare)
        thread.start()
        thread.join(0.5)
        assert thread.is_alive()
    thread.join(30)
    # The heartbeat that was in the transaction counts: the row is looked at again.
    assert finished == [[]]


def test_recovery_publishes_what_is_committed_and_nothing_else(database: Database, lake: Lake) -> None:
    worker = open_topic(database)
    committed = make_batch(lake, worker)
    commit_micro_batch(database, worker.name, committed)
    uncommitted = make_batch(lake, worker, first=12)
    assert recover_lake(database, lake) == 1
    assert [path.name for path in lake.data.rglob("*.parquet")] == [f"part-{committed.batch_id}.parquet"]
    # The worker is alive: its uncommitted file is still its own.
    assert (lake.root / uncommitted.files[0].stage_path).exists()
    with database.transaction() as transaction:
        delete_worker(transaction, worker.name)
    assert recover_lake(database, lake) == 0
    assert list(lake.staging.iterdir()) == []
    assert len(list(lake.data.rglob("*.parquet"))) == 1


def test_recovery_notices_a_rename_that_was_not_recorded(database: Database, lake: Lake) -> None:
    worker = open_topic(database)
    batch = make_batch(lake, worker)
    commit_micro_batch(database, worker.name, batch)
    publish_files(database, lake, batch.files)
    rows_of(database, "UPDATE antennactl.lake_file SET published_at = NULL RETURNING path")
    assert recover_lake(database, lake) == 1
    assert rows_of(database, "SELECT published_at IS NULL FROM antennactl.lake_file") == [(False,)]


def test_a_committed_file_that_is_nowhere_is_named(database: Database, lake: Lake) -> None:
    worker = open_topic(database)
    batch = make_batch(lake, worker)
    commit_micro_batch(database, worker.name, batch)
    (lake.root / batch.files[0].stage_path).unlink()
    with pytest.raises(FileNotReachableError, match=batch.batch_id):
        recover_lake(database, lake)


def test_lost_offsets_are_written_down_and_passed_over(database: Database) -> None:
    open_topic(database)
    with database.transaction() as transaction:
        record_lost(transaction, TOPIC_ID, [LostRange(1, 0, 40)])
        assert read_offsets(transaction, TOPIC_ID)["next_offset"].to_list() == [0, 40]
    assert rows_of(database, "SELECT n_skipped, reason, batch_id FROM antennactl.offset_range") == [
        (40, "lost", None)
    ]


def test_of_several_losses_the_one_that_somebody_moved_is_left_alone(database: Database, lake: Lake) -> None:
    worker = open_topic(database)
    commit_micro_batch(database, worker.name, make_batch(lake, worker))
    with database.transaction() as transaction:
        record_lost(transaction, TOPIC_ID, [LostRange(0, 0, 5), LostRange(1, 0, 40)])
        assert read_offsets(transaction, TOPIC_ID)["next_offset"].to_list() == [12, 40]
    ranges = "SELECT kafka_partition, first_offset, next_offset FROM antennactl.offset_range ORDER BY 1"
    assert rows_of(database, ranges) == [(0, 0, 12), (1, 0, 40)]


class FullDisk(DiskFiles):
    """A disk without room for another folder."""

    def make_folder(self, path: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(path))


def test_a_full_disk_delays_publishing_and_marks_nothing(database: Database, lake: Lake) -> None:
    worker = open_topic(database)
    commit_micro_batch(database, worker.name, make_batch(lake, worker))
    with pytest.raises(StorageUnavailableError, match="No space left"):
        recover_lake(database, Lake(lake.root, FullDisk()))
    assert rows_of(database, "SELECT published_at FROM antennactl.lake_file") == [(None,)]
    assert recover_lake(database, lake) == 1
