"""Statements by name in, rows out: PostgreSQL in memory, as far as the stream and recovery use it.

Beneath the real `Database` and `Transaction`, which decide what is committed and how a broken COMMIT is taken. A
statement writes nothing but notes what it will change; COMMIT changes it all at once. Rows are locked until the end;
who would have to wait for one is given up instead, as with a lock time-out. A COMMIT whose answer was lost may have
happened, or not, or not yet: then it holds its locks until somebody asks for one of them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any, cast
from unittest.mock import patch

import adbc_driver_manager
import polars as pl

from antennactl.errors import AntennactlError, PostgresUnavailableError
from antennactl.ledger import connection, totals
from antennactl.ledger.connection import (
    Database,
    KeyTakenError,
    RetryableLedgerError,
    Transaction,
    Value,
)
from antennactl.schemas import TIMESTAMP
from simulation.world import Process, World

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection

EMPTY = pl.DataFrame()
TRUE, FALSE = pl.DataFrame({"committed": [True]}), pl.DataFrame({"committed": [False]})
NO_FILES = pl.DataFrame(schema={"path": pl.String})


@dataclass
class OffsetRow:
    """A row of stream_offset."""

    next_offset: int
    max_event_time: datetime | None = None
    caught_up_at: datetime | None = None


@dataclass(frozen=True)
class RangeRow:
    """A row of offset_range."""

    first_offset: int
    next_offset: int
    batch_id: str | None
    n_events: int
    n_rejects: int
    reason: str


@dataclass
class FileRow:
    """A row of lake_file."""

    path: str
    stage_path: str
    hour: datetime
    n_rows: int
    sum_bytes: int
    sha256: str
    is_published: bool = False


@dataclass
class Tables:
    """What is committed."""

    offsets: dict[int, OffsetRow] = field(default_factory=dict)
    workers: dict[str, float] = field(default_factory=dict)
    batches: set[str] = field(default_factory=set)
    ranges: dict[tuple[int, int], RangeRow] = field(default_factory=dict)
    files: dict[str, FileRow] = field(default_factory=dict)
    letters: dict[tuple[int, int], str] = field(default_factory=dict)
    totals: dict[tuple[datetime, str, str], int] = field(default_factory=dict)


class OpenTransaction:
    """What a transaction will change, and the rows it holds."""

    def __init__(self) -> None:
        self.changes: list[Callable[[], None]] = []
        self.locks: set[tuple[str, object]] = set()
        self.new_offsets: dict[int, int] = {}
        self.is_aborted = False


class Server:
    """The one PostgreSQL of the run. `ended` names workers whose process is known to have ended on this host."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tables = Tables()
        self.held: dict[tuple[str, object], OpenTransaction] = {}
        self.undecided: list[OpenTransaction] = []
        self.connections: list[SimulatedConnection] = []
        self.ended: set[str] = set()
        self.away_until = 0.0

    def lock(self, transaction: OpenTransaction, *keys: tuple[str, object]) -> None:
        """Hold rows until the end of the transaction; who would have to wait is given up."""
        for key in keys:
            holder = self.held.get(key)
            if holder is not None and holder in self.undecided:
                self.decide(holder)
                holder = None
            if holder is not None and holder is not transaction:
                raise RetryableLedgerError("a row is held by another transaction")
            self.held[key] = transaction
            transaction.locks.add(key)

    def apply(self, transaction: OpenTransaction) -> None:
        """Commit."""
        for change in transaction.changes:
            change()
        self.release(transaction)

    def release(self, transaction: OpenTransaction) -> None:
        """Give back the rows that a transaction held."""
        for key in transaction.locks:
            if self.held.get(key) is transaction:
                del self.held[key]
        transaction.locks = set()

    def drop_connections(self, process: Process) -> None:
        """Take notice that a process has ended."""
        for opened in self.connections:
            if opened.process is process:
                opened.close()
        self.connections = [opened for opened in self.connections if opened.process is not process]

    def decide(self, transaction: OpenTransaction) -> None:
        """End a transaction whose COMMIT was on its way when the connection broke."""
        self.undecided.remove(transaction)
        if self.world.random.random() < 0.5:
            self.apply(transaction)
        else:
            self.release(transaction)

    def decide_all(self) -> None:
        """End every transaction that is still on its way."""
        for transaction in list(self.undecided):
            self.decide(transaction)


