"""Totals add up whether their windows are copied or merged, and whoever else writes the same windows."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from antennactl.lake.layout import Lake
from antennactl.ledger import totals as ledger
from antennactl.ledger.connection import Database, KeyTakenError, Transaction
from antennactl.ledger.micro_batch import Outcome, commit_micro_batch
from antennactl.ledger.totals import add_totals, copy_totals, merge_totals
from antennactl.schemas import TOTALS
from integration.micro_batches import HOUR, make_batch, open_topic, rows_of

WINDOWS = [HOUR + timedelta(minutes=5 * number) for number in range(6)]


@pytest.fixture
def database(postgres_dsn: str) -> Iterator[Database]:
    with Database(postgres_dsn) as opened:
        yield opened


@pytest.fixture(autouse=True)
def copy_however_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledger, "MIN_COPIED", 1)


def _totals(windows: list[int], value: int = 1) -> pl.DataFrame:
    rows = [(WINDOWS[w], name, value, "user_total_bytes") for w in windows for name in ("a", "b")]
    return pl.DataFrame(rows, schema=TOTALS, orient="row")


def _add(database: Database, totals: pl.DataFrame) -> None:
    with database.transaction() as transaction:
        add_totals(transaction, totals)


def _values(database: Database) -> list[tuple[object, ...]]:
    return rows_of(database, "SELECT timestamp, id, value FROM bytes ORDER BY 1, 2")


def test_windows_with_and_without_rows_may_alternate(database: Database) -> None:
    for windows in ([1, 3], [0, 1, 2, 3, 4], [3, 5], [3]):
        _add(database, _totals(windows))
    expected = {0: 1, 1: 2, 2: 1, 3: 4, 4: 1, 5: 1}
    assert _values(database) == [(WINDOWS[w], name, expected[w]) for w in range(6) for name in ("a", "b")]


def test_only_windows_without_rows_are_copied_and_in_order_of_the_keys(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[tuple[str, list[object]]] = []

    def note(how: str, totals: pl.DataFrame) -> None:
        written.append((how, totals["timestamp"].unique(maintain_order=True).to_list()))

    def copy(transaction: Transaction, totals: pl.DataFrame) -> None:
        note("copied", totals)
        copy_totals(transaction, totals)

    def merge(transaction: Transaction, totals: pl.DataFrame) -> None:
        note("merged", totals)
        merge_totals(transaction, totals)

    _add(database, _totals([1, 2]))
    monkeypatch.setattr(ledger, "copy_totals", copy)
    monkeypatch.setattr(ledger, "merge_totals", merge)
    _add(database, _totals([0, 1, 2, 4, 5]))
    assert written == [("copied", [WINDOWS[0]]), ("merged", WINDOWS[1:3]), ("copied", WINDOWS[4:])]


def test_a_window_that_another_worker_began_meanwhile_is_merged(
    postgres_dsn: str, database: Database, tmp_path: Path
) -> None:
    worker = open_topic(database)
    batch = make_batch(Lake(tmp_path), worker)
    outcomes: list[Outcome] = []

    def commit() -> None:
        with Database(postgres_dsn) as own:
            outcomes.append(commit_micro_batch(own, worker.name, batch))

    thread = threading.Thread(target=commit)
    with Database(postgres_dsn) as other, other.transaction() as transaction:
        merge_totals(transaction, batch.totals)
        thread.start()
        # It saw none of these rows, so it copies, and now waits to hear whether they come to be.
        _await_a_waiting_copy(database)
    thread.join(60)
    assert outcomes == [Outcome.COMMITTED]
    by_type = "SELECT DISTINCT sum(value)::bigint FROM bytes GROUP BY type"
    assert rows_of(database, by_type) == [(2 * batch.sum_bytes,)]
    assert rows_of(database, "SELECT count(*) FROM antennactl.micro_batch") == [(1,)]


def test_a_copy_of_a_key_that_is_there_writes_nothing(database: Database) -> None:
    _add(database, _totals([0]))
    with pytest.raises(KeyTakenError, match="duplicate key"), database.transaction() as transaction:
        copy_totals(transaction, _totals([0, 1]))
    assert _values(database) == [(WINDOWS[0], "a", 1), (WINDOWS[0], "b", 1)]


def _await_a_waiting_copy(database: Database) -> None:
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
        "AND wait_event_type = 'Lock' AND query LIKE 'COPY%'"
    )
    deadline = time.monotonic() + 60
    while rows_of(database, waiting) != [(1,)]:
        assert time.monotonic() < deadline
        time.sleep(0.02)
