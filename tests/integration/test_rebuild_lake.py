"""A lake that lost its ledger has all that the ledger said of it: every table comes back, or nothing does."""

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import polars as pl
import pytest

from antennactl.commands import compact
from antennactl.engines import census
from antennactl.errors import InconsistentError, UsageError
from antennactl.lake.layout import data_path
from antennactl.lake.publish import move_into_data
from antennactl.ledger.connection import Database
from antennactl.ledger.offsets import read_topics
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.sources import cluster
from integration.rebuild_world import Second, read_tables
from integration.verify_world import HOUR, LENGTH, N_EVENTS, TOPIC_ID, World, read_rows
from services import made_database


@pytest.fixture
def world(postgres_dsn: str, tmp_path: Path) -> Iterator[World]:
    with World(postgres_dsn, tmp_path / "lake") as made:
        yield made


@pytest.fixture
def second(
    world: World, postgres_server: str, postgres_template: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Second]:
    monkeypatch.setattr(cluster, "_ADMIN_TIMEOUT_S", 0.2)
    with made_database(postgres_server, postgres_template) as dsn:
        yield Second(world, dsn)


def lake_file(world: World, number: int = 0) -> Path:
    return sorted(world.lake.data.rglob("*.parquet"))[number]


@pytest.mark.parametrize("slice_rows", [census._SLICE_ROWS, 7])  # noqa: SLF001 - slices of a test-sized lake
def test_every_table_is_as_it_was(
    world: World, second: Second, slice_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        world.commit()
    world.batch()
    before = read_tables(world.dsn)
    monkeypatch.setattr(census, "_SLICE_ROWS", slice_rows)
    document = second.rebuild()
    second.verify()
    second.batch()
    second.verify()
    assert read_tables(second.dsn) == before
    assert document["rows"] == 3 * 2 * N_EVENTS
    ranges = second.query(
        "SELECT kafka_partition, first_offset, next_offset, n_skipped, reason FROM antennactl.offset_range"
    )
    # After the last row reading goes on; between the batches lie rejects and control records.
    last_row = 2 * LENGTH + N_EVENTS
    assert sorted(ranges.rows()) == [(p, 0, last_row, 2 * (LENGTH - N_EVENTS), "rebuilt") for p in (0, 1)]
    assert [row["why"] for row in document["left"]] == ["Kafka was not asked"] * 2
    offsets = second.query("SELECT topic_id, next_offset FROM antennactl.stream_offset")
    assert offsets.rows() == [(TOPIC_ID, last_row)] * 2


def test_the_new_database_belongs_to_the_lake(world: World, second: Second) -> None:
    world.commit()
    second.rebuild()
    with world.database.transaction() as tx:
        owner = read_setting(tx, LEDGER)
    assert second.query("SELECT value FROM antennactl.setting WHERE name = 'ledger'").item() == owner


def test_the_window_can_be_given(world: World, second: Second) -> None:
    world.commit()
    second.rebuild(window_s=900.0)
    second.verify()
    minutes = second.query("SELECT DISTINCT extract(minute FROM timestamp)::integer AS minute FROM bytes")
    assert set(minutes["minute"]) <= {0, 15, 30, 45}
    assert second.query("SELECT value FROM antennactl.setting WHERE name = 'window_s'").item() == "900"


def test_a_ledger_that_is_not_empty_is_left_alone(world: World, second: Second) -> None:
    world.commit()
    second.rebuild()
    before = read_tables(second.dsn)
    with pytest.raises(UsageError, match="not empty"):
        second.rebuild()
    assert read_tables(second.dsn) == before
    second.verify()


def test_a_compacted_lake_is_rebuilt_too(world: World, second: Second) -> None:
    for _ in range(3):
        world.commit()
    world.execute("UPDATE antennactl.stream_offset SET caught_up_at = now()")
    assert compact.run(world.settings(hour=HOUR), threading.Event()) == 0
    before = read_tables(world.dsn)
    second.rebuild()
    second.verify()
    assert read_tables(second.dsn) | {"bytes_hourly": []} == before


def test_of_staged_files_those_of_a_batch_in_the_lake_are_published(world: World, second: Second) -> None:
    """One of two files was renamed at the loss; another batch had none renamed, and nobody can say it committed."""
    half = world.commit(publish=False)
    (world.lake.root / half.files[0].path).parent.mkdir(parents=True)
    assert move_into_data(world.lake, half.files[0].stage_path, half.files[0].path)
    world.commit(publish=False)
    document = second.rebuild()
    assert (document["staged_files_published"], document["staged_files_dropped"]) == (1, 2)
    second.verify()
    assert document["rows"] == half.n_events
    assert [path for path in world.lake.staging.rglob("*") if path.is_file()] == []
    offsets = second.query("SELECT next_offset FROM antennactl.stream_offset")
    assert offsets["next_offset"].to_list() == [N_EVENTS, N_EVENTS]


def test_a_rebuild_that_fails_drops_no_staged_file(world: World, second: Second) -> None:
    world.commit()
    waiting = world.commit(publish=False)
    lake_file(world).write_bytes(b"PAR1")
    with pytest.raises(InconsistentError):
        second.rebuild()
    assert all((world.lake.root / file.stage_path).is_file() for file in waiting.files)


@pytest.mark.parametrize(
    "damage", ["cut short", "garbage in the middle", "other columns", "another hour", "no folder"]
)
def test_a_broken_file_is_named_or_moved_aside(world: World, second: Second, damage: str) -> None:
    world.commit()
    world.commit()
    broken = harm(world, damage)
    with pytest.raises(InconsistentError, match=broken.name) as caught:
        second.rebuild()
    assert caught.value.exit_code == 5
    assert second.is_empty()
    document = second.rebuild(quarantine=True)
    assert document["files_quarantined"] == 1
    assert not broken.exists()
    assert [path.name for path in world.lake.quarantine.rglob("*.parquet")] == [broken.name]
    second.verify()


def harm(world: World, damage: str) -> Path:
    path = lake_file(world, 1)
    whole = path.read_bytes()
    match damage:
        case "cut short":
            path.write_bytes(whole[:-9])
        case "garbage in the middle":
            path.write_bytes(whole[:40] + bytes(len(whole) // 3) + whole[40 + len(whole) // 3 :])
        case "other columns":
            read_rows(path).rename({"bytes": "amount"}).write_parquet(path)
        case "another hour":
            read_rows(path).with_columns(pl.col("timestamp").dt.offset_by("3h")).write_parquet(path)
        case _:
            return Path(shutil.move(path, world.lake.data / path.name))
    return path


def test_rows_that_are_there_twice_stop_it_and_both_files_are_named(world: World, second: Second) -> None:
    world.commit()
    path = lake_file(world)
    copy = path.with_name(f"part-{uuid4()}.parquet")
    shutil.copy(path, copy)
    with pytest.raises(InconsistentError) as caught:
        second.rebuild()
    assert path.name in str(caught.value)
    assert copy.name in str(caught.value)
    assert second.is_empty()
    copy.unlink()
    second.rebuild()
    second.verify()


def test_two_topics_are_told_apart_and_the_one_with_the_newest_events_is_the_last(
    world: World, second: Second
) -> None:
    """A topic that was made again has the same offsets once more, under another id."""
    made = world.commit()
    rows = read_rows(world.lake.root / made.files[1].path)
    again = rows.with_columns(
        topic_id=pl.lit("ZZZZZZZZZZZZZZZZZZZZZZ"), timestamp=pl.col("timestamp").dt.offset_by("-1h")
    )
    target = world.lake.root / data_path(HOUR, str(uuid4()))
    again.write_parquet(target)
    second.rebuild()
    second.verify()
    with Database(second.dsn) as database, database.transaction() as tx:
        assert read_topics(tx)["topic_id"].to_list() == ["ZZZZZZZZZZZZZZZZZZZZZZ", TOPIC_ID]


def test_a_lake_without_a_file_is_rebuilt_as_nothing(world: World, second: Second) -> None:
    assert second.rebuild()["rows"] == 0
    second.verify()
    assert world.lake.root.exists()
