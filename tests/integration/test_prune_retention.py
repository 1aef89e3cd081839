"""Retention drops what is older than asked, hour by hour, keeps the rest right, and never goes back."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from antennactl.commands import batch, compact, prune
from antennactl.errors import UsageError
from antennactl.ledger import retention
from antennactl.ledger.connection import Database
from antennactl.ledger.hours import read_retention_floor
from antennactl.ledger.locks import hold_hour_files
from integration.compact_world import beside, files_of, fill, hour_folder_of, ledger_rows, plain_rows
from integration.verify_world import N_EVENTS, World

DAY_S = 86_400.0
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
OLD, OLDER, YOUNG = (NOW - timedelta(hours=hours) for hours in (50, 80, 10))
TABLES = ("bytes", "bytes_hourly", "user_quota_limit")


@pytest.fixture
def world(postgres_dsn: str, tmp_path: Path) -> Iterator[World]:
    """Give a system with hours of three ages, batch runs and users over quota."""
    with World(postgres_dsn, tmp_path / "lake") as made:
        made.execute("INSERT INTO user_metadata VALUES ('user-1', 'One', 'one@mail', 1)")
        for hour in (OLDER, OLD, YOUNG):
            fill(made, 2, hour=hour)
        made.batch()
        yield made


def run(world: World, days: float = 1, lake_days: float | None = None, **options: Any) -> dict[str, Any]:
    keep_lake_s = None if lake_days is None else lake_days * DAY_S
    settings = world.settings(json=True, keep_s=days * DAY_S, keep_lake_s=keep_lake_s, **options)
    with redirect_stdout(io.StringIO()) as printed:
        assert prune.run(settings, threading.Event()) == 0
    document: dict[str, Any] = json.loads(printed.getvalue())
    return document


def oldest(world: World) -> list[datetime]:
    return [ledger_rows(world, f"SELECT min(timestamp) FROM {table}")[0][0] for table in TABLES]  # type: ignore[misc]


def floor(world: World) -> datetime | None:
    with world.database.transaction() as tx:
        return read_retention_floor(tx)


def test_old_results_go_and_young_ones_and_the_lake_stay(world: World) -> None:
    lake = plain_rows(world)
    kept = ledger_rows(
        world, f"SELECT * FROM bytes WHERE timestamp >= '{YOUNG}' ORDER BY timestamp, id, type"
    )
    document = run(world)
    assert all(document["deleted"][table] > 0 for table in TABLES)
    assert oldest(world) == [YOUNG] * 3
    assert ledger_rows(world, "SELECT * FROM bytes ORDER BY timestamp, id, type") == kept
    assert plain_rows(world) == lake
    assert document["lake_floor"] is None
    code, account = world.verify()
    assert (code, len(account["left_out"])) == (0, 4)


def test_the_floor_is_stored_and_never_goes_back(world: World) -> None:
    run(world, days=1)
    stored = floor(world)
    assert stored is not None
    assert stored >= NOW - timedelta(days=1)
    assert run(world, days=3)["floor"] == f"{stored:%Y-%m-%dT%H:%M:%SZ}"
    assert floor(world) == stored


def test_hours_of_the_lake_go_whole_and_the_account_stays_right(world: World) -> None:
    document = run(world, days=1, lake_days=2.5)
    assert document["lake"] == {"hours": 2, "files": 4, "rows": 4 * N_EVENTS}
    assert not hour_folder_of(world, OLDER).exists()
    assert len(files_of(world, OLD)) == 2
    assert beside(world) == []
    assert world.verify()[0] == 0
    assert run(world, days=1, lake_days=2.5)["lake"] == {"hours": 0, "files": 0, "rows": 0}


def test_compacted_hours_are_pruned_too(world: World) -> None:
    with redirect_stdout(io.StringIO()):
        assert compact.run(world.settings(catch_up=True), threading.Event()) == 0
    assert run(world, days=1, lake_days=2.5)["lake"] == {"hours": 2, "files": 2, "rows": 4 * N_EVENTS}
    assert world.verify()[0] == 0


def test_files_that_nobody_knows_stay_and_are_named(world: World) -> None:
    stranger = hour_folder_of(world, OLDER) / "mine.parquet"
    stranger.write_bytes((hour_folder_of(world, OLDER) / files_of(world, OLDER)[0]).read_bytes())
    run(world, days=1, lake_days=2.5)
    assert files_of(world, OLDER) == ["mine.parquet"]
    assert world.differences() == {"unknown": 1}


def test_batch_leaves_pruned_hours_alone(world: World) -> None:
    run(world)
    with pytest.raises(UsageError, match="was pruned"):
        batch.run(world.settings(hour=OLD), threading.Event())
    world.batch()
    assert oldest(world) == [YOUNG] * 3


def test_results_that_came_by_the_old_floor_go_with_the_next_run(world: World) -> None:
    run(world, days=1, lake_days=2.5)
    stored = floor(world)
    # A micro-batch that read the floor just before it was raised, and commits just after.
    world.execute("DELETE FROM antennactl.setting WHERE name = 'retention_floor'")
    fill(world, 1, hour=OLDER)
    with world.database.transaction() as tx:
        assert stored is not None
        assert retention.raise_floor(tx, stored) == stored
    assert world.verify()[0] == 0
    document = run(world, days=1, lake_days=2.5)
    assert document["deleted"]["bytes"] > 0
    assert document["lake"]["files"] == 2
    assert world.verify()[0] == 0


def test_hours_go_in_lots_and_lock_no_row_of_other_hours(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "_LOT_ROWS", 7)
    with Database(world.dsn) as other, other.transaction() as tx:
        # A stream in the middle of its transaction on an hour that is kept.
        tx.query_text("UPDATE bytes SET value = value WHERE timestamp >= $1", YOUNG)
        run(world)
    assert oldest(world) == [YOUNG] * 3


def test_an_hour_that_a_batch_reads_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antennactl.commands.compact_hour._PATIENCE_S", 0.0)
    with Database(world.dsn) as other:
        with other.transaction() as tx:
            hold_hour_files(tx, OLDER)
        document = run(world, days=1, lake_days=2.5)
    assert [item["hour"] for item in document["left"]] == [f"{OLDER:%Y-%m-%dT%H:%M:%SZ}"]
    assert oldest(world)[:2] == [OLDER, OLDER]
    assert len(files_of(world, OLDER)) == 2
    run(world, days=1, lake_days=2.5)
    assert oldest(world) == [YOUNG] * 3


def test_a_dry_run_counts_and_writes_nothing(world: World) -> None:
    rows = [ledger_rows(world, f"SELECT count(*) FROM {table}") for table in TABLES]
    document = run(world, days=1, lake_days=2.5, dry_run=True)
    assert document["lake"]["hours"] == 2
    assert floor(world) is None
    assert [ledger_rows(world, f"SELECT count(*) FROM {table}") for table in TABLES] == rows
    assert run(world, days=1, lake_days=2.5)["deleted"] == document["deleted"]


@pytest.mark.parametrize(
    ("options", "words"),
    [({}, "needs --keep"), ({"keep_s": 60.0}, "2h"), ({"keep_s": 9e5, "keep_lake_s": 8e5}, "--keep-lake")],
)
def test_retention_that_would_contradict_itself_is_refused(
    world: World, options: dict[str, float], words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        prune.run(world.settings(**options), threading.Event())
