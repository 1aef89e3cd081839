"""Verify names every file that is not what the ledger says, and goes on with the others."""

import os
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from antennactl.commands import verify
from antennactl.errors import NotReadyError
from antennactl.ledger.connection import Database
from antennactl.ledger.proof import read_ledger
from integration.verify_world import HOUR, World, first_of, read_rows

FOLDER = "data/year=2025/month=10/day=26/hour=1"


@pytest.fixture
def world(postgres_dsn: str, tmp_path: Path) -> Iterator[World]:
    """Yield a system of one micro-batch, in a folder whose name engines could take for a pattern."""
    with World(postgres_dsn, tmp_path / "a lake's [1]* folder") as made:
        made.commit()
        yield made


@pytest.fixture
def path(world: World) -> Path:
    """Return a published file of the first hour, in a system with a current run of every hour."""
    world.batch()
    return next((world.lake.root / FOLDER).iterdir())


def relative(world: World, path: Path) -> str:
    return path.relative_to(world.lake.root).as_posix()


def test_a_published_file_that_is_gone_is_named_with_its_hour(world: World, path: Path) -> None:
    path.unlink()
    code, document = world.verify()
    assert code == 5
    assert document["n_differences"] == {"missing": 1}
    named = first_of(document, "missing")
    assert (named["where"], named["hour"]) == (relative(world, path), "2025-10-26T01:00:00Z")
    assert document["not_compared"] == ["2025-10-26T01:00:00Z"]


@pytest.mark.parametrize("position", [0, 200, -1, -5])
def test_a_flipped_bit_is_named(world: World, path: Path, position: int) -> None:
    content = bytearray(path.read_bytes())
    content[position] ^= 4
    path.write_bytes(content)
    code, document = world.verify()
    assert code == 5
    assert document["n_differences"] == {"sha256": 1}
    assert first_of(document, "sha256")["where"] == relative(world, path)


@pytest.mark.parametrize("size", [0, 3, 1000])
def test_a_file_cut_short_is_named_and_the_others_are_still_compared(
    world: World, path: Path, size: int
) -> None:
    os.truncate(path, size)
    world.execute(
        "UPDATE public.bytes SET value = value + 1 WHERE timestamp >= $1", HOUR + timedelta(hours=1)
    )
    assert world.differences() == {"sha256": 1, "totals": 3}


def test_a_broken_file_that_was_committed_so_is_named(world: World, path: Path) -> None:
    os.truncate(path, 500)
    world.adopt(relative(world, path))
    world.commit()
    code, document = world.verify()
    assert code == 5
    assert document["n_differences"] == {"unreadable": 1}
    assert first_of(document, "unreadable")["where"] == relative(world, path)


def test_rows_and_bytes_of_a_file_are_those_of_the_ledger(world: World, path: Path) -> None:
    name = relative(world, path)
    world.execute("UPDATE antennactl.lake_file SET sum_bytes = sum_bytes - 1 WHERE path = $1", name)
    assert world.differences() == {"file_bytes": 1, "run": 1}
    world.execute("UPDATE antennactl.lake_file SET n_rows = n_rows - 1 WHERE path = $1", name)
    code, document = world.verify()
    assert code == 5
    assert document["n_differences"] == {"file_bytes": 1, "file_rows": 1, "micro_batch": 1, "rows": 1}
    assert first_of(document, "file_rows")["where"] == name


def test_an_empty_file_holds_nothing(world: World, path: Path) -> None:
    name = relative(world, path)
    read_rows(path).clear().write_parquet(path)
    world.adopt(name)
    found = world.differences()
    assert found["file_rows"] == found["file_bytes"] == 1


def test_rows_of_another_hour_are_named(world: World, path: Path) -> None:
    late = pl.col("timestamp") + pl.duration(hours=1)
    world.rewrite(relative(world, path), lambda rows: rows.with_columns(late))
    code, document = world.verify()
    assert code == 5
    assert first_of(document, "file_hour")["where"] == relative(world, path)


