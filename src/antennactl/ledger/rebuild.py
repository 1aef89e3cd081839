"""What was found in a lake in, the ledger's rows that say so out; written in the caller's one transaction."""

from collections.abc import Sequence

import polars as pl

from antennactl.errors import UsageError
from antennactl.lake.stage import StagedFile
from antennactl.ledger.connection import Transaction
from antennactl.ledger.offsets import insert_ranges
from antennactl.rules.offsets import OffsetRange
from antennactl.schemas import TIMESTAMP

PARTITIONS = pl.Schema(
    {
        "kafka_partition": pl.Int32(),
        "first_offset": pl.Int64(),
        "next_offset": pl.Int64(),
        "n_events": pl.Int64(),
        "n_rejects": pl.Int64(),
        "max_event_time": TIMESTAMP,
    }
)
"""What was read of each partition of a topic: of the offsets [first_offset, next_offset) the rest was skipped."""

_FILES = 200_000
_LETTERS = 500


def require_empty(tx: Transaction) -> None:
    """Keep everybody else out until the transaction ends; raise UsageError when the ledger is not empty."""
    tx.query("stay_in_transaction")
    tx.query("lock_ledger")
    if not tx.query("is_ledger_empty").item():
        message = "this ledger is not empty: rebuild makes one from nothing"
        raise UsageError(
            message, hint="make a new database, run antennactl provision, and name it with --dsn"
        )


def insert_found_files(tx: Transaction, files: pl.DataFrame) -> None:
    """Enter files as published: path, hour, n_rows, sum_bytes, sha256, batch_id."""
    for part in files.iter_slices(_FILES):
        columns = ("path", "hour", "n_rows", "sum_bytes", "sha256", "batch_id")
        tx.query("insert_rebuilt_files", *(part[column] for column in columns))


def insert_staged_files(tx: Transaction, batch_id: str, files: Sequence[StagedFile]) -> None:
    """Enter files that are staged and will be published after the commit."""
    tx.query(
        "insert_lake_files",
        batch_id,
        pl.Series([file.path for file in files], dtype=pl.String),
        pl.Series([file.stage_path for file in files], dtype=pl.String),
        pl.Series([file.hour for file in files], dtype=TIMESTAMP),
        pl.Series([file.n_rows for file in files], dtype=pl.Int64),
        pl.Series([file.sum_bytes for file in files], dtype=pl.Int64),
        pl.Series([file.sha256 for file in files], dtype=pl.String),
    )


def insert_letters(tx: Transaction, topic_id: str, topic: str, rejects: pl.DataFrame) -> None:
    """Enter REJECTS as dead letters."""
    columns = ("kafka_partition", "kafka_offset", "reason", "detail", "payload", "payload_bytes")
    for part in rejects.iter_slices(_LETTERS):
        if part.height:
            tx.query("insert_dead_letters", topic_id, topic, *(part[column] for column in columns))


def insert_partitions(tx: Transaction, topic_id: str, topic: str, partitions: pl.DataFrame) -> None:
    """Enter PARTITIONS: what was read of each, and where reading goes on.

    What is neither an event nor a reject is skipped, for the reason `rebuilt`.
    """
    tx.query(
        "insert_rebuilt_offsets",
        topic_id,
        topic,
        partitions["kafka_partition"],
        partitions["next_offset"],
        partitions["max_event_time"].cast(TIMESTAMP),
    )
    read = partitions.filter(pl.col("next_offset") > pl.col("first_offset"))
    columns = ("kafka_partition", "first_offset", "next_offset")
    ranges = [OffsetRange(*row) for row in read.select(columns).iter_rows()]
    insert_ranges(tx, topic_id, None, ranges, read["n_events"], read["n_rejects"], "rebuilt")