class SimulatedDatabase(Database):
    """The real Database, whose connection leads to the simulated server."""

    def __init__(self, server: Server, process: Process) -> None:
        super().__init__("")
        self._server = server
        self._process = process

    def _open(self) -> "Connection":
        if self._connection is None:
            world = self._server.world
            if world.now < self._server.away_until:
                raise PostgresUnavailableError
            if world.fails(world.rates.connection, self._process, "no connection to PostgreSQL"):
                raise PostgresUnavailableError
            self._connection = cast("Connection", SimulatedConnection(self._server, self._process))
        return self._connection


class SimulatedConnection:
    """What the driver's connection does. commit() of an aborted transaction returns normally, and writes nothing."""

    def __init__(self, server: Server, process: Process) -> None:
        self.server = server
        self.process = process
        self.transaction = OpenTransaction()
        self.is_broken = False
        server.connections.append(self)

    def cursor(self) -> "SimulatedCursor":
        """Return a cursor."""
        return SimulatedCursor(self)

    def commit(self) -> None:
        """COMMIT: it may happen or not, and be answered or not."""
        world, transaction = self.server.world, self.transaction
        world.tick(self.process, "COMMIT")
        if self.is_broken:
            raise _broken()
        is_down = world.now < self.server.away_until
        if is_down or world.fails(world.rates.connection, self.process, "COMMIT without an answer"):
            self.is_broken = True
            self._lose(world.random.choice(("before", "after", "later")))
            raise _broken()
        self.transaction = OpenTransaction()
        if transaction.is_aborted:
            self.server.release(transaction)
            return
        self.server.apply(transaction)
        world.tick(self.process, "committed")

    def _lose(self, how: str) -> None:
        self.server.world.note(self.process.name, f"! the COMMIT took effect: {how}")
        transaction = self.transaction
        if how == "before" or transaction.is_aborted:
            self.server.release(transaction)
        elif how == "after":
            self.server.apply(transaction)
        else:
            self.server.undecided.append(transaction)

    def rollback(self) -> None:
        """ROLLBACK."""
        self.server.release(self.transaction)
        self.transaction = OpenTransaction()
        if self.is_broken:
            raise _broken()

    def close(self) -> None:
        """Close the connection."""
        if self.transaction not in self.server.undecided:
            self.server.release(self.transaction)


class SimulatedCursor:
    """Runs statements of one connection."""

    def __init__(self, opened: SimulatedConnection) -> None:
        self._connection = opened

    def close(self) -> None:
        """Do nothing."""

    def run(self, name: str, values: tuple[Any, ...]) -> pl.DataFrame:
        """Run a statement by its name."""
        opened = self._connection
        world, transaction = opened.server.world, opened.transaction
        world.tick(opened.process, name)
        is_down = world.now < opened.server.away_until
        if (
            opened.is_broken
            or is_down
            or world.fails(world.rates.connection, opened.process, "connection cut")
        ):
            opened.is_broken = transaction.is_aborted = True
            opened.server.release(transaction)
            raise PostgresUnavailableError
        try:
            if world.fails(world.rates.statement, opened.process, "statement given up"):
                raise RetryableLedgerError("a statement was given up for another transaction")
            return STATEMENTS[name](opened.server, transaction, *values)
        except AntennactlError:
            transaction.is_aborted = True
            raise


