"""The numbered files of `queries/postgres/schema` in, a database at their version out, or the reason why not.

A file's number is the schema version that it leads to; a database at an older version gets the later files.
"""

import contextlib
import uuid
from collections.abc import Iterator
from typing import Final

from antennactl import sql
from antennactl.errors import UsageError
from antennactl.ledger import adoption
from antennactl.ledger.connection import Database, RetryableLedgerError, Transaction
from antennactl.ledger.setting import LEDGER, SCHEMA_VERSION, read_setting, write_setting

# Advisory lock of the schema, beside those of the hours in `locks`.
_SCHEMA_LOCK: Final = (0x616E7403, 0)
# A running stream must not wait longer than this behind DDL that waits for someone else.
_LOCK_TIMEOUT: Final = "SET LOCAL lock_timeout = '10s';"


def latest_version() -> int:
    """Return the schema version that this antennactl works with: the highest number of a schema file."""
    return max(version for version, _, _ in _schema_files())


def read_schema_version(tx: Transaction) -> int:
    """Return the database's schema version, 0 where it was never provisioned."""
    if not tx.query("ledger_exists").item():
        return 0
    return int(read_setting(tx, SCHEMA_VERSION) or 0)


def require_schema(tx: Transaction) -> None:
    """Return normally when the database is at this antennactl's schema version; raise UsageError when not."""
    version = read_schema_version(tx)
    _refuse_newer(version)
    if version == 0:
        message = "the database is not provisioned"
        raise UsageError(message, hint="create the tables with: antennactl provision")
    if version < latest_version():
        message = f"the schema is at version {version}, this antennactl needs version {latest_version()}"
        raise UsageError(message, hint="upgrade it with: antennactl provision")


@contextlib.contextmanager
def upgraded_schema(database: Database) -> Iterator[tuple[Transaction, list[str]]]:
    """Open the transaction that upgrades the schema, and yield it with the changes it holds so far.

    Whatever the block adds is committed with the upgrade, or not at all. One at a time: another one waits. A
    database at the current version sees no DDL, and so no lock on a table. The connection is closed at the
    end, which gives the lock back whatever happened. Raises UsageError when the schema is newer than this
    antennactl, when this role may not create it, or when a table of ours is there in a form that cannot be
    used; RetryableLedgerError when a table stays locked by someone else.
    """
    with database.transaction() as tx:
        tx.query("hold_schema", *_SCHEMA_LOCK)
    try:
        with database.transaction() as tx:
            before = read_schema_version(tx)
            _refuse_newer(before)
            if before == 0:
                adoption.check_rights(tx)
                adoption.check_tables(tx)
        with database.transaction() as tx:
            changes = _apply_files(tx, before)
            yield tx, changes
    finally:
        database.close()


def upgrade_schema(database: Database) -> list[str]:
    """Upgrade the schema alone and return the changes made (none: it was current); see `upgraded_schema`."""
    with upgraded_schema(database) as (_, changes):
        return changes


def _apply_files(tx: Transaction, before: int) -> list[str]:
    pending = [(version, name, text) for version, name, text in _schema_files() if version > before]
    if not pending:
        return []
    try:
        tx.script("\n".join([_LOCK_TIMEOUT, *(text for _, _, text in pending)]))
    except RetryableLedgerError as error:
        message = f"the schema stays at version {before}: another session holds what the upgrade needs"
        hint = "stop the workers, end sessions that hold locks (pg_locks), and provision again"
        raise RetryableLedgerError(message, hint=hint) from error
    write_setting(tx, SCHEMA_VERSION, str(pending[-1][0]))
    changes = [f"applied schema file {name}" for _, name, _ in pending]
    if read_setting(tx, LEDGER) is None:
        write_setting(tx, LEDGER, str(uuid.uuid4()))
        changes.append("made the ledger's uuid")
    return changes


def _schema_files() -> list[tuple[int, str, str]]:
    return [(int(name.partition("_")[0]), name, text) for name, text in sql.scripts("postgres/schema")]


def _refuse_newer(version: int) -> None:
    if version > latest_version():
        message = f"the schema is at version {version}, made by a newer version of antennactl"
        hint = f"this one knows versions up to {latest_version()}: install the newer one"
        raise UsageError(message, hint=hint)
