"""Dead letters: what was rejected out, and a replay's events in by the one transaction that closes their letters."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from antennactl import failpoints
from antennactl.lake.stage import StagedFile
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.hours import read_retention_floor
from antennactl.ledger.locks import share_hour_files
from antennactl.ledger.micro_batch import Outcome
from antennactl.ledger.offsets import read_topics
from antennactl.ledger.totals import merge_totals
from antennactl.ledger.workers import touch_worker
from antennactl.schemas import TIMESTAMP

LETTERS: Final = pl.Schema(
    {
        "topic_id": pl.String(),
        "topic": pl.String(),
        "kafka_partition": pl.Int32(),
        "kafka_offset": pl.Int64(),
        "reason": pl.String(),
        "detail": pl.String(),
        "payload": pl.Binary(),  # null: a tombstone
        "payload_bytes": pl.Int64(),  # more than are stored: the end was cut off
        "rejected_at": TIMESTAMP,
        "replayed_at": TIMESTAMP,  # null: open
    },
)
"""Dead letters with their payload."""

IDENTITY: Final = ("topic_id", "kafka_partition", "kafka_offset")
IS_CUT: Final = pl.col("payload").bin.size().fill_null(0) < pl.col("payload_bytes")
"""Of LETTERS: whether the end of the payload is not stored."""

# Enough to make one lake file of many letters, little enough to hold in memory.
PAGE_ROWS: Final = 20_000
PAGE_BYTES: Final = 32 * 1024 * 1024

_BEFORE_ALL: Final = ("", -1, -1)


@dataclass(frozen=True)
class Replay:
    """What one transaction writes of one topic: letters to close, their events' files, and the totals.

    `letters` has kafka_partition and kafka_offset; `totals` is TOTALS sorted by key; `floor` the oldest hour kept
    by which the events were judged.
    """

    batch_id: str
    topic_id: str
    letters: pl.DataFrame
    files: Sequence[StagedFile]
    totals: pl.DataFrame
    floor: datetime | None


def summarize_letters(tx: Transaction) -> pl.DataFrame:
    """Return a row a reason: n_open, n_replayed, n_cut, first and last time, and where an example lies."""
    return tx.query("summarize_dead_letters")


def read_latest_letters(tx: Transaction, reason: str, rows: int) -> pl.DataFrame:
    """Return the last letters of a reason, newest first, without their payload."""
    return tx.query("read_latest_dead_letters", reason, rows)


def read_open_letters(tx: Transaction, reason: str | None = None) -> Iterator[pl.DataFrame]:
    """Yield every open letter (of `reason`) once, as pages of LETTERS in order of identity.

    One moment's state only when `tx` is REPEATABLE READ; see `read_page` for a page a transaction.
    """
    after = _BEFORE_ALL
    while not (page := read_page(tx, reason, after)).is_empty():
        yield page
        after = last_identity(page)


def read_page(tx: Transaction, reason: str | None, after: tuple[str, int, int] | None) -> pl.DataFrame:
    """Return LETTERS, the open ones that follow `after` in order of identity: a bounded page, empty at the end."""
    topic_id, partition, offset = after or _BEFORE_ALL
    page = tx.query("read_open_dead_letters", reason, topic_id, partition, offset, PAGE_ROWS, PAGE_BYTES)
    return page.match_to_schema(LETTERS)


def last_identity(page: pl.DataFrame) -> tuple[str, int, int]:
    """Return the identity of a page's last letter."""
    topic_id, partition, offset = page.select(IDENTITY).row(-1)
    return topic_id, partition, offset


def read_named_letters(tx: Transaction, identities: pl.DataFrame) -> pl.DataFrame:
    """Return LETTERS, open or not, of those `identities` (topic_id, kafka_partition, kafka_offset) that have one."""
    columns = identities.select(
        pl.col("topic_id").cast(pl.String),
        pl.col("kafka_partition").cast(pl.Int32),
        pl.col("kafka_offset").cast(pl.Int64),
    )
    return tx.query("read_named_dead_letters", *columns.get_columns()).match_to_schema(LETTERS)


def read_letters_at(tx: Transaction, places: Sequence[tuple[int, int]]) -> pl.DataFrame:
    """Return LETTERS, open or not, at these (partition, offset) of every topic that the ledger has read from."""
    topic_ids = read_topics(tx)["topic_id"]
    rows = [(topic_id, *place) for topic_id in topic_ids for place in places]
    schema = {name: LETTERS[name] for name in IDENTITY}
    return read_named_letters(tx, pl.DataFrame(rows, schema=schema, orient="row"))


def commit_replay(database: Database, worker: str, replay: Replay) -> Outcome:
    """Turn dead letters into events in one transaction. Anything but COMMITTED wrote nothing.

    0. Hold the worker's row: without one it was declared gone, and its staged files may be deleted.
    1. Share the file locks of the hours, then compare the retention floor: no hour is pruned before the commit.
    2. Compare-and-set the letters from open to replayed.
    3. Add lake_file rows, under a batch id that no offset range has: offsets and their ranges are not touched.
    4. Merge the totals by addition, in order of their keys.
    5. COMMIT; publishing follows it.

    CONFLICT: another replay closed one of the letters, or the floor has moved. Raises what Database.transaction
    raises. After CommitOutcomeUnknownError the letters themselves tell: they are open, or replayed.
    """
    try:
        with database.transaction() as transaction:
            _write_replay(transaction, worker, replay)
            failpoints.reach("before_commit")
    except _AbandonedError as abandoned:
        return abandoned.outcome
    # Step 5 was the end of the block above.
    failpoints.reach("after_commit")
    return Outcome.COMMITTED


class _AbandonedError(Exception):
    """Rolls the transaction back without being a failure."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.value)
        self.outcome = outcome


def _write_replay(transaction: Transaction, worker: str, replay: Replay) -> None:
    # Step 0
    if not touch_worker(transaction, worker):
        raise _AbandonedError(Outcome.WORKER_GONE)
    # Step 1
    for hour in sorted({file.hour for file in replay.files}):
        share_hour_files(transaction, hour)
    if read_retention_floor(transaction) != replay.floor:
        raise _AbandonedError(Outcome.CONFLICT)
    # Step 2
    places = replay.letters.select("kafka_partition", "kafka_offset").get_columns()
    closed = transaction.query("mark_dead_letters_replayed", replay.topic_id, *places)
    if closed.height != replay.letters.height:
        raise _AbandonedError(Outcome.CONFLICT)
    failpoints.reach("after_compare_and_set")
    # Step 3
    files = pl.DataFrame([vars(file) for file in replay.files])
    names = ("path", "stage_path", "hour", "n_rows", "sum_bytes", "sha256")
    transaction.query("insert_lake_files", replay.batch_id, *(files[name] for name in names))
    # Step 4
    merge_totals(transaction, replay.totals)
    failpoints.reach("after_totals")
