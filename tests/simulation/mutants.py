"""Names in, the real code with one promise of the commit protocol taken out: each the oracle has to notice."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from unittest.mock import patch

import polars as pl

from antennactl.errors import AntennactlError
from antennactl.lake import publish, recover
from antennactl.lake.layout import Lake
from antennactl.lake.stage import StagedFile
from antennactl.ledger import micro_batch, stream
from antennactl.ledger.connection import Database
from antennactl.ledger.micro_batch import MicroBatch, Outcome
from antennactl.ledger.stream import StreamLedger
from antennactl.ledger.workers import Worker
from antennactl.pipeline.commit import Commit
from antennactl.pipeline.exchange import Exchange
from antennactl.pipeline.intake import Intake
from simulation.disk import Disk, DiskOf
from simulation.ledger import (
    EMPTY,
    STATEMENTS,
    OpenTransaction,
    Server,
    SimulatedConnection,
    SimulatedTransaction,
)

Mutant = Callable[[], AbstractContextManager[object]]

_ADVANCE = STATEMENTS["advance_offsets"]
_MERGE = STATEMENTS["merge_totals"]


def rename_before_commit() -> AbstractContextManager[object]:
    """Publish a micro-batch's files, then commit it."""
    commit = StreamLedger.commit

    def published_first(self: StreamLedger, worker: Worker, batch: MicroBatch) -> Outcome:
        self.publish(batch)
        return commit(self, worker, batch)

    return patch.object(StreamLedger, "commit", published_first)


def no_compare_and_set() -> AbstractContextManager[object]:
    """Move next_offset from wherever it is."""

    def advance(server: Server, transaction: OpenTransaction, _id: str, *columns: pl.Series) -> pl.DataFrame:
        partitions, _, *others = (column.to_list() for column in columns)
        stored = [server.tables.offsets[partition].next_offset for partition in partitions]
        taken = [partitions, stored, *others]
        return _ADVANCE(server, transaction, _id, *(pl.Series(values) for values in taken))

    return patch.dict(STATEMENTS, advance_offsets=advance)


def publish_without_recovery() -> AbstractContextManager[object]:
    """Publish after the commit, and never again what that did not come to."""
    return patch.object(stream, "recover_lake", lambda _database, _lake: 0)


def totals_outside_the_transaction() -> AbstractContextManager[object]:
    """Merge the totals at once, whatever becomes of the transaction."""

    def merge(server: Server, _transaction: OpenTransaction, *columns: pl.Series) -> pl.DataFrame:
        own = OpenTransaction()
        _MERGE(server, own, *columns)
        server.apply(own)
        return EMPTY

    return patch.dict(STATEMENTS, merge_totals=merge, copy_totals=merge)


def swallowed_error_then_commit() -> AbstractContextManager[object]:
    """Go on after a statement that failed: the driver's commit() then returns normally and writes nothing."""

    def query(self: SimulatedTransaction, name: str, *values: Any) -> pl.DataFrame:
        cursor: Any = self._cursor
        try:
            found: pl.DataFrame = cursor.run(name, values)
        except AntennactlError:
            if name not in {
                "insert_micro_batch",
                "insert_offset_ranges",
                "insert_lake_files",
                "merge_totals",
                "copy_totals",
            }:
                raise
            return EMPTY
        return found

    return patch.object(SimulatedTransaction, "query", query)


def staging_of_the_living_cleared() -> AbstractContextManager[object]:
    """Clear the staging of workers that are still on the list."""
    no_workers = pl.DataFrame(schema={"worker": pl.String})
    return patch.object(recover, "read_workers", lambda _transaction: no_workers)


def gone_worker_commits() -> AbstractContextManager[object]:
    """Commit under a name that was declared gone."""
    return patch.object(micro_batch, "touch_worker", lambda _transaction, _worker: True)


def unknown_outcome_taken_for_committed() -> AbstractContextManager[object]:
    """Take a COMMIT without an answer for done."""
    return patch.object(StreamLedger, "is_committed", lambda _self, _batch: True)


