"""Where reading of each partition goes on: the ledger's stream_offset rows."""

from collections.abc import Mapping, Sequence
from typing import Final

import polars as pl

from antennactl.ledger.connection import Transaction
from antennactl.rules.offsets import LostRange, OffsetRange
from antennactl.schemas import TIMESTAMP

NO_TIMES: Final = pl.DataFrame(schema={"kafka_partition": pl.Int32, "max_event_time": TIMESTAMP})
"""No partition's `max_event_time` changes."""


def read_offsets(transaction: Transaction, topic_id: str) -> pl.DataFrame:
    """Return kafka_partition, next_offset, max_event_time and caught_up_at of every partition of the topic."""
    return transaction.query("read_offsets", topic_id)


def read_topics(transaction: Transaction) -> pl.DataFrame:
    """Return topic_id, topic and last_update of every topic read from; one, but for topics made again."""
    return transaction.query("read_topics")


def insert_offsets(transaction: Transaction, topic_id: str, topic: str, starts: Mapping[int, int]) -> None:
    """Give each partition that has none a row that begins at its start; rows that stand are left alone."""
    transaction.query(
        "insert_offsets",
        topic_id,
        topic,
        pl.Series(list(starts.keys()), dtype=pl.Int32),
        pl.Series(list(starts.values()), dtype=pl.Int64),
    )


def advance_offsets(
    transaction: Transaction, topic_id: str, ranges: Sequence[OffsetRange], max_event_times: pl.DataFrame
) -> bool:
    """Move next_offset of each range's partition if it still is the range's first offset; return whether all were.

    False: another worker has moved on, and the caller has to discard its batch and roll back.
    """
    newest = dict(zip(max_event_times["kafka_partition"], max_event_times["max_event_time"], strict=True))
    moved = transaction.query(
        "advance_offsets",
        topic_id,
        pl.Series([item.kafka_partition for item in ranges], dtype=pl.Int32),
        pl.Series([item.first_offset for item in ranges], dtype=pl.Int64),
        pl.Series([item.next_offset for item in ranges], dtype=pl.Int64),
        pl.Series([newest.get(item.kafka_partition) for item in ranges], dtype=TIMESTAMP),
        pl.Series([item.caught_up_at for item in ranges], dtype=TIMESTAMP),
    )
    return moved.height == len(ranges)


def record_lost(transaction: Transaction, topic_id: str, lost: Sequence[LostRange]) -> None:
    """Write offsets that the topic lost down as skipped (reason `lost`) and go on after them.

    A partition that somebody else has moved meanwhile is left alone, for that one alone.
    """
    none = pl.Series([0], dtype=pl.Int64)
    for item in sorted(lost, key=lambda item: item.kafka_partition):
        ranges = [OffsetRange(item.kafka_partition, item.next_offset, item.log_start)]
        if advance_offsets(transaction, topic_id, ranges, NO_TIMES):
            insert_ranges(transaction, topic_id, None, ranges, none, none, "lost")


def insert_ranges(  # noqa: PLR0913, PLR0917 - a row of offset_range has these columns
    transaction: Transaction,
    topic_id: str,
    batch_id: str | None,
    ranges: Sequence[OffsetRange],
    n_events: pl.Series,
    n_rejects: pl.Series,
    reason: str,
) -> None:
    """Record what became of each range: events and rejects as counted, the rest skipped for `reason`."""
    transaction.query(
        "insert_offset_ranges",
        topic_id,
        batch_id,
        pl.Series([item.kafka_partition for item in ranges], dtype=pl.Int32),
        pl.Series([item.first_offset for item in ranges], dtype=pl.Int64),
        pl.Series([item.next_offset for item in ranges], dtype=pl.Int64),
        n_events.cast(pl.Int64),
        n_rejects.cast(pl.Int64),
        reason,
    )
