"""Compaction puts one sorted file in the place of an hour's files, keeps every row, and leaves the rest alone."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from antennactl.commands import compact
from antennactl.errors import IncompleteHourError, InconsistentError, UsageError
from antennactl.lake import exchange
from antennactl.lake.files import DiskFiles
from antennactl.lake.publish import publish_files
from antennactl.lake.recover import recover_lake
from antennactl.ledger.connection import Database
from antennactl.ledger.locks import hold_hour_files, try_hold_removal
from antennactl.schemas import LAKE
from integration.compact_world import (
    beside,
    files_of,
    fill,
    hour_folder_of,
    lake_types,
    ledger_rows,
    plain_rows,
    read_file,
)
from integration.verify_world import HOUR, N_EVENTS, World

NEXT = HOUR + timedelta(hours=1)


@pytest.fixture
def world(postgres_dsn: str, tmp_path: Path) -> Iterator[World]:
    """Give a system with two hours of six files."""
    with World(postgres_dsn, tmp_path / "lake") as made:
        fill(made)
        yield made


def run(world: World, **options: Any) -> dict[str, Any]:
    with redirect_stdout(io.StringIO()) as printed:
        assert compact.run(world.settings(json=True, **options), threading.Event()) == 0
    document: dict[str, Any] = json.loads(printed.getvalue())
    return document


def test_an_hour_becomes_one_sorted_file_with_the_same_rows(world: World) -> None:
    before = plain_rows(world)
    document = run(world, hour=HOUR)
    assert [(item["n_files"], item["n_rows"]) for item in document["compacted"]] == [(6, len(before) // 2)]
    (name,) = files_of(world, HOUR)
    assert len(files_of(world, NEXT)) == 6
    assert plain_rows(world) == before
    rows = read_file(hour_folder_of(world, HOUR) / name)
    assert rows.schema == LAKE
    assert rows["id"].is_sorted()
    assert beside(world) == []


def test_its_columns_are_stored_as_the_stream_stores_them(world: World) -> None:
    staged = lake_types(hour_folder_of(world, HOUR) / files_of(world, HOUR)[0])
    run(world, hour=HOUR)
    assert lake_types(hour_folder_of(world, HOUR) / files_of(world, HOUR)[0]) == staged


def test_catch_up_takes_scattered_hours_and_leaves_a_few_late_files(world: World) -> None:
    assert len(run(world, catch_up=True)["compacted"]) == 2
    assert [len(files_of(world, hour)) for hour in (HOUR, NEXT)] == [1, 1]
    fill(world, 3)
    assert run(world, catch_up=True)["compacted"] == []
    assert len(files_of(world, HOUR)) == 4
    fill(world, 1)
    assert len(run(world, catch_up=True)["compacted"]) == 2
    assert len(files_of(world, HOUR)) == 1
    assert world.verify()[0] == 0


def test_batch_and_verify_agree_before_and_after(world: World) -> None:
    world.batch()
    runs = ledger_rows(
        world, "SELECT hour, n_rows, sum_bytes, finished_at FROM antennactl.batch_run ORDER BY 1"
    )
    hourly = ledger_rows(world, "SELECT * FROM bytes_hourly ORDER BY timestamp, id, type")
    run(world, catch_up=True)
    code, document = world.verify()
    assert (code, document["pending"]) == (0, [])
    world.batch()
    again = "SELECT hour, n_rows, sum_bytes, finished_at FROM antennactl.batch_run ORDER BY 1"
    assert ledger_rows(world, again) == runs
    world.batch(catch_up=False, hour=HOUR)
    assert ledger_rows(world, "SELECT * FROM bytes_hourly ORDER BY timestamp, id, type") == hourly


def test_batch_compacts_each_hour_after_its_run(world: World) -> None:
    world.batch(compact=True)
    assert [len(files_of(world, hour)) for hour in (HOUR, NEXT)] == [1, 1]
    assert world.verify()[0] == 0


@pytest.mark.parametrize("option", ["dry_run", "unmanaged"])
def test_batch_refuses_to_compact_where_it_must_not_write(world: World, option: str) -> None:
    with pytest.raises(UsageError, match="--compact"):
        world.batch(compact=True, catch_up=False, hour=HOUR, **{option: True})


def test_a_second_run_and_an_empty_hour_change_nothing(world: World) -> None:
    run(world, hour=HOUR)
    names = files_of(world, HOUR)
    assert run(world, hour=HOUR)["compacted"][0]["n_files"] == 1
    assert run(world, hour=HOUR - timedelta(days=1))["compacted"][0]["n_files"] == 0
    assert files_of(world, HOUR) == names


def test_only_complete_hours_are_compacted(world: World) -> None:
    world.execute("UPDATE antennactl.stream_offset SET caught_up_at = NULL, max_event_time = $1", HOUR)
    with pytest.raises(IncompleteHourError, match="not complete"):
        run(world, hour=HOUR)
    document = run(world, catch_up=True)
    assert document["compacted"] == []
    assert len(document["left"]) == 2
    with pytest.raises(IncompleteHourError):
        run(world, hour=datetime.now(UTC).replace(minute=0, second=0, microsecond=0))


def test_a_broken_file_ends_it_and_nothing_is_changed(world: World) -> None:
    victim = hour_folder_of(world, HOUR) / files_of(world, HOUR)[3]
    content = bytearray(victim.read_bytes())
    content[len(content) // 2] ^= 1
    victim.write_bytes(content)
    names = files_of(world, HOUR)
    with pytest.raises(InconsistentError, match=victim.name) as raised:
        run(world, hour=HOUR)
    assert raised.value.exit_code == 5
    assert files_of(world, HOUR) == names
    assert beside(world) == []
    removed = "SELECT count(*) FROM antennactl.lake_file WHERE removed_at IS NOT NULL"
    assert ledger_rows(world, removed) == [(0,)]


def test_a_ledger_that_counts_other_rows_ends_it_too(world: World) -> None:
    world.execute("UPDATE antennactl.lake_file SET n_rows = n_rows + 1 WHERE hour = $1", HOUR)
    names = files_of(world, HOUR)
    with pytest.raises(InconsistentError, match="rows="):
        run(world, hour=HOUR)
    assert (files_of(world, HOUR), beside(world)) == (names, [])


def test_rows_of_a_topic_made_again_are_kept_apart(world: World) -> None:
    path = ledger_rows(world, f"SELECT min(path) FROM antennactl.lake_file WHERE hour = '{HOUR}'")[0][0]
    world.rewrite(str(path), lambda rows: rows.with_columns(topic_id=rows["topic_id"].str.replace("A", "B")))
    before = plain_rows(world)
    run(world, hour=HOUR)
    assert plain_rows(world) == before
    assert len({row[0] for row in before}) == 2


def test_files_that_nobody_knows_stay_where_they_are(world: World) -> None:
    folder = hour_folder_of(world, HOUR)
    (folder / "_SUCCESS").touch()
    (folder / "notes").mkdir()
    (folder / "notes" / "text").write_text("x")
    run(world, hour=HOUR)
    assert len(files_of(world, HOUR)) == 3
    assert (folder / "notes" / "text").read_text() == "x"


def test_committed_files_that_were_not_published_are_taken_along(world: World) -> None:
    world.commit(publish=False)
    assert run(world, hour=HOUR)["compacted"][0]["n_files"] == 7
    assert world.verify()[0] == 0


def test_a_dry_run_writes_nothing(world: World) -> None:
    names = files_of(world, HOUR)
    document = run(world, catch_up=True, dry_run=True)
    assert [item["n_files"] for item in document["compacted"]] == [6, 6]
    assert (files_of(world, HOUR), beside(world)) == (names, [])


def test_an_hour_that_others_compact_or_read_is_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antennactl.commands.compact_hour._PATIENCE_S", 0.0)
    with Database(world.dsn) as other:
        with other.transaction() as tx:
            assert try_hold_removal(tx, HOUR)
            hold_hour_files(tx, NEXT)
        document = run(world, catch_up=True)
        assert document["compacted"] == []
        assert len(document["left"]) == 2
        assert [len(files_of(world, hour)) for hour in (HOUR, NEXT)] == [6, 6]
        assert beside(world) == []
    assert len(run(world, catch_up=True)["compacted"]) == 2


def test_without_the_exchange_of_the_filesystem_two_renames_do_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "swap_folders", lambda _one, _other: False)
    before = plain_rows(world)
    run(world, catch_up=True)
    assert plain_rows(world) == before
    assert [len(files_of(world, hour)) for hour in (HOUR, NEXT)] == [1, 1]
    assert beside(world) == []
    assert world.verify()[0] == 0


def test_a_run_that_ends_between_the_two_renames_is_finished_by_recovery(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "swap_folders", lambda _one, _other: False)
    before = plain_rows(world)
    rename = DiskFiles.rename

    def end_before_the_second(self: DiskFiles, source: Path, target: Path) -> None:
        if target == hour_folder_of(world, HOUR):
            raise KeyboardInterrupt
        rename(self, source, target)

    with monkeypatch.context() as patch:
        patch.setattr(DiskFiles, "rename", end_before_the_second)
        with pytest.raises(KeyboardInterrupt):
            run(world, hour=HOUR)
    assert files_of(world, HOUR) == []
    # A late micro-batch makes the folder anew before anybody has mended it.
    world.commit()
    recover_lake(world.database, world.lake)
    assert len(files_of(world, HOUR)) == 2
    assert len(plain_rows(world)) == len(before) + 2 * N_EVENTS
    assert beside(world) == []
    assert world.verify()[0] == 0


def test_a_file_that_came_in_the_last_moment_is_put_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it can when the lock was lost without notice, and somebody published meanwhile."""
    swap = exchange.swap_folders
    folder = hour_folder_of(world, HOUR)

    def publish_first(one: Path, other: Path) -> bool:
        (other / "part-late.parquet").write_bytes((folder / files_of(world, HOUR)[0]).read_bytes())
        return swap(one, other)

    monkeypatch.setattr(exchange, "swap_folders", publish_first)
    run(world, hour=HOUR)
    assert "part-late.parquet" in files_of(world, HOUR)
    assert len(files_of(world, HOUR)) == 2


def test_a_stalled_worker_publishes_what_was_compacted_away_without_a_word(world: World) -> None:
    made = world.commit(publish=False)
    run(world, catch_up=True)
    before = plain_rows(world)
    publish_files(world.database, world.lake, made.files)
    assert plain_rows(world) == before


def test_litter_goes_and_what_a_commit_waits_for_stays(world: World) -> None:
    litter = world.lake.root / "exchange" / f"{HOUR:%Y%m%dT%H}-0b0e7e9e-0000-7000-8000-000000000000"
    litter.mkdir(parents=True)
    (litter / "part-x.parquet").touch()
    (world.lake.root / "exchange" / "mine").mkdir()
    run(world, catch_up=True)
    assert beside(world) == ["mine"]
