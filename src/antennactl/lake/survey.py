"""A lake whose ledger was lost in; its files, sound or not, out; staged ones that were committed put in their place."""

import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import PurePosixPath
from typing import Final

import polars as pl

from antennactl.lake.files import make_folders, sync_up
from antennactl.lake.inventory import digest_file, folder_hour, list_data, show_path
from antennactl.lake.layout import Lake, data_path
from antennactl.lake.publish import move_into_data
from antennactl.schemas import LAKE, TIMESTAMP

FOUND: Final = pl.Schema(
    {
        "path": pl.String(),
        "hour": TIMESTAMP,
        "batch_id": pl.String(),
        "sha256": pl.String(),
        "problem": pl.String(),
    }
)
"""A file that stands in the lake: `batch_id` as its name says, `problem` why it can be no part of it, or null."""

_UUID: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_PART: Final = re.compile(rf"part-({_UUID})\.parquet")
_STAGED: Final = re.compile(rf"({_UUID})-(\d{{8}}T\d\d)\.parquet")
# Hashing lets other threads run: one reads while another one hashes.
_HASHERS: Final = 4


def survey_files(
    lake: Lake, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> pl.DataFrame:
    """Return FOUND of every file below `data/` that some engine may read, in order of hour and path.

    Of the content only the footer is looked at, and the sha256 taken. Raises StorageUnavailableError when the lake
    cannot be read. `progress` gets (files, of how many).
    """
    paths = sorted(list_data(lake).paths)
    with ThreadPoolExecutor(_HASHERS) as pool:
        rows = []
        for row in pool.map(lambda path: _look_at(lake, path), paths):
            rows.append(row)
            progress(len(rows), len(paths))
    return pl.DataFrame(rows, schema=FOUND, orient="row").sort("hour", "path")


def list_staged(lake: Lake) -> list[str]:
    """Return the paths, relative to the lake, of what lies in staging, whoever put it there."""
    try:
        found = sorted(lake.files.walk(lake.staging))
    except OSError as error:
        raise lake.unusable(error, "read") from error
    return [path.relative_to(lake.root).as_posix() for path in found]


def publish_committed(lake: Lake, staged: Sequence[str]) -> list[str]:
    """Rename those of the `staged` files into `data/` whose micro-batch stands there already; return their paths.

    One file of a batch in the lake proves that the batch was committed: renames follow the commit. Safe to repeat.
    Raises StorageUnavailableError when the lake cannot be written.
    """
    batches = {
        name[1] for path in list_data(lake).paths if (name := _PART.fullmatch(PurePosixPath(path).name))
    }
    published = []
    try:
        for path in staged:
            name = _STAGED.fullmatch(PurePosixPath(path).name)
            if name is None or name[1] not in batches:
                continue
            target = data_path(datetime.strptime(f"{name[2]}+0000", "%Y%m%dT%H%z"), name[1])
            folder = (lake.root / target).parent
            make_folders(lake.files, folder)
            sync_up(lake.files, lake.root, [folder.parent])
            if move_into_data(lake, path, target):
                published.append(path)
            lake.files.sync_folder(folder)
    except OSError as error:
        raise lake.unusable(error) from error
    return published


def _look_at(lake: Lake, path: str) -> tuple[str, datetime | None, str | None, str | None, str | None]:
    shown, hour = show_path(path), folder_hour(path)
    name = _PART.fullmatch(PurePosixPath(path).name)
    batch_id = name[1] if name else None
    if shown != path:
        return shown, hour, batch_id, None, "has a name that is no text"
    digest = digest_file(lake, path, None)
    problem = "lies in no folder of an hour" if hour is None else _find_problem(lake, path)
    return path, hour, batch_id, digest, problem


def _find_problem(lake: Lake, path: str) -> str | None:
    try:
        with lake.files.local(lake.root / path).open("rb") as file:
            found = pl.read_parquet_schema(file)
    except (pl.exceptions.PolarsError, OSError):
        return "is no sound Parquet file"
    return None if dict(found) == dict(LAKE) else "has other columns than a lake file"