class SimulatedTransaction(Transaction):
    """The real Transaction, but statements go to the server by their name instead of their text."""

    def query(self, name: str, *values: Value) -> pl.DataFrame:
        """Run a statement by its name."""
        with self._translating(name):
            return cast("SimulatedCursor", self._cursor).run(name, values)

    def copy(
        self, rows: pl.DataFrame, table: str, schema: str | None = None, *, create: bool = False
    ) -> None:
        """Copy totals; nothing else is copied in a transaction of the stream."""
        assert (table, schema, create) == ("bytes", "public", False)
        self.query("copy_totals", *rows.get_columns())


@contextmanager
def simulated_driver() -> Iterator[None]:
    """Let the real Database open simulated transactions while this is entered, which copy totals however few."""
    with patch.object(connection, "Transaction", SimulatedTransaction), patch.object(totals, "MIN_COPIED", 2):
        yield


def _broken() -> Exception:
    status = adbc_driver_manager.AdbcStatusCode.IO
    return adbc_driver_manager.OperationalError("the connection broke", status_code=status)


def _read_offsets(server: Server, transaction: OpenTransaction, _topic_id: str) -> pl.DataFrame:
    rows = {
        p: (p, row.next_offset, row.max_event_time, row.caught_up_at)
        for p, row in server.tables.offsets.items()
    }
    for partition, start in transaction.new_offsets.items():
        rows.setdefault(partition, (partition, start, None, None))
    numbers = sorted(rows)
    return pl.DataFrame(
        {
            "kafka_partition": numbers,
            "next_offset": [rows[p][1] for p in numbers],
            "max_event_time": _times(tuple(rows[p][2] for p in numbers)),
        }
    )


@lru_cache(4096)
def _times(times: tuple[datetime | None, ...]) -> pl.Series:
    return pl.Series(times, dtype=TIMESTAMP)


def _insert_offsets(
    server: Server,
    transaction: OpenTransaction,
    _id: str,
    _topic: str,
    partitions: pl.Series,
    starts: pl.Series,
) -> pl.DataFrame:
    new = dict(zip(partitions.to_list(), starts.to_list(), strict=True))
    transaction.new_offsets.update(new)

    def change() -> None:
        for partition, start in new.items():
            server.tables.offsets.setdefault(partition, OffsetRow(start))

    transaction.changes.append(change)
    return EMPTY


def _advance_offsets(
    server: Server,
    transaction: OpenTransaction,
    _topic_id: str,
    *columns: pl.Series,
) -> pl.DataFrame:
    moved = []
    for partition, first, following, newest, caught_up in zip(
        *(column.to_list() for column in columns), strict=True
    ):
        row = server.tables.offsets.get(partition)
        if row is None or row.next_offset != first:
            continue
        server.lock(transaction, ("offset", partition))
        if row.next_offset != first:  # somebody's COMMIT, decided only now, moved it
            continue
        moved.append(partition)

        def change(row: OffsetRow = row, new: tuple[Any, ...] = (following, newest, caught_up)) -> None:
            row.next_offset = new[0]
            row.max_event_time = max(row.max_event_time or new[1], new[1]) if new[1] else row.max_event_time
            row.caught_up_at = max(row.caught_up_at or new[2], new[2]) if new[2] else row.caught_up_at

        transaction.changes.append(change)
    return _numbers(tuple(moved))


@lru_cache(64)
def _numbers(numbers: tuple[int, ...]) -> pl.DataFrame:
    return pl.DataFrame({"kafka_partition": numbers}, schema={"kafka_partition": pl.Int32})


def _lock_offsets(
    server: Server, transaction: OpenTransaction, _topic_id: str, partitions: pl.Series
) -> pl.DataFrame:
    server.lock(transaction, *(("offset", partition) for partition in sorted(partitions.to_list())))
    return EMPTY


def _find_micro_batch(server: Server, _transaction: OpenTransaction, batch_id: str) -> pl.DataFrame:
    return TRUE if batch_id in server.tables.batches else FALSE


def _register_worker(
    server: Server, transaction: OpenTransaction, worker: str, _host: str, _pid: int
) -> pl.DataFrame:
    now = server.world.now
    transaction.changes.append(lambda: server.tables.workers.update({worker: now}))
    return EMPTY


