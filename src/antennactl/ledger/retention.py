"""An open transaction in, the ledger's side of retention out: the floor, lots of old results, old hours of the lake."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antennactl import failpoints
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.hours import read_retention_floor
from antennactl.ledger.setting import RETENTION_FLOOR
from antennactl.rules.hours import HOUR

# Table → the statement that deletes a lot of it. The index of each starts with its window or hour.
_LOTS: Final = {
    "bytes": "prune_bytes",
    "bytes_hourly": "prune_bytes_hourly",
    "user_quota_limit": "prune_user_quota_limit",
}

# A lot is deleted in some tens of milliseconds: nobody who adds to one of its rows waits longer.
_LOT_ROWS: Final = 10_000


@dataclass(frozen=True)
class OldHour:
    """An hour of the lake before the floor: its live files, and whether all of them stand in the lake."""

    hour: datetime
    n_files: int
    n_rows: int
    is_published: bool


def raise_floor(tx: Transaction, floor: datetime) -> datetime:
    """Store `floor` as the oldest hour kept, unless a newer one is stored; return what is stored then."""
    tx.query("raise_floor", RETENTION_FLOOR, floor.isoformat())
    return read_retention_floor(tx) or floor


def require_rights(tx: Transaction, floor: datetime) -> None:
    """Raise UsageError when this role may not delete results, by deleting none: the floor cannot be taken back."""
    for statement in _LOTS.values():
        tx.query(statement, floor, 0)


def find_oldest_results(tx: Transaction, floor: datetime, after: datetime | None) -> datetime | None:
    """Return the oldest hour before `floor`, from `after` on, that has live or hourly totals or users over quota."""
    hour: datetime | None = tx.query("find_oldest_results", floor, after).item()
    return hour


def count_old_results(tx: Transaction, floor: datetime) -> dict[str, int]:
    """Return how many rows of results each table has before `floor`."""
    return dict(tx.query("count_old_results", floor).row(0, named=True))


def delete_results(database: Database, hour: datetime) -> Iterator[tuple[str, int]]:
    """Delete all results of an hour, a lot a transaction, and yield (table, rows) after each.

    Only row locks are taken, and only on rows of this hour.
    """
    for table, statement in _LOTS.items():
        n_rows = _LOT_ROWS
        while n_rows == _LOT_ROWS:
            with database.transaction() as tx:
                n_rows = int(tx.query(statement, hour, _LOT_ROWS).item())
            yield table, n_rows
            failpoints.reach("prune_between_lots")


def find_result_hours(database: Database, floor: datetime) -> Iterator[datetime]:
    """Yield each hour before `floor` that has results, oldest first, found by hopping along the indexes."""
    after = None
    while True:
        with database.transaction() as tx:
            hour = find_oldest_results(tx, floor, after)
        if hour is None:
            return
        yield hour
        after = hour + HOUR


def read_old_hours(tx: Transaction, floor: datetime) -> list[OldHour]:
    """Return the hours of the lake before `floor` that have live files, oldest first."""
    return [OldHour(**row) for row in tx.query("read_old_lake_hours", floor).iter_rows(named=True)]


def remove_files(tx: Transaction, hour: datetime) -> tuple[int, int]:
    """Take the hour's published files off the list of what makes up the lake; return how many, and their rows."""
    removed = tx.query("remove_pruned_files", hour)
    return removed.height, int(removed["n_rows"].sum())
