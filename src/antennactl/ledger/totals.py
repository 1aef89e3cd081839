"""Totals of a micro-batch in, rows of `bytes` out: copied where their window has none, merged by addition elsewhere."""

from collections.abc import Iterator
from typing import Final

import polars as pl

from antennactl.ledger.connection import Transaction
from antennactl.schemas import TOTALS

# Arrays of one statement stay far below PostgreSQL's limit of 1 GB a value.
_MERGE_ROWS: Final = 200_000
# Below this a merge takes a few milliseconds, and the question which windows are empty is not worth its while.
MIN_COPIED: Final = 5_000


def add_totals(transaction: Transaction, totals: pl.DataFrame) -> None:
    """Add TOTALS, sorted by key, to those that are there; windows without any are copied, at a third of the cost.

    Raises KeyTakenError when another worker has begun such a window meanwhile: nothing is written then, and
    `merge_totals` does the same work in a new transaction.
    """
    if totals.height < MIN_COPIED:
        merge_totals(transaction, totals)
        return
    empty = transaction.query("find_empty_windows", totals["timestamp"].unique())["timestamp"]
    # In order of the keys throughout: another order deadlocks with a worker that merges the same windows.
    for is_empty, part in _split_by_emptiness(totals, empty):
        if is_empty:
            copy_totals(transaction, part)
        else:
            merge_totals(transaction, part)


def copy_totals(transaction: Transaction, totals: pl.DataFrame) -> None:
    """Enter TOTALS, sorted by key, whose keys are not there yet. Raises KeyTakenError when one is."""
    # COPY stores garbage for a mismatched type without a word: TOTALS is the table's schema.
    transaction.copy(totals.match_to_schema(TOTALS), "bytes", "public")


def merge_totals(transaction: Transaction, totals: pl.DataFrame) -> None:
    """Add TOTALS, sorted by key, to those that are there."""
    for part in totals.iter_slices(_MERGE_ROWS):
        transaction.query("merge_totals", *(part[column] for column in ("timestamp", "id", "value", "type")))


def _split_by_emptiness(totals: pl.DataFrame, empty: pl.Series) -> Iterator[tuple[bool, pl.DataFrame]]:
    """Yield the totals in stretches, in their order, with whether their windows are among `empty`."""
    is_empty = totals["timestamp"].is_in(empty.implode())
    start = 0
    for value, length in is_empty.rle().struct.unnest().select("value", "len").iter_rows():
        yield value, totals.slice(start, length)
        start += length
