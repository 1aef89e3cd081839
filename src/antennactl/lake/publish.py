"""Committed files in, the same files in the lake out: the rename that makes rows visible to every reader.

Only ever after the commit: a file renamed before it would stand in the lake twice when the batch is read again.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from antennactl import failpoints
from antennactl.errors import FileNotReachableError
from antennactl.lake.layout import Lake
from antennactl.lake.stage import StagedFile, sync_folder
from antennactl.ledger.connection import Database
from antennactl.ledger.locks import share_hour_files


def publish_files(database: Database, lake: Lake, files: Sequence[StagedFile]) -> None:
    """Rename each committed file to its place in `data/`, sync the folders and mark it published in the ledger.

    Safe to repeat and to run from two processes at once: a file that is gone from staging must stand at its target.
    Raises FileNotReachableError when it stands at neither; the other files of the call are still published.
    """
    if not files:
        return
    done: list[str] = []
    missing: list[str] = []
    with database.transaction() as transaction:
        for hour in sorted({file.hour for file in files}):
            share_hour_files(transaction, hour)
        for file in files:
            (done if move_into_data(lake, file.stage_path, file.path) else missing).append(file.path)
            failpoints.reach("between_renames")
        for folder in sorted({(lake.root / path).parent for path in done}):
            sync_folder(folder)
        failpoints.reach("before_published")
        transaction.query("mark_published", pl.Series(done, dtype=pl.String))
    if missing:
        message = f"committed lake file {missing[0]} is neither staged nor published under {lake.root}"
        raise FileNotReachableError(
            message,
            hint="run this on the host that wrote it, or give it the lake that the stream writes to",
        )


def move_into_data(lake: Lake, source: str, target: str) -> bool:
    """Rename a staged file to its place and return True; also when somebody else already has. False: it is gone."""
    to = lake.root / target
    make_folders(to.parent)
    try:
        os.rename(lake.root / source, to)
    except FileNotFoundError:
        return to.exists()
    return True


def make_folders(folder: Path) -> None:
    """Make a folder and its parents, each one's entry synced to disk."""
    if folder.is_dir():
        return
    make_folders(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)