def _touch_worker(server: Server, transaction: OpenTransaction, worker: str) -> pl.DataFrame:
    if worker not in server.tables.workers:
        return EMPTY
    server.lock(transaction, ("worker", worker))
    if worker not in server.tables.workers:
        return EMPTY
    now = server.world.now
    transaction.changes.append(lambda: server.tables.workers.update({worker: now}))
    return TRUE


def _note_assignment(
    server: Server, transaction: OpenTransaction, worker: str, _partitions: pl.Series
) -> pl.DataFrame:
    return _touch_worker(server, transaction, worker)


def _delete_worker(server: Server, transaction: OpenTransaction, worker: str) -> pl.DataFrame:
    server.lock(transaction, ("worker", worker))
    transaction.changes.append(lambda: cast("None", server.tables.workers.pop(worker, None)))
    return EMPTY


def _read_workers(server: Server, _transaction: OpenTransaction) -> pl.DataFrame:
    return _names(tuple(sorted(server.tables.workers)))


@lru_cache(64)
def _names(names: tuple[str, ...]) -> pl.DataFrame:
    return pl.DataFrame({"worker": names}, schema={"worker": pl.String})


def _delete_gone_workers(
    server: Server, transaction: OpenTransaction, silence_s: int, _ended: pl.Series
) -> pl.DataFrame:
    oldest = server.world.now - silence_s
    workers = server.tables.workers

    def is_gone(worker: str) -> bool:
        return worker in workers and (workers[worker] < oldest or worker in server.ended)

    gone = []
    for worker in sorted(workers):
        if is_gone(worker):
            server.lock(transaction, ("worker", worker))
            if is_gone(worker):  # a heartbeat whose COMMIT was decided only now counts
                gone.append(worker)
                _delete_worker(server, transaction, worker)
    return _names(tuple(gone))


def _insert_micro_batch(
    server: Server, transaction: OpenTransaction, batch_id: str, *_others: object
) -> pl.DataFrame:
    _must_be_new(batch_id in server.tables.batches, f"micro_batch {batch_id}")
    transaction.changes.append(lambda: server.tables.batches.add(batch_id))
    return EMPTY


def _insert_offset_ranges(
    server: Server, transaction: OpenTransaction, _topic_id: str, batch_id: str | None, *columns: Any
) -> pl.DataFrame:
    ranges = server.tables.ranges
    *lists, reason = columns
    for partition, *row in zip(*(column.to_list() for column in lists), strict=True):
        new = RangeRow(row[0], row[1], batch_id, row[2], row[3], reason)
        _must_be_new((partition, row[0]) in ranges, f"offset_range {partition} {row[0]}")

        def change(key: tuple[int, int] = (partition, row[0]), new: RangeRow = new) -> None:
            _must_be_new(key in ranges, f"offset_range {key}")
            ranges[key] = new

        transaction.changes.append(change)
    return EMPTY


def _insert_lake_files(
    server: Server, transaction: OpenTransaction, _batch_id: str, *columns: pl.Series
) -> pl.DataFrame:
    rows = [FileRow(*row) for row in zip(*(column.to_list() for column in columns), strict=True)]
    transaction.changes.append(lambda: server.tables.files.update({row.path: row for row in rows}))
    return EMPTY


def _insert_dead_letters(
    server: Server, transaction: OpenTransaction, _topic_id: str, _topic: str, *columns: pl.Series
) -> pl.DataFrame:
    partitions, offsets, reasons = (column.to_list() for column in columns[:3])
    letters = {(p, o): reason for p, o, reason in zip(partitions, offsets, reasons, strict=True)}
    for key in letters:
        _must_be_new(key in server.tables.letters, f"dead_letter {key}")
    transaction.changes.append(lambda: server.tables.letters.update(letters))
    return EMPTY


def _merge_totals(server: Server, transaction: OpenTransaction, *columns: pl.Series) -> pl.DataFrame:
    rows = _rows(columns)
    server.lock(transaction, *(("window", moment) for moment in sorted({row[0] for row in rows})))

    def change() -> None:
        for moment, key, value, total_type in rows:
            total = (moment, key, total_type)
            server.tables.totals[total] = server.tables.totals.get(total, 0) + value

    transaction.changes.append(change)
    return EMPTY


