"""Committed files in, the same files in the lake out: the rename that makes rows visible to every reader.

Only ever after the commit: a file renamed before it would stand in the lake twice when the batch is read again.
"""

from collections.abc import Sequence

import polars as pl

from antennactl import failpoints
from antennactl.errors import FileNotReachableError
from antennactl.lake.files import each, make_folders, sync_up
from antennactl.lake.layout import Lake
from antennactl.lake.stage import StagedFile
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.locks import share_hour_files


def publish_files(database: Database, lake: Lake, files: Sequence[StagedFile]) -> None:
    """Rename each committed file to its place in `data/`, sync the folders and mark it published in the ledger.

    Safe to repeat and to run from two processes at once: a file that is gone from staging must stand at its target.
    Raises FileNotReachableError when it stands at neither (the other files of the call are still published), and
    StorageUnavailableError when the lake cannot be written.
    """
    if not files:
        return
    done: list[str] = []
    missing: list[str] = []
    with database.transaction() as transaction:
        for hour in sorted({file.hour for file in files}):
            share_hour_files(transaction, hour)
        try:
            _make_hour_folders(lake, files)
            moves = each(lake.files, lambda file: (file.path, _move(lake, file)), files)
            for path, is_there in moves:
                (done if is_there else missing).append(path)
            for folder in sorted({(lake.root / path).parent for path in done}):
                lake.files.sync_folder(folder)
        except OSError as error:
            raise lake.unusable(error) from error
        failpoints.reach("before_published")
        transaction.query("mark_published", pl.Series(done, dtype=pl.String))
        if missing:
            missing = _still_awaited(transaction, missing)
    if missing:
        message = f"committed lake file {missing[0]} is neither staged nor published under {lake.name}"
        raise FileNotReachableError(
            message,
            hint="run this on the host that wrote it, or give it the lake that the stream writes to",
        )


def _move(lake: Lake, file: StagedFile) -> bool:
    is_there = move_into_data(lake, file.stage_path, file.path)
    failpoints.reach("between_renames")
    return is_there


def _still_awaited(transaction: Transaction, paths: Sequence[str]) -> list[str]:
    """Return those of `paths` that are part of the lake: recovery may have published one, and compact removed it."""
    known = transaction.query("read_removals", pl.Series(paths, dtype=pl.String))
    removed = set(known.filter(pl.col("removed_by").is_not_null())["path"])
    return [path for path in paths if path not in removed]


def _make_hour_folders(lake: Lake, files: Sequence[StagedFile]) -> None:
    """Make the folders and put their names on disk, before a file is in one that a power cut could take along."""
    folders = sorted({(lake.root / file.path).parent for file in files})
    for folder in folders:
        make_folders(lake.files, folder)
    sync_up(lake.files, lake.root, {folder.parent for folder in folders})


def move_into_data(lake: Lake, source: str, target: str) -> bool:
    """Rename a staged file to its place and return True; also when somebody else already has. False: it is gone."""
    to = lake.root / target
    try:
        lake.files.rename(lake.root / source, to)
    except FileNotFoundError:
        return lake.files.is_file(to)
    return True
