"""A lake without a ledger in; what its files hold out, an hour at a time."""

import hashlib
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

import polars as pl

from antennactl.errors import InconsistentError
from antennactl.lake.files import make_folders, sync_up
from antennactl.lake.inventory import folder_hour, list_data
from antennactl.lake.layout import Lake, data_path
from antennactl.lake.publish import move_into_data
from antennactl.schemas import LAKE

_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PART: Final = re.compile(rf"part-({_UUID})\.parquet")
_STAGED: Final = re.compile(rf"({_UUID})-(\d{{4}})(\d\d)(\d\d)T(\d\d)\.parquet")


@dataclass(frozen=True)
class FoundFile:
    """One file that stands in the lake, and what it holds."""

    path: str
    hour: datetime
    n_rows: int
    sum_bytes: int
    sha256: str
    batch_id: str | None


def survey_hours(lake: Lake) -> Iterator[tuple[datetime, list[FoundFile], pl.DataFrame]]:
    """Yield (hour, its files, their rows in schema LAKE), oldest first; one hour is in memory at a time.

    Raises InconsistentError, naming the file, for one that cannot be read, has other columns, or holds rows of
    another hour than its folder says.
    """
    by_hour: dict[datetime, list[str]] = {}
    for path in sorted(list_data(lake).paths):
        hour = folder_hour(path)
        if hour is None:
            raise _broken(path, "stands in no folder of an hour")
        by_hour.setdefault(hour, []).append(path)
    for hour in sorted(by_hour):
        found = [_read_file(lake, path, hour) for path in by_hour[hour]]
        yield hour, [file for file, _ in found], pl.concat([rows for _, rows in found])


def settle_staging(lake: Lake) -> tuple[int, int]:
    """Publish staged files whose micro-batch already stands in the lake, drop the others; return how many of each.

    One file of a batch in the lake proves that the batch was committed: renames follow the commit.
    """
    batches = {name[1] for path in list_data(lake).paths if (name := _PART.search(path))}
    published = dropped = 0
    for path in sorted(lake.staging.rglob("*.parquet")) if lake.staging.is_dir() else []:
        name = _STAGED.fullmatch(path.name)
        if name is not None and name[1] in batches:
            target = data_path(
                datetime.fromisoformat(f"{name[2]}-{name[3]}-{name[4]}T{name[5]}:00:00+00:00"), name[1]
            )
            folder = (lake.root / target).parent
            make_folders(lake.files, folder)
            move_into_data(lake, str(path.relative_to(lake.root)), target)
            sync_up(lake.files, lake.root, [folder])
            published += 1
        else:
            path.unlink(missing_ok=True)
            dropped += 1
    return published, dropped


def _read_file(lake: Lake, path: str, hour: datetime) -> tuple[FoundFile, pl.DataFrame]:
    content = (lake.root / path).read_bytes()
    try:
        rows = pl.read_parquet(io.BytesIO(content)).match_to_schema(LAKE)
    except pl.exceptions.PolarsError as error:
        raise _broken(path, f"cannot be read ({type(error).__name__})") from error
    if not rows.filter(pl.col("timestamp").dt.truncate("1h") != hour).is_empty():
        raise _broken(path, "holds rows of another hour")
    name = _PART.fullmatch(PurePosixPath(path).name)
    digest = hashlib.sha256(content).hexdigest()
    found = FoundFile(path, hour, rows.height, int(rows["bytes"].sum()), digest, name[1] if name else None)
    return found, rows


def _broken(path: str, why: str) -> InconsistentError:
    return InconsistentError(
        f"lake file {path} {why}",
        hint="move it out of the lake and run again: what it held is read again from Kafka, where it still is",
    )
