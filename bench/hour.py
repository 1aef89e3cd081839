"""How many rows and users in, an hour of the lake out: files as the stream writes them, known to the ledger."""

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

import polars as pl

from antennactl.lake.identity import check_lake
from antennactl.lake.layout import Lake, data_path, hour_folder
from antennactl.lake.stage import encode_hours
from antennactl.ledger.connection import Database
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.schemas import EVENTS, TIMESTAMP
from antennactl.simulator.draws import draw_below
from antennactl.simulator.population import APPS, antenna_ids, user_ids
from bench.place import World

HOUR: Final = datetime(2026, 1, 1, 6, tzinfo=UTC)
HOUR_NAME: Final = "2026-01-01T06"
ANTENNAS: Final = 5_000
# What a micro-batch of the stream holds at most, at the defaults.
_FILE_ROWS: Final = 500_000
_HOUR_US: Final = 3_600_000_000
_ENTER: Final = """
INSERT INTO antennactl.lake_file (path, hour, n_rows, sum_bytes, sha256, published_at)
SELECT f.path, f.hour, f.n_rows, f.sum_bytes, f.sha256, now()
FROM unnest($1::text[], $2::timestamptz[], $3::bigint[], $4::bigint[], $5::text[])
    AS f (path, hour, n_rows, sum_bytes, sha256)
"""


@dataclass(frozen=True)
class MadeFile:
    """One file of the lake, relative to it."""

    path: str
    hour: datetime
    n_rows: int
    sum_bytes: int
    sha256: str


def make_hour(world: World, n_rows: int, n_users: int) -> list[MadeFile]:
    """Write the hour HOUR into the world's lake and enter its files into the ledger."""
    lake = _open_lake(world)
    files = []
    for first in range(0, n_rows, _FILE_ROWS):
        events = make_events(first, min(_FILE_ROWS, n_rows - first), n_rows, n_users)
        files.append(_write(lake, HOUR, events))
    _enter(world, files)
    return files


def make_other_hours(world: World, n_hours: int) -> None:
    """Write the `n_hours` hours before HOUR, with a small file each."""
    lake = _open_lake(world)
    events = make_events(0, 100, 100, 20)
    files = []
    for number in range(1, n_hours + 1):
        shift = timedelta(hours=number)
        files.append(_write(lake, HOUR - shift, events.with_columns(pl.col("timestamp") - shift)))
    if files:
        _enter(world, files)


def hour_path(world: World) -> Path:
    """Return the folder of HOUR."""
    return world.lake / hour_folder(HOUR)


def _open_lake(world: World) -> Lake:
    lake = Lake(world.lake)
    with Database(world.dsn) as database, database.transaction() as tx:
        check_lake(lake, read_setting(tx, LEDGER) or "", create=not lake.identity_file.exists())
    return lake


def make_events(first: int, n: int, n_all: int, n_users: int) -> pl.DataFrame:
    """Return EVENTS number `first` to `first + n` of `n_all` that fill the hour evenly."""
    start_us = round(HOUR.timestamp() * 1_000_000)
    i = pl.col("i")

    def chosen(values: pl.Series, stream: int) -> pl.Expr:
        return pl.lit(values).gather(draw_below(i, 1, stream, len(values)))

    seconds = start_us + (i * _HOUR_US // n_all) // 1_000_000 * 1_000_000
    return (
        pl.DataFrame({"i": pl.int_range(first, first + n, eager=True)})
        .select(
            seconds.cast(TIMESTAMP).alias("timestamp"),
            chosen(user_ids(n_users), 0).alias("id"),
            chosen(antenna_ids(ANTENNAS), 1).alias("antenna_id"),
            draw_below(i, 1, 2, 10_000).cast(pl.Int64).alias("bytes"),
            chosen(pl.Series(APPS), 3).alias("app"),
            (i % 4).cast(pl.Int32).alias("kafka_partition"),
            (i // 4).alias("kafka_offset"),
        )
        .match_to_schema(EVENTS)
    )


def _write(lake: Lake, hour: datetime, events: pl.DataFrame) -> MadeFile:
    (item,) = encode_hours("bench", events)
    path = data_path(hour, str(uuid4()))
    target = lake.root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(item.content)
    return MadeFile(path, hour, item.n_rows, item.sum_bytes, hashlib.sha256(item.content).hexdigest())


def _enter(world: World, files: list[MadeFile]) -> None:
    columns = (
        pl.Series([file.path for file in files]),
        pl.Series([file.hour for file in files], dtype=TIMESTAMP),
        pl.Series([file.n_rows for file in files]),
        pl.Series([file.sum_bytes for file in files]),
        pl.Series([file.sha256 for file in files]),
    )
    with Database(world.dsn) as database, database.transaction() as tx:
        tx.query_text(_ENTER, *columns)
