"""Events in, one Parquet file an hour out in the worker's staging folder: synced to disk, not yet part of the lake."""

import hashlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl

from antennactl import failpoints
from antennactl.errors import StorageUnavailableError
from antennactl.lake.files import Content, each, make_folders, sync_up
from antennactl.lake.layout import Lake, data_path, stage_path
from antennactl.schemas import LAKE, TIMESTAMP

_HOUR_US = 3_600_000_000
# Small enough that a reader skips most of a file by its statistics, large enough to compress well.
_ROW_GROUP_ROWS = 122_880


@dataclass(frozen=True)
class HourFile:
    """What is to be written of one hour: the bytes of a Parquet file and what they hold."""

    hour: datetime
    n_rows: int
    sum_bytes: int
    content: Content


@dataclass(frozen=True)
class StagedFile:
    """One written and synced file: where it is, where it will be published, and what it must be found to hold."""

    path: str
    stage_path: str
    hour: datetime
    n_rows: int
    sum_bytes: int
    sha256: str


def stage_events(
    lake: Lake, worker: str, batch_id: str, topic_id: str, events: pl.DataFrame
) -> list[StagedFile]:
    """Write EVENTS as LAKE files, one an hour of event time, and return them in order of their hours.

    Guarantees and raises what `stage_files` does.
    """
    return stage_files(lake, worker, batch_id, encode_hours(topic_id, events))


def stage_files(lake: Lake, worker: str, batch_id: str, hours: Iterable[HourFile]) -> list[StagedFile]:
    """Write a micro-batch's files, one an hour, and return them in the order given.

    When it returns, files and folder entries are on disk (fsync). Raises StorageUnavailableError (disk full, lake
    read-only) after removing what it had written; nothing then refers to it.
    """
    staged: list[StagedFile] = []
    folder = lake.staging / worker

    def name() -> Iterator[tuple[str, HourFile]]:
        # What is about to be written is listed before, so that it is removed when that fails.
        for item in hours:
            where = stage_path(worker, item.hour, batch_id)
            digest = hashlib.sha256(item.content).hexdigest()
            target = data_path(item.hour, batch_id)
            staged.append(StagedFile(target, where, item.hour, item.n_rows, item.sum_bytes, digest))
            yield where, item

    try:
        make_folders(lake.files, folder)
        for _ in each(lake.files, lambda named: _write(lake, *named), name()):
            pass
        sync_up(lake.files, lake.root, [folder])
    except OSError as error:
        discard_staged(lake, staged)
        raise lake.unusable(error) from error
    except StorageUnavailableError:
        discard_staged(lake, staged)
        raise
    failpoints.reach("after_fsync")
    return staged


def encode_hours(topic_id: str, events: pl.DataFrame) -> Iterator[HourFile]:
    """Yield a LAKE file an hour of event time, oldest first; one at a time is in memory."""
    for hour, rows in _split_by_hour(events):
        buffer = io.BytesIO()
        rows.with_columns(topic_id=pl.lit(topic_id)).match_to_schema(LAKE).write_parquet(
            buffer, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP_ROWS
        )
        yield HourFile(hour, rows.height, int(rows["bytes"].sum()), buffer.getbuffer())


def discard_staged(lake: Lake, staged: Iterable[StagedFile]) -> None:
    """Remove the files of a micro-batch that was not committed. Never raises: what stays is cleaned up later."""
    for file in staged:
        try:
            lake.files.remove(lake.root / file.stage_path)
        except OSError:
            continue


def _split_by_hour(events: pl.DataFrame) -> Iterator[tuple[datetime, pl.DataFrame]]:
    """Yield (hour, events of it), oldest first, in order of identity.

    A partition's neighbours are near in time: readers skip row groups by time as well as by offset. An order by
    antenna and user makes a file of twice the size and takes five times the work.
    """
    if events.is_empty():
        return
    hours = (pl.col("timestamp").to_physical() // _HOUR_US).alias("hour_number")
    numbered = _order_by_identity(events).with_columns(hours)
    for number in numbered["hour_number"].unique().sort():
        rows = numbered.filter(pl.col("hour_number") == number).drop("hour_number")
        yield datetime.fromtimestamp(number * 3600, tz=UTC), rows.cast({"timestamp": TIMESTAMP})


def _order_by_identity(events: pl.DataFrame) -> pl.DataFrame:
    """Return the events by (partition, offset). Those of a partition mostly stand in order and in long runs.

    To take them out one partition after the other is a tenth of the work of sorting them all.
    """
    partitions = events["kafka_partition"].unique().sort()
    parts = [events.filter(pl.col("kafka_partition") == partition) for partition in partitions]
    return pl.concat(
        [
            part if part["kafka_offset"].is_sorted() else part.sort("kafka_offset", maintain_order=True)
            for part in parts
        ]
    )


def _write(lake: Lake, where: str, item: HourFile) -> None:
    """Write one file, sync it, and read its footer back."""
    path = lake.root / where
    lake.files.write(path, item.content)
    found = lake.files.count_rows(path)
    if found != item.n_rows:
        message = f"{lake.show(path)} holds {found} rows after writing {item.n_rows}"
        raise StorageUnavailableError(message)
