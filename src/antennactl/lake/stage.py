"""Events in, one Parquet file an hour out in the worker's staging folder, synced to disk but not yet part of the lake."""

import hashlib
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from antennactl import failpoints
from antennactl.errors import StorageUnavailableError
from antennactl.lake.layout import Lake, data_path, stage_path
from antennactl.schemas import LAKE, TIMESTAMP

_HOUR_US = 3_600_000_000
# Small enough that a reader skips most of a file by its statistics, large enough to compress well.
_ROW_GROUP_ROWS = 122_880


@dataclass(frozen=True)
class StagedFile:
    """One written and synced file: where it is, where it will be published, and what it must be found to hold."""

    path: str
    stage_path: str
    hour: datetime
    n_rows: int
    sum_bytes: int
    sha256: str


def stage_events(lake: Lake, worker: str, batch_id: str, topic_id: str, events: pl.DataFrame) -> list[StagedFile]:
    """Write EVENTS as LAKE files, one an hour of event time, and return them in order of their hours.

    When it returns, files and folder entries are on disk (fsync). Raises StorageUnavailableError (disk full, lake
    read-only) after removing what it had written; nothing then refers to it.
    """
    staged: list[StagedFile] = []
    try:
        (lake.staging / worker).mkdir(parents=True, exist_ok=True)
        for hour, rows in _split_by_hour(events):
            where = stage_path(worker, hour, batch_id)
            digest = _write(lake.root / where, rows.with_columns(topic_id=pl.lit(topic_id)).match_to_schema(LAKE))
            total = int(rows["bytes"].sum())
            staged.append(StagedFile(data_path(hour, batch_id), where, hour, rows.height, total, digest))
        sync_folder(lake.staging / worker)
    except OSError as error:
        for file in staged:
            (lake.root / file.stage_path).unlink(missing_ok=True)
        message = f"cannot write to the lake {lake.root}: {error.strerror}"
        raise StorageUnavailableError(message, hint="free space, or make the folder writable") from error
    failpoints.reach("after_fsync")
    return staged


def discard_staged(lake: Lake, staged: Iterable[StagedFile]) -> None:
    """Remove the files of a micro-batch that was not committed. Never raises: what stays is cleaned up later."""
    for file in staged:
        try:
            (lake.root / file.stage_path).unlink(missing_ok=True)
        except OSError:
            continue


def sync_folder(folder: Path) -> None:
    """Put a folder's entries on disk: without it a file's name may be gone after a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _split_by_hour(events: pl.DataFrame) -> Iterator[tuple[datetime, pl.DataFrame]]:
    """Yield (hour, events of it), oldest first. Sorting by key makes equal texts neighbours, which compresses."""
    if events.is_empty():
        return
    hours = (pl.col("timestamp").to_physical() // _HOUR_US).alias("hour_number")
    numbered = events.with_columns(hours).sort("hour_number", "antenna_id", "id", "timestamp")
    for rows in numbered.partition_by("hour_number", maintain_order=True):
        start = datetime.fromtimestamp(rows["hour_number"][0] * 3600, tz=UTC)
        yield start, rows.drop("hour_number").cast({"timestamp": TIMESTAMP})


def _write(path: Path, rows: pl.DataFrame) -> str:
    """Write one file, sync it, read its footer back, and return its sha256."""
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="zstd", compression_level=1, row_group_size=_ROW_GROUP_ROWS)
    content = buffer.getbuffer()
    try:
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
            failpoints.reach("mid_file")
            file.write(content[len(content) // 2 :])
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise
    found = pl.scan_parquet(path, glob=False).select(pl.len()).collect().item()
    if found != rows.height:
        message = f"{path} holds {found} rows after writing {rows.height}"
        raise StorageUnavailableError(message)
    return hashlib.sha256(content).hexdigest()