@contextmanager
def unknown_outcome_asked_without_the_lock() -> Iterator[None]:
    """Ask for the outcome of a COMMIT that is still on its way, and take no for an answer.

    That it is on its way takes a fault of a kind that is rare among the others: here each lost COMMIT is one.
    """

    def is_committed(database: Database, batch: MicroBatch) -> bool:
        with database.transaction() as transaction:
            return bool(transaction.query("find_micro_batch", batch.batch_id).item())

    lose = SimulatedConnection._lose  # noqa: SLF001 - what is decided lies inside

    def lose_later(self: SimulatedConnection, _how: str) -> None:
        lose(self, "later")

    with (
        patch.object(stream, "is_committed", is_committed),
        patch.object(SimulatedConnection, "_lose", lose_later),
    ):
        yield


def unknown_outcome_discarded() -> AbstractContextManager[object]:
    """Drop the files of a batch whose COMMIT got no answer."""
    wait = Commit._wait  # noqa: SLF001 - what is taken out lies inside

    def discarding(self: Commit, error: Exception) -> None:
        if self._is_outcome_unknown and self._item is not None:
            self._ledger.discard(self._item.batch)
        wait(self, error)

    return patch.object(Commit, "_wait", discarding)


def folders_not_synced() -> AbstractContextManager[object]:
    """Leave it to the disk when a folder's names get there."""
    return patch.object(DiskOf, "sync_folder", lambda _self, _path: None)


def hour_folder_synced_alone() -> AbstractContextManager[object]:
    """Sync the folder that a file is renamed into, but not those above it."""
    return patch.object(publish, "sync_up", lambda _files, _root, _folders: None)


def epochs_never_change() -> AbstractContextManager[object]:
    """Take what was handed over before a reset for what was handed over after it."""

    def begin_epoch(self: Exchange) -> int:
        self._epoch = 1
        self._needs_reset = False
        return 1

    return patch.object(Exchange, "begin_epoch", begin_epoch)


def read_on_from_where_it_was() -> AbstractContextManager[object]:
    """Keep what was polled after the position that a batch is said to end at."""
    cut = Intake._cut  # noqa: SLF001 - what is taken out lies inside

    def cut_short(self: Intake) -> None:
        positions = self._source.positions
        with patch.object(
            self._source, "positions", lambda: {p: max(0, n - 1) for p, n in positions().items()}
        ):
            cut(self)

    return patch.object(Intake, "_cut", cut_short)


def new_name_used_before_it_is_entered() -> AbstractContextManager[object]:
    """Void the epoch and take the new name first, then enter it."""

    def register_anew(self: Commit, _gone: Worker) -> None:
        item = self._item
        assert item is not None
        self._void_epoch = item.epoch
        self._exchange.worker = self._name_worker()
        self._ledger.register(self._exchange.worker)

    return patch.object(Commit, "_register_anew", register_anew)


def published_before_renamed() -> AbstractContextManager[object]:
    """Mark files published, then rename them."""
    publish_files = publish.publish_files

    def mark_first(database: Database, lake: Lake, files: Sequence[StagedFile]) -> None:
        with database.transaction() as transaction:
            transaction.query("mark_published", pl.Series([file.path for file in files], dtype=pl.String))
        publish_files(database, lake, files)

    return patch.object(stream, "publish_files", mark_first)


def torn_files() -> AbstractContextManager[object]:
    """Commit files whose content was never synced."""
    lose_power = Disk.lose_power

    def forget_contents(self: Disk) -> None:
        for inode in self.names.values():
            if inode is not None:
                inode.is_synced = False
        lose_power(self)

    return patch.object(Disk, "lose_power", forget_contents)


# Each with how many seeds may pass until it is found.
MUTANTS: dict[str, tuple[Mutant, int]] = {
    mutant.__name__: (mutant, 2_500 if mutant is unknown_outcome_asked_without_the_lock else 1_500)
    for mutant in (
        rename_before_commit,
        no_compare_and_set,
        publish_without_recovery,
        totals_outside_the_transaction,
        swallowed_error_then_commit,
        staging_of_the_living_cleared,
        gone_worker_commits,
        unknown_outcome_taken_for_committed,
        unknown_outcome_asked_without_the_lock,
        unknown_outcome_discarded,
        folders_not_synced,
        hour_folder_synced_alone,
        epochs_never_change,
        read_on_from_where_it_was,
        new_name_used_before_it_is_entered,
        published_before_renamed,
        torn_files,
    )
}
