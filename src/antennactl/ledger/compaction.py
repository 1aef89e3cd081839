"""An open transaction in, the ledger's side of a compaction out: one file put in the place of an hour's files."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import polars as pl

from antennactl.ledger.connection import Transaction
from antennactl.rules.compaction import HourFiles
from antennactl.schemas import TIMESTAMP

PUBLISHED: Final = pl.Schema(
    {"path": pl.String(), "n_rows": pl.Int64(), "sum_bytes": pl.Int64(), "sha256": pl.String()},
)
"""Published files of an hour, and what they must be found to hold."""


def read_hour_files(tx: Transaction, made_in: str) -> list[HourFiles]:
    """Return how many live files each hour has, and how many were staged below `made_in`, oldest hour first."""
    return [HourFiles(**row) for row in tx.query("read_exchange_hours", made_in).iter_rows(named=True)]


def read_published_files(tx: Transaction, hour: datetime) -> pl.DataFrame:
    """Return PUBLISHED, the hour's live files that stand in the lake."""
    return tx.query("read_published_files", hour).match_to_schema(PUBLISHED)


def replace_files(tx: Transaction, paths: Sequence[str], file: pl.DataFrame) -> bool:
    """Put `file`, built and not yet in the lake, in the place of `paths`; False, and nothing done: one of them is gone.

    `file` is one row: path, stage_path, hour, n_rows, sum_bytes, sha256. The ledger's account of rows, bytes and
    micro-batches stays true, since a removed file keeps its row.
    """
    replaced = pl.Series(list(paths), dtype=pl.String)
    if tx.query("hold_published_files", replaced).height != len(paths):
        return False
    tx.query("remove_compacted_files", replaced)
    tx.query("insert_compacted_file", *file.row(0))
    return True


def read_removed_paths(tx: Transaction, hour: datetime) -> set[str]:
    """Return every path of the hour that is no longer part of the lake, whether or not it still stands there."""
    return set(tx.query("read_removed_paths", hour)["path"])


def read_unpublished(tx: Transaction, hour: datetime) -> pl.DataFrame:
    """Return path and stage_path of the hour's committed files that are not known to stand in the lake."""
    hours = pl.Series([hour], dtype=TIMESTAMP)
    return tx.query("read_unpublished", hours).select("path", "stage_path")


def mark_published(tx: Transaction, path: str) -> None:
    """Note that a file stands in the lake."""
    tx.query("mark_published", pl.Series([path]))
