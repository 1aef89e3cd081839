"""Published files of an hour in, one sorted file with their rows out: on disk, and not yet part of the lake."""

from datetime import datetime
from pathlib import Path

import polars as pl

from antennactl.engines.rewrite import rewrite_sorted
from antennactl.errors import FileNotReachableError, InconsistentError
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
        with lake.naming():
            counted = rewrite_sorted(_bring(lake, files), lake.files.local(target))
        _require_counts(files, counted, hour)
        digest = lake.files.seal(target)
        sync_up(lake.files, lake.root, [target.parent])
    except OSError as error:
        discard_built(lake, stage_path)
        raise lake.unusable(error) from error
    except BaseException:
        discard_built(lake, stage_path)
        raise
    return StagedFile(path, stage_path, hour, *counted, digest)


def discard_built(lake: Lake, stage_path: str) -> None:
    """Remove a built file that is known not to be committed, with its folder. Never raises."""
    lake.files.remove_tree((lake.root / stage_path).parent)


def _require_whole(lake: Lake, files: pl.DataFrame) -> None:
    for path, digest in files.select("path", "sha256").iter_rows():
        found = digest_file(lake, path, None)
        if found is None:
            raise _gone(lake, path)
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


def _bring(lake: Lake, files: pl.DataFrame) -> list[Path]:
    paths = files["path"].to_list()
    places = lake.files.bring([[lake.root / path] for path in paths])
    for path, place in zip(paths, places, strict=True):
        if place is None:
            raise _gone(lake, path)
    return [place for place in places if place is not None]


def _gone(lake: Lake, path: str) -> FileNotReachableError:
    message = f"committed lake file {path} is not in {lake.name}"
    return FileNotReachableError(message, hint="is --lake the lake that the stream writes to?")
