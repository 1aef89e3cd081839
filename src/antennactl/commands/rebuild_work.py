"""A database in, a worker of it out: for a rebuild that stages files."""

import contextlib
from collections.abc import Callable, Iterator

from antennactl.errors import AntennactlError
from antennactl.lake.layout import Lake
from antennactl.lake.stage import StagedFile, discard_staged
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.workers import Worker, delete_worker, new_worker, register_worker


@contextlib.contextmanager
def at_work(database: Database, check: Callable[[Transaction], None]) -> Iterator[Worker]:
    """Enter a worker where `check` lets it, so that what it stages is not cleared away; take it off at the end."""
    worker = new_worker()
    with database.transaction() as tx:
        check(tx)
        register_worker(tx, worker)
    try:
        yield worker
    finally:
        with contextlib.suppress(AntennactlError), database.transaction() as tx:
            delete_worker(tx, worker.name)


@contextlib.contextmanager
def discarding(lake: Lake, files: list[StagedFile]) -> Iterator[None]:
    """Remove the files that are staged by the end of the block when it fails: nothing refers to them yet."""
    try:
        yield
    except BaseException:
        discard_staged(lake, files)
        raise