def test_a_file_in_the_folder_of_another_hour_is_named(world: World, path: Path) -> None:
    moved = path.parent.parent / "hour=2" / "stray.parquet"
    path.rename(moved)
    world.execute(
        "UPDATE antennactl.lake_file SET path = $1 WHERE path = $2",
        relative(world, moved),
        relative(world, path),
    )
    assert world.differences() == {"file_hour": 1}


@pytest.mark.parametrize(
    "name",
    ["copy.parquet", ".hidden.parquet", "_under.parquet", "notes.txt", "part.parquet.tmp", "\udcff.parquet"],
)
def test_a_file_that_the_ledger_does_not_know_is_named_and_stays(world: World, path: Path, name: str) -> None:
    shutil.copy(path, path.parent / name)
    code, document = world.verify()
    assert code == 5
    assert document["n_differences"] == {"unknown": 1}
    shown = name.replace("\udcff", "\\xff")
    assert first_of(document, "unknown")["where"] == f"{FOLDER}/{shown}"
    assert world.verify_text()[0] == 5
    assert (path.parent / name).is_file()


def test_marker_files_that_no_engine_reads_are_only_counted(world: World, path: Path) -> None:
    (path.parent / "_SUCCESS").touch()
    (path.parent / f".{path.name}.crc").touch()
    code, document = world.verify()
    assert (code, document["ignored_files"]) == (0, 2)


def test_links_are_strangers_and_never_followed(world: World, path: Path) -> None:
    (path.parent / "loop").symlink_to(world.lake.data)
    (path.parent / "link.parquet").symlink_to(path)
    assert world.differences() == {"unknown": 2}
    assert world.verify(quarantine=True)[0] == 0
    assert path.is_file()


def test_a_file_that_the_ledger_removed_is_named_while_it_is_there(world: World, path: Path) -> None:
    world.execute(
        "UPDATE antennactl.lake_file SET removed_at = now(), removed_by = 'compact' WHERE path = $1",
        relative(world, path),
    )
    code, document = world.verify()
    assert code == 5
    assert "removed it (compact)" in first_of(document, "unknown")["text"]


def test_quarantine_moves_strangers_alone_and_overwrites_nothing(world: World, path: Path) -> None:
    stranger = path.parent / "copy.parquet"
    for turn, suffix in enumerate(["", ".1"]):
        stranger.write_bytes(b"%d" % turn)
        code, document = world.verify(quarantine=True)
        assert code == 0
        assert document["quarantined"] == [
            {"path": f"{FOLDER}/copy.parquet", "moved_to": f"quarantine/{FOLDER}/copy.parquet{suffix}"}
        ]
    assert not stranger.exists()
    assert path.is_file()
    kept = world.lake.quarantine / FOLDER
    assert [file.read_bytes() for file in sorted(kept.iterdir())] == [b"0", b"1"]
    assert world.verify()[0] == 0


def test_quarantine_tells_what_it_moved_and_what_else_differs(world: World, path: Path) -> None:
    (path.parent / "copy.parquet").touch()
    path.unlink()
    code, text = world.verify_text(quarantine=True)
    assert code == 5
    assert "Moved to quarantine" in text
    assert f"quarantine/{FOLDER}/copy.parquet" in text
    assert relative(world, path) in text


def test_what_live_workers_have_staged_is_left_alone(world: World) -> None:
    folder = world.lake.staging / world.worker.name
    (folder / "half.parquet").write_bytes(b"PAR1")
    assert world.verify(quarantine=True)[0] == 0
    assert (folder / "half.parquet").is_file()


def test_files_compacted_during_the_run_are_not_called_missing(
    world: World, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_then_compact(*given: object) -> object:
        ledger = read_ledger(*given)  # type: ignore[arg-type]
        with Database(world.dsn) as other, other.transaction() as tx:
            tx.query_text("UPDATE antennactl.lake_file SET removed_at = now(), removed_by = 'compact'")
        path.unlink()
        return ledger

    monkeypatch.setattr(verify, "read_ledger", read_then_compact)
    with pytest.raises(NotReadyError, match="compacted or pruned"):
        world.verify()
