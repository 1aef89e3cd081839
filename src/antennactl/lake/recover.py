"""Ledger and lake in, a lake that holds every committed row out: recovery rolls forward, and only forward.

It runs at the start, at each assignment, now and then, and before `batch` and `verify`. Two at once do no harm.
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from antennactl import failpoints
from antennactl.lake.exchange import finish_exchanges, is_built
from antennactl.lake.layout import Lake
from antennactl.lake.publish import publish_files
from antennactl.lake.stage import StagedFile
from antennactl.ledger.connection import Database
from antennactl.ledger.workers import declare_gone, read_workers
from antennactl.schemas import TIMESTAMP


def recover_lake(database: Database, lake: Lake, hours: Sequence[datetime] | None = None) -> int:
    """Publish every committed file that is not published yet (of `hours`, or of all); return how many there were.

    A compacted file waits for its hour's folder to be exchanged; that is left where somebody holds the hour's files.

    Then declare dead workers gone and clear what they staged and never committed. Raises FileNotReachableError when
    a committed file is neither staged nor published under this lake: it was written on another host; and
    StorageUnavailableError when the lake cannot be written.
    """
    _clear_gone_workers(database)
    pending = _read_unpublished(database, hours)
    built = [file for file in pending if is_built(file.stage_path)]
    publish_files(database, lake, [file for file in pending if file not in built])
    finish_exchanges(database, lake, [file.hour for file in built])
    failpoints.reach("inside_recovery")
    _clear_staging(database, lake)
    return len(pending)


def _read_unpublished(database: Database, hours: Sequence[datetime] | None) -> list[StagedFile]:
    wanted = None if hours is None else pl.Series(list(hours), dtype=TIMESTAMP)
    with database.transaction() as transaction:
        rows = transaction.query("read_unpublished", wanted)
    return [StagedFile(**row) for row in rows.iter_rows(named=True)]


def _clear_gone_workers(database: Database) -> None:
    with database.transaction() as transaction:
        declare_gone(transaction)


def _clear_staging(database: Database, lake: Lake) -> None:
    """Remove the staging folders of workers that have no row, but for files that a committed batch still waits for.

    The folders are listed before the ledger is read: a worker enters its row before it makes its folder.
    """
    try:
        folders = lake.files.list_folder(lake.staging)
    except OSError:  # not made yet, or not ours to look into
        return
    if not folders:
        return
    with database.transaction() as transaction:
        at_work = set(read_workers(transaction)["worker"])
    awaited = {file.stage_path for file in _read_unpublished(database, None)}
    for folder in folders:
        if folder not in at_work:
            _remove_folder(lake, lake.staging / folder, awaited)


def _remove_folder(lake: Lake, folder: Path, awaited: set[str]) -> None:
    # Another process may clear the same folder, and a lake may be readable only: neither is a failure.
    with contextlib.suppress(OSError):
        for name in lake.files.list_folder(folder):
            if (folder / name).relative_to(lake.root).as_posix() not in awaited:
                lake.files.remove(folder / name)
        lake.files.remove_folder(folder)
