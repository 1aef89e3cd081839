"""Staged files: one an hour, complete, outside `data/`, with the schema that every engine reads."""

import hashlib
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from antennactl.errors import StorageUnavailableError
from antennactl.lake.layout import Lake, hour_folder_spellings
from antennactl.lake.stage import discard_staged, stage_events
from antennactl.schemas import EVENTS, LAKE

HOUR = datetime(2026, 3, 29, 1, tzinfo=UTC)


def events_at(times: list[datetime]) -> pl.DataFrame:
    rows = [(moment, f"u{n}", "a", n, "SKYPE", 0, n) for n, moment in enumerate(times)]
    return pl.DataFrame(rows, schema=EVENTS, orient="row")


def test_each_hour_has_one_file_and_every_event_is_in_its_own(tmp_path: Path) -> None:
    times = [
        HOUR,
        HOUR + timedelta(minutes=59, seconds=59),
        HOUR - timedelta(seconds=1),
        HOUR + timedelta(hours=1),
    ]
    staged = stage_events(Lake(tmp_path), "w", "b", "topic", events_at(times))
    assert [file.hour for file in staged] == [HOUR - timedelta(hours=1), HOUR, HOUR + timedelta(hours=1)]
    assert [file.n_rows for file in staged] == [1, 2, 1]
    assert [file.sum_bytes for file in staged] == [2, 1, 3]
    assert staged[1].path == "data/year=2026/month=3/day=29/hour=1/part-b.parquet"
    assert not (tmp_path / "data").exists()


def test_a_file_has_the_lakes_schema_and_its_recorded_hash(tmp_path: Path) -> None:
    (file,) = stage_events(Lake(tmp_path), "w", "b", "topic", events_at([HOUR]))
    path = tmp_path / file.stage_path
    assert hashlib.sha256(path.read_bytes()).hexdigest() == file.sha256
    assert pl.read_parquet(path).schema == LAKE
    with duckdb.connect() as session:
        described = session.execute(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()
    assert [row[1] for row in described] == [
        "TIMESTAMP WITH TIME ZONE", "VARCHAR", "VARCHAR", "BIGINT", "VARCHAR", "VARCHAR", "INTEGER", "BIGINT",
    ]  # fmt: skip


def test_500_hours_in_one_micro_batch_are_500_files(tmp_path: Path) -> None:
    staged = stage_events(
        Lake(tmp_path), "w", "b", "t", events_at([HOUR + timedelta(hours=n) for n in range(500)])
    )
    assert len({file.path for file in staged}) == 500


def test_a_folder_that_cannot_be_written_is_a_clear_error_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "staging").write_text("in the way")
    with pytest.raises(StorageUnavailableError, match="cannot write to the lake"):
        stage_events(Lake(tmp_path), "w", "b", "t", events_at([HOUR]))


def test_discarding_removes_the_files_and_may_be_repeated(tmp_path: Path) -> None:
    staged = stage_events(Lake(tmp_path), "w", "b", "t", events_at([HOUR]))
    discard_staged(Lake(tmp_path), staged)
    discard_staged(Lake(tmp_path), staged)
    assert list((tmp_path / "staging" / "w").iterdir()) == []


def test_other_writers_spell_an_hours_folder_with_or_without_zeros() -> None:
    spellings = hour_folder_spellings(datetime(2026, 3, 9, 1, tzinfo=UTC))
    assert "data/year=2026/month=3/day=9/hour=1" in spellings
    assert "data/year=2026/month=03/day=09/hour=01" in spellings
