"""Published files of an hour in, one sorted file with their rows out: on disk, and not yet part of the lake."""

import hashlib
import os
import shutil
from datetime import datetime
from pathlib import Path

import polars as pl

from antennactl.engines.rewrite import rewrite_sorted
from antennactl.errors import FileNotReachableError, InconsistentError, StorageUnavailableError
from antennactl.lake.exchange import exchange_folder
from antennactl.lake.files import make_folders, sync_up
from antennactl.lake.inventory import digest_file
from antennactl.lake.layout import Lake, data_path
from antennactl.lake.stage import StagedFile


def build_file(lake: Lake, hour: datetime, files: pl.DataFrame, name: str) -> StagedFile:
    """Make `files` (ledger.compaction.PUBLISHED) of `hour` into one file called by `name`, and return it.

    When it returns, the file and its folder are on disk. Raises InconsistentError when a file is not what was
    committed or the new one does not hold the same rows, FileNotReachableError when one is not there,
    StorageUnavailableError when the lake cannot be written; what was built is then removed.
    """
    path = data_path(hour, name)
    stage_path = f"{exchange_folder(hour, name)}/{Path(path).name}"
    target = lake.root / stage_path
    try:
        _require_whole(lake, files)
        make_folders(lake.files, target.parent)
        counted = rewrite_sorted([lake.root / file for file in files["path"]], target)
        _require_counts(files, counted, hour)
        digest = _sync_and_digest(target)
        sync_up(lake.files, lake.root, [target.parent])
    except OSError as error:
        discard_built(lake, stage_path)
        message = f"cannot write to the lake {lake.root}: {error.strerror or type(error).__name__}"
        raise StorageUnavailableError(message, hint="free space, or make the folder writable") from error
    except BaseException:
        discard_built(lake, stage_path)
        raise
    return StagedFile(path, stage_path, hour, *counted, digest)


def discard_built(lake: Lake, stage_path: str) -> None:
    """Remove a built file that is known not to be committed, with its folder. Never raises."""
    shutil.rmtree((lake.root / stage_path).parent, ignore_errors=True)


def _require_whole(lake: Lake, files: pl.DataFrame) -> None:
    for path, digest in files.select("path", "sha256").iter_rows():
        found = digest_file(lake, path, None)
        if found is None:
            message = f"committed lake file {path} is not in {lake.root}"
            raise FileNotReachableError(message, hint="is --lake the lake that the stream writes to?")
        if found != digest:
            message = f"{path} is not what was committed: changed, cut short or replaced; nothing was changed"
            raise InconsistentError(message, hint="find every difference with: antennactl verify")


def _require_counts(files: pl.DataFrame, counted: tuple[int, int], hour: datetime) -> None:
    stored = (int(files["n_rows"].sum()), int(files["sum_bytes"].sum()))
    if counted != stored:
        message = (
            f"the files of {hour:%Y-%m-%dT%HZ} hold rows={counted[0]} bytes={counted[1]}, "
            f"the ledger says rows={stored[0]} bytes={stored[1]}"
        )
        raise InconsistentError(message, hint="find every difference with: antennactl verify")


def _sync_and_digest(target: Path) -> str:
    with target.open("rb") as file:
        os.fsync(file.fileno())
        return hashlib.file_digest(file, "sha256").hexdigest()