def _copy_totals(server: Server, transaction: OpenTransaction, *columns: pl.Series) -> pl.DataFrame:
    """Enter totals whose keys must be new: somebody may have committed one since the question which are empty."""
    if any(
        (moment, key, total_type) in server.tables.totals for moment, key, _, total_type in _rows(columns)
    ):
        raise KeyTakenError
    return _merge_totals(server, transaction, *columns)


def _find_empty_windows(server: Server, _transaction: OpenTransaction, windows: pl.Series) -> pl.DataFrame:
    taken = {moment for moment, _, _ in server.tables.totals}
    empty = sorted(moment for moment in windows.to_list() if moment not in taken)
    return pl.DataFrame({"timestamp": empty}, schema={"timestamp": TIMESTAMP})


def _rows(columns: tuple[pl.Series, ...]) -> list[tuple[Any, ...]]:
    return list(zip(*(column.to_list() for column in columns), strict=True))


def _read_unpublished(server: Server, _transaction: OpenTransaction, _hours: object) -> pl.DataFrame:
    rows = [row for row in server.tables.files.values() if not row.is_published]
    if not rows:
        return NO_FILES
    columns = ("path", "stage_path", "hour", "n_rows", "sum_bytes", "sha256")
    return pl.DataFrame({name: [getattr(row, name) for row in rows] for name in columns})


def _read_removals(server: Server, _transaction: OpenTransaction, paths: pl.Series) -> pl.DataFrame:
    """Nothing is compacted or pruned here: every file that the ledger knows is a live one."""
    known = [path for path in paths.to_list() if path in server.tables.files]
    return pl.DataFrame(
        {"path": known, "removed_by": [None] * len(known)},
        schema={"path": pl.String, "removed_by": pl.String},
    )


def _mark_published(server: Server, transaction: OpenTransaction, paths: pl.Series) -> pl.DataFrame:
    rows = [server.tables.files[path] for path in paths.to_list() if path in server.tables.files]
    server.lock(transaction, *(("file", row.path) for row in rows))

    def change() -> None:
        for row in rows:
            row.is_published = True

    transaction.changes.append(change)
    return EMPTY


def _read_setting(_server: Server, _transaction: OpenTransaction, _name: str) -> pl.DataFrame:
    return pl.DataFrame(schema={"value": pl.String})


def _share_hour_files(_server: Server, _transaction: OpenTransaction, *_key: int) -> pl.DataFrame:
    return EMPTY


def _must_be_new(is_there: bool, what: str) -> None:  # noqa: FBT001 - a condition
    if is_there:
        raise AntennactlError(f"PostgreSQL: duplicate key: {what} (23505)")


STATEMENTS: dict[str, Callable[..., pl.DataFrame]] = {
    "read_offsets": _read_offsets,
    "insert_offsets": _insert_offsets,
    "advance_offsets": _advance_offsets,
    "lock_offsets": _lock_offsets,
    "find_micro_batch": _find_micro_batch,
    "register_worker": _register_worker,
    "touch_worker": _touch_worker,
    "note_assignment": _note_assignment,
    "delete_worker": _delete_worker,
    "read_workers": _read_workers,
    "delete_gone_workers": _delete_gone_workers,
    "insert_micro_batch": _insert_micro_batch,
    "insert_offset_ranges": _insert_offset_ranges,
    "insert_lake_files": _insert_lake_files,
    "insert_dead_letters": _insert_dead_letters,
    "merge_totals": _merge_totals,
    "copy_totals": _copy_totals,
    "find_empty_windows": _find_empty_windows,
    "read_unpublished": _read_unpublished,
    "mark_published": _mark_published,
    "read_removals": _read_removals,
    "read_setting": _read_setting,
    "share_hour_files": _share_hour_files,
}
