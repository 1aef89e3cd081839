"""A small system with an hour of many files, and the commands that remove files from it, as processes to be killed."""

import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl

from integration.verify_world import HOUR, World

Row = tuple[object, ...]
_COMMAND = (sys.executable, "-c", "from antennactl.cli import main; main()")


def fill(world: World, batches: int = 6, hour: datetime = HOUR) -> None:
    """Commit and publish micro-batches, each a file of `hour` and one of the next; read the topic to its end."""
    for _ in range(batches):
        world.commit(hour=hour)
    world.execute("UPDATE antennactl.stream_offset SET caught_up_at = now()")


def plain_rows(world: World, hour: datetime | None = None) -> list[Row]:
    """Return every row that a plain glob of the lake, or of an hour's folder, finds, in order of identity."""
    folder = world.lake.data if hour is None else hour_folder_of(world, hour)
    with duckdb.connect() as session:
        return session.execute(
            "SELECT topic_id, kafka_partition, kafka_offset, epoch_us(timestamp), id, antenna_id, bytes, app "
            f"FROM read_parquet('{folder}/**/*.parquet') ORDER BY ALL"
        ).fetchall()


def hour_folder_of(world: World, hour: datetime) -> Path:
    """Return where an hour's files are."""
    return world.lake.data / f"year={hour.year}/month={hour.month}/day={hour.day}/hour={hour.hour}"


def files_of(world: World, hour: datetime) -> list[str]:
    """Return the names in an hour's folder."""
    folder = hour_folder_of(world, hour)
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def beside(world: World) -> list[str]:
    """Return what lies in the lake's folder for exchanges."""
    folder = world.lake.root / "exchange"
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


def start(world: World, *words: str, failpoint: str = "") -> "subprocess.Popen[str]":
    """Start `antennactl <words>` on this system in a process of its own."""
    return subprocess.Popen(
        [*_COMMAND, *words, "--dsn", world.dsn, "--lake", str(world.lake.root)],
        env=os.environ | ({"ANTENNACTL_FAILPOINT": failpoint} if failpoint else {}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(process: "subprocess.Popen[str]") -> tuple[int, str]:
    """Wait for a process; return its exit code and what it printed."""
    out, err = process.communicate(timeout=60)
    return process.returncode, out + err


def ledger_rows(world: World, statement: str) -> Sequence[Row]:
    """Return the rows of one SELECT."""
    with world.database.transaction() as tx:
        return tx.query_text(statement).rows()


def lake_types(path: Path) -> dict[str, tuple[str, str | None]]:
    """Return column → (physical type, unit and zone of a time) of a Parquet file."""
    with duckdb.connect() as session:
        rows = session.execute(
            "SELECT name, type, logical_type FROM parquet_schema(?) WHERE num_children IS NULL", [str(path)]
        ).fetchall()
    return {
        name: (kind, logical if logical and "Timestamp" in logical else None) for name, kind, logical in rows
    }


def read_file(path: Path) -> pl.DataFrame:
    """Return the rows of one file in whatever folder."""
    return pl.read_parquet(path, glob=False, hive_partitioning=False)
