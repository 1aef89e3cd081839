"""The lake, the ledger and the topic in; nothing out, or the promise that was broken."""

from datetime import timedelta

from simulation.broker import CONTROL, Broker, event_of
from simulation.disk import Disk, Inode
from simulation.ledger import RangeRow, Server
from simulation.worker import FIRST_HOUR, ROOT, TYPE
from simulation.world import Violation

Row = tuple[int, int, int, int, int]


class Reader:
    """Looks at `data/` at every change: never a row twice, none uncommitted, none gone again."""

    def __init__(self, disk: Disk, server: Server) -> None:
        self._disk = disk
        self._server = server
        self.rows: dict[tuple[int, int], str] = {}
        disk.watch = self.look

    def look(self, removed: str | None, added: str | None, inode: Inode | None) -> None:
        """Take in one change below `data/`."""
        if removed is not None and removed.startswith(self._disk.data):
            raise Violation(f"a published file is gone: {removed}")
        if added is None or inode is None:
            return
        path = added.removeprefix(f"{ROOT}/")
        self.must_be_committed(path)
        for row in rows_of(inode):
            if self.rows.setdefault(row[:2], path) != path:
                raise Violation(f"twice in the lake: {row[:2]} in {path} and {self.rows[row[:2]]}")

    def must_be_committed(self, path: str) -> None:
        """No reader may see a row whose transaction may still come to nothing."""
        if path not in self._server.tables.files:
            raise Violation(f"in the lake before its commit: {path}")

    def look_after_power_cut(self) -> None:
        """Take in what the disk kept: all that the ledger calls published has to be among it."""
        for path, row in self._server.tables.files.items():
            if row.is_published and f"{ROOT}/{path}" not in self._disk.names:
                raise Violation(f"published, and lost in a power cut: {path}")
        self.rows = {}
        for name, inode in self._disk.names.items():
            if name.startswith(self._disk.data) and inode is not None:
                self.look(None, name, inode)


def check_end(disk: Disk, server: Server, broker: Broker) -> None:
    """Check, when all was read and recovered, that every message came through exactly once."""
    rows = [
        row
        for name, inode in disk.names.items()
        if inode is not None and name.startswith(disk.data)
        for row in rows_of(inode)
    ]
    lost = _check_ranges(server, broker)
    _check_rows(rows, lost, broker)
    _check_letters(server, lost, broker)
    _check_totals(rows, server)
    for row in server.tables.files.values():
        if not row.is_published:
            raise Violation(f"never published: {row.path}")
    if staged := disk.folders.get(f"{ROOT}/staging"):
        raise Violation(f"left in staging: {', '.join(staged)}")
    if server.tables.workers:
        raise Violation(f"still on the list: {', '.join(server.tables.workers)}")


def rows_of(inode: Inode) -> list[Row]:
    """Return the rows of a simulated file: partition, offset, hour, user, bytes."""
    found = []
    for line in inode.content.splitlines(keepends=True):
        numbers = [int(number) for number in line.split()]
        if len(numbers) != 5 or not line.endswith(b"\n"):
            raise Violation("a torn file")
        partition, offset, hour, user, size = numbers
        found.append((partition, offset, hour, user, size))
    return found


def _check_ranges(server: Server, broker: Broker) -> set[tuple[int, int]]:
    """Ranges chain from the first offset to next_offset, and account for each; return what was written down as lost."""
    lost: set[tuple[int, int]] = set()
    for partition, log in enumerate(broker.logs):
        chain = sorted((first, row) for (p, first), row in server.tables.ranges.items() if p == partition)
        following = chain[0][0] if chain else log.end
        lost.update((partition, offset) for offset in range(following))
        for first, row in chain:
            if first != following:
                raise Violation(f"partition {partition}: a hole or an overlap at {following}: {row}")
            _check_counts(row, partition, log.records, lost)
            following = row.next_offset
        stored = server.tables.offsets[partition].next_offset
        if not following == stored == log.end:
            raise Violation(f"partition {partition}: ranges to {following}, stored {stored}, end {log.end}")
    return lost


def _check_counts(
    row: RangeRow, partition: int, records: list[bytes | None], lost: set[tuple[int, int]]
) -> None:
    if row.batch_id is None:
        lost.update((partition, offset) for offset in range(row.first_offset, row.next_offset))
        return
    payloads = [payload for payload in records[row.first_offset : row.next_offset] if payload != CONTROL]
    n_events = sum(payload is not None and event_of(payload) is not None for payload in payloads)
    if (n_events, len(payloads) - n_events) != (row.n_events, row.n_rejects):
        raise Violation(f"partition {partition}: wrong counts in {row}")


def _check_rows(rows: list[Row], lost: set[tuple[int, int]], broker: Broker) -> None:
    produced = {}
    for partition, log in enumerate(broker.logs):
        for offset, payload in enumerate(log.records):
            if payload and (event := event_of(payload)) and (partition, offset) not in lost:
                produced[event] = 0
    for row in rows:
        if row not in produced:
            raise Violation(f"in the lake, but never produced, or recorded as lost: {row}")
        produced[row] += 1
    for row, n in produced.items():
        if n != 1:
            raise Violation(f"{n} times in the lake: {row}")


def _check_letters(server: Server, lost: set[tuple[int, int]], broker: Broker) -> None:
    bad = {
        (partition, offset)
        for partition, log in enumerate(broker.logs)
        for offset, payload in enumerate(log.records)
        if payload != CONTROL
        and (payload is None or event_of(payload) is None)
        and (partition, offset) not in lost
    }
    if bad != set(server.tables.letters):
        raise Violation(f"dead letters differ: {sorted(bad ^ set(server.tables.letters))}")


def _check_totals(rows: list[Row], server: Server) -> None:
    totals: dict[tuple[object, str, str], int] = {}
    for _, _, hour, user, size in rows:
        key = (FIRST_HOUR + timedelta(hours=hour), str(user), TYPE)
        totals[key] = totals.get(key, 0) + size
    if totals != server.tables.totals:
        raise Violation(f"totals {server.tables.totals} are not the lake's {totals}")
