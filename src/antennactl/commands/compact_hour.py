"""An hour in, the same hour in one sorted file out: for `compact`, and for `batch --compact` after an hour's run."""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from antennactl import failpoints
from antennactl.errors import NotReadyError
from antennactl.lake.compact import build_file, discard_built
from antennactl.lake.exchange import finish_exchanges, is_built
from antennactl.lake.layout import Lake
from antennactl.lake.recover import recover_lake
from antennactl.lake.stage import StagedFile
from antennactl.ledger.compaction import read_published_files, read_unpublished, replace_files
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.locks import (
    giving_back,
    hold_hour_files,
    release_hour_files,
    try_hold_hour_files_alone,
    try_hold_removal,
)
from antennactl.ledger.micro_batch import new_batch_id
from antennactl.schemas import TIMESTAMP

_POLL_S: Final = 0.05
_PATIENCE_S: Final = 60.0


class HourHeldError(NotReadyError):
    """Another command is at work on the hour's files."""


_COLUMNS: Final = pl.Schema(
    [
        ("hour", TIMESTAMP),
        ("files", pl.Int64),
        ("rows", pl.Int64),
        ("bytes before", pl.Int64),
        ("bytes after", pl.Int64),
    ],
)


@dataclass(frozen=True)
class Compaction:
    """What became of an hour: so many files were made into one; `n_files` 1 or 0 is an hour that was left as it is."""

    hour: datetime
    n_files: int
    n_rows: int
    old_bytes: int
    new_bytes: int


def compaction_table(done: Sequence[Compaction]) -> pl.DataFrame:
    """Return a row an hour, as they are printed."""
    rows = [(item.hour, item.n_files, item.n_rows, item.old_bytes, item.new_bytes) for item in done]
    return pl.DataFrame(rows, schema=_COLUMNS, orient="row")


def compact_hour(database: Database, lake: Lake, hour: datetime, stop: threading.Event) -> Compaction:
    """Put one sorted file in the place of the hour's published files: all of them, or none.

    (1) publish what was committed, (2) build the new file beside the lake, the hour's file lock shared, (3) take that
    lock alone, (4) one transaction replaces the files in the ledger, (5) the folders are exchanged and the old one
    removed. Killed after (4), recovery makes the exchange; before it, nothing has changed. Late files are published
    into the hour meanwhile and stay.

    Raises HourHeldError when others do not let go of the hour, and what `recover_lake` and `build_file` raise.
    """
    with holding_removal(database, hour):
        # (1) Part of the hour are rows that were committed, published or not.
        recover_lake(database, lake, [hour])
        # (2) Whoever publishes or reads may do so meanwhile; nobody removes a file.
        with database.transaction() as tx:
            hold_hour_files(tx, hour)
            _require_settled(tx, hour)
            files = read_published_files(tx, hour)
        if files.height < 2:  # noqa: PLR2004 - one file is what would come out
            return Compaction(hour, files.height, int(files["n_rows"].sum()), 0, 0)
        built = build_file(lake, hour, files, new_batch_id())
        try:
            old_bytes = sum(lake.files.size(lake.root / path) for path in files["path"])
            new_bytes = lake.files.size(lake.root / built.stage_path)
        except OSError as error:
            raise lake.unusable(error, "read") from error
        # (3) Shared no longer: two that share it and wait to have it alone would wait for ever.
        with database.transaction() as tx:
            release_hour_files(tx, hour)
        _take_alone(database, lake, built, stop)
        _replace(database, lake, files, built)
    return Compaction(hour, files.height, built.n_rows, old_bytes, new_bytes)


@contextmanager
def holding_removal(database: Database, hour: datetime) -> Iterator[None]:
    """Hold the hour's removal lock; at the end it and every other lock are given back. Raises HourHeldError."""
    with giving_back(database):
        with database.transaction() as tx:
            is_held = try_hold_removal(tx, hour)
        _require_held(hour, is_held=is_held)
        yield


def _require_held(hour: datetime, *, is_held: bool) -> None:
    if not is_held:
        message = f"another compact or prune is at work on {hour:%Y-%m-%dT%HZ}"
        raise HourHeldError(message, hint="wait for it, then run this again")


def _require_settled(tx: Transaction, hour: datetime) -> None:
    # An exchange that an ended run owes, and that somebody who reads the hour keeps recovery from making.
    if any(map(is_built, read_unpublished(tx, hour)["stage_path"])):
        raise _in_use(hour)


def _in_use(hour: datetime) -> HourHeldError:
    message = f"the files of {hour:%Y-%m-%dT%HZ} are in use"
    return HourHeldError(message, hint="is a batch of the hour running? Run this again after it")


def _take_alone(database: Database, lake: Lake, built: StagedFile, stop: threading.Event) -> None:
    if not take_hour_alone(database, built.hour, stop):
        discard_built(lake, built.stage_path)
        raise _in_use(built.hour)


def take_hour_alone(database: Database, hour: datetime, stop: threading.Event) -> bool:
    """Hold the hour's file lock alone until `release_all`; False when others kept it for a minute, or at a stop."""
    deadline = time.monotonic() + _PATIENCE_S
    while not stop.is_set():
        with database.transaction() as tx:
            if try_hold_hour_files_alone(tx, hour):
                return True
        if time.monotonic() > deadline or stop.wait(_POLL_S):
            return False
    return False


def _replace(database: Database, lake: Lake, files: pl.DataFrame, built: StagedFile) -> None:
    failpoints.reach("compact_before_commit")
    # (4) The commit point: all of it or nothing.
    with database.transaction() as tx:
        is_replaced = replace_files(tx, files["path"].to_list(), pl.DataFrame([_row(built)]))
    if not is_replaced:
        discard_built(lake, built.stage_path)
        message = f"files of {built.hour:%Y-%m-%dT%HZ} were removed while they were read; nothing was changed"
        raise HourHeldError(message, hint="run this again")
    failpoints.reach("compact_after_commit")
    # (5) From here on recovery does the same.
    finish_exchanges(database, lake, [built.hour])


def _row(built: StagedFile) -> dict[str, object]:
    names = ("path", "stage_path", "hour", "n_rows", "sum_bytes", "sha256")
    return {name: getattr(built, name) for name in names}
