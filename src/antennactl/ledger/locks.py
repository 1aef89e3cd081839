"""An hour in, an advisory lock of PostgreSQL held: the file lock, the run lock or the removal lock of that hour.

Publish, recovery and batch share the *file* lock, so that they may work side by side; whoever exchanges the
files of an hour takes it alone. The *run* lock lets one batch of an hour run at a time, the *removal* lock
one compact or prune, while its new file is made and the file lock is still shared. PostgreSQL keeps
advisory locks apart by database, and gives a session's back when the session ends, however it ends.

A REPEATABLE READ snapshot is taken by the first statement of its transaction: take these locks in an
earlier one. Order: the run lock or the removal lock first, then the file lock. Who takes the file lock alone
tries again and again rather than waits: a waiting one would hold up everybody who comes to share it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from antennactl.ledger.connection import Database, Transaction

# Two numbers that nobody else uses for advisory locks in the same database: "ant" and a serial number.
_FILE_LOCK: Final = 0x616E7401
_RUN_LOCK: Final = 0x616E7402
_REMOVAL_LOCK: Final = 0x616E7403

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_HOUR_S: Final = 3600


def share_hour_files(tx: Transaction, hour: datetime) -> None:
    """Hold the file lock of `hour`, shared, until `tx` ends; wait while somebody exchanges the files."""
    tx.query("share_hour_files", _FILE_LOCK, _hour_number(hour))


def hold_hour_files(tx: Transaction, hour: datetime) -> None:
    """Hold the file lock of `hour`, shared, beyond `tx`, until `release_all` or the connection's end."""
    tx.query("hold_hour_files", _FILE_LOCK, _hour_number(hour))


def release_hour_files(tx: Transaction, hour: datetime) -> None:
    """Give back the file lock of `hour` that `hold_hour_files` took."""
    tx.query("release_hour_files", _FILE_LOCK, _hour_number(hour))


def try_hold_hour_files_alone(tx: Transaction, hour: datetime) -> bool:
    """Hold the file lock of `hour` alone, beyond `tx`, where nobody else holds it; return whether it is held."""
    return bool(tx.query("try_hour_alone", _FILE_LOCK, _hour_number(hour)).item())


def try_exclude_hour_files(tx: Transaction, hour: datetime) -> bool:
    """Hold the file lock of `hour` alone until `tx` ends, where no other session holds it; return whether it is."""
    return bool(tx.query("try_exclude_hour_files", _FILE_LOCK, _hour_number(hour)).item())


def try_hold_removal(tx: Transaction, hour: datetime) -> bool:
    """Hold the removal lock of `hour` beyond `tx`, where nobody else holds it; return whether it is held."""
    return bool(tx.query("try_hour_alone", _REMOVAL_LOCK, _hour_number(hour)).item())


def hold_run(tx: Transaction, hour: datetime, wait: bool) -> bool:  # noqa: FBT001 - a lock waits or does not
    """Hold the run lock of `hour` beyond `tx`, until `release_all` or the connection's end.

    Returns whether it is held: always with `wait`, else only where nobody else held it.
    """
    if not wait:
        return bool(tx.query("try_run", _RUN_LOCK, _hour_number(hour)).item())
    tx.query("wait_for_run", _RUN_LOCK, _hour_number(hour))
    return True


def release_all(tx: Transaction) -> None:
    """Give back every lock that outlives transactions of this connection."""
    tx.query("release_all")


@contextmanager
def giving_back(database: Database) -> Iterator[None]:
    """Give back every lock of this connection at the end of the block, however it ends."""
    try:
        yield
        with database.transaction() as tx:
            release_all(tx)
    except BaseException:
        # The connection's end gives the locks back, whatever state it is in.
        database.close()
        raise


def _hour_number(hour: datetime) -> int:
    return int((hour - _EPOCH).total_seconds()) // _HOUR_S
