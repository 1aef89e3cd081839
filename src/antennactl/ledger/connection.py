"""A DSN in, transactions out: the only place that opens a connection to PostgreSQL and the only one that commits.

Values go in bound, never as text; results come out as Polars frames. Errors of the driver end here: they become
the project's own, without the DSN, parameters or the rows they were about.
"""

import contextlib
import os
import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Self

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import polars as pl

from antennactl import sql
from antennactl.errors import AntennactlError, PostgresRefusedError, PostgresUnavailableError, UsageError
from antennactl.ledger.dsn_faults import find_fault
from antennactl.ledger.steps import Steps

if TYPE_CHECKING:
    from adbc_driver_manager.dbapi import Connection, Cursor

Value = bool | int | str | bytes | datetime | pl.Series | None
Isolation = Literal["READ COMMITTED", "REPEATABLE READ"]

# Not in the DSN: libpq reads these last, so a user's own DSN, service file or environment still decides.
_LIBPQ_DEFAULTS = {"PGAPPNAME": "antennactl", "PGCONNECT_TIMEOUT": "10"}

_RETRY_STATES = {"40001", "40P01", "55P03"}
_UNAVAILABLE_CLASSES = {"08", "53", "57", "58"}
# Waiting does not mend these, unlike a server that is down, starting, or gone in the middle of a handshake.
_REFUSALS = re.compile(
    r"authentication failed|no pg_hba\.conf entry|does not exist|no password|denied|certificate"
    r"|SSL was required|tlsv1 alert"
)
_KEY_TAKEN = "23505"
_UNPROVISIONED_STATES = {"3F000", "42P01", "42703"}


class RetryableLedgerError(AntennactlError):
    """PostgreSQL rolled the transaction back in favour of another one; the same work may succeed now."""


class KeyTakenError(AntennactlError):
    """A row with the same key is there already: PostgreSQL rolled the transaction back."""


class CommitOutcomeUnknownError(PostgresUnavailableError):
    """The connection to PostgreSQL broke during COMMIT; the outcome is unknown until next_offset is read again."""


class Transaction:
    """One open transaction: statements by their name in `queries/postgres/`, values by position.

    A Series is bound as an array. No statement may follow one that failed: the whole transaction is rolled back,
    because the driver's own commit() returns normally on an aborted transaction and writes nothing.
    """

    def __init__(self, cursor: "Cursor", steps: Steps) -> None:
        self._cursor = cursor
        self._steps = steps
        self.failed = False

    def query(self, name: str, *values: Value) -> pl.DataFrame:
        """Run `queries/postgres/<name>.sql` and return its rows (an empty frame where it returns none)."""
        return self._query(name, sql.statement(f"postgres/{name}"), *values)

    def query_text(self, statement: str, *values: Value) -> pl.DataFrame:
        """Run one statement given as text and return its rows."""
        return self._query("a statement", statement, *values)

    def _query(self, what: str, statement: str, *values: Value) -> pl.DataFrame:
        with self._translating(what):
            self._cursor.execute(statement, _bind(values) if values else None)
            return self._cursor.fetch_polars()

    def script(self, text: str) -> None:
        """Run several statements, given as text, without values. Only as the transaction's first call."""
        with self._translating("a script"):
            self._cursor.executescript(text)

    def copy(
        self, rows: pl.DataFrame, table: str, schema: str | None = None, *, create: bool = False
    ) -> None:
        """Append `rows` to `table` by binary COPY; with `create` to a temporary table made for them.

        The caller has to give the table's exact types: COPY stores garbage for a mismatched one without a word.
        """
        with self._translating(f"COPY into {table}"):
            self._cursor.adbc_ingest(
                table,
                rows,
                mode="create" if create else "append",
                db_schema_name=schema,
                temporary=create,
            )

    def require_sound(self) -> None:
        """Raise AntennactlError when a statement failed and its error was swallowed: nothing may be committed."""
        if self.failed:
            message = "a statement failed and its error was swallowed: nothing is committed"
            raise AntennactlError(message)

    @contextlib.contextmanager
    def _translating(self, what: str) -> Iterator[None]:
        if self.failed:
            message = "a statement followed a failed one in the same transaction"
            raise AntennactlError(message)
        try:
            with self._steps.asking(what):
                yield
        except BaseException as error:
            self.failed = True
            if isinstance(error, adbc_driver_manager.Error):
                raise translate(error) from error
            raise


class Database:
    """A PostgreSQL database, reached over one connection that is opened when needed and again after it broke.

    Not for use from two threads at once: each thread of the pipeline has its own. A call waits for its answer however
    long that takes, since a statement may wait for a lock or work for long; `steps` shows others what it waits for.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self.steps = Steps()
        self._connection: Connection | None = None

    @contextlib.contextmanager
    def transaction(self, isolation: Isolation = "READ COMMITTED") -> Iterator[Transaction]:
        """Open a transaction; commit it when the block ends normally, else roll it back and raise.

        Raises PostgresUnavailableError when the server cannot be reached or goes away before the commit (nothing
        was written), CommitOutcomeUnknownError when it goes away during the commit, RetryableLedgerError when the
        server gave this transaction up for another.
        """
        try:
            connection = self._open()
            try:
                with contextlib.closing(connection.cursor()) as cursor:
                    transaction = Transaction(cursor, self.steps)
                    if isolation != "READ COMMITTED":
                        transaction.query_text(f"SET TRANSACTION ISOLATION LEVEL {isolation}")
                    yield transaction
                    transaction.require_sound()
            except BaseException:
                self._roll_back()
                raise
            self._commit(connection)
        finally:
            self.steps.end()

    def close(self) -> None:
        """Close the connection, which also gives back every advisory lock it holds. Never raises."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(adbc_driver_manager.Error, RuntimeError):
                connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> "Connection":
        if self._connection is None:
            for name, value in _LIBPQ_DEFAULTS.items():
                os.environ.setdefault(name, value)
            try:
                with self.steps.asking("a new connection"):
                    self._connection = adbc_driver_postgresql.dbapi.connect(self._dsn)
            except adbc_driver_manager.Error as error:
                raise _connect_error(error) from None  # the cause may quote the DSN
        return self._connection

    def _commit(self, connection: "Connection") -> None:
        try:
            with self.steps.asking("COMMIT"):
                connection.commit()
        except adbc_driver_manager.Error as error:
            self.close()
            translated = translate(error)
            if isinstance(translated, PostgresUnavailableError):
                raise CommitOutcomeUnknownError from error
            raise translated from error

    def _roll_back(self) -> None:
        if self._connection is None:
            return
        try:
            with self.steps.asking("ROLLBACK"):
                self._connection.rollback()
        except adbc_driver_manager.Error:
            self.close()


def translate(error: adbc_driver_manager.Error) -> AntennactlError:  # noqa: PLR0911 - a line an outcome
    """Return the project's error for one of the driver's, told apart by SQLSTATE (none: the connection broke)."""
    state = _sqlstate(error)
    reason = _primary_message(error)
    if state is None and isinstance(error, adbc_driver_manager.OperationalError):
        return PostgresUnavailableError("the connection to PostgreSQL broke", hint="is the server running?")
    if state is None:
        return AntennactlError(f"PostgreSQL driver: {reason}")
    if state in _RETRY_STATES:
        return RetryableLedgerError(f"PostgreSQL: {reason} ({state})")
    if state == _KEY_TAKEN:
        return KeyTakenError(f"PostgreSQL: {reason} ({state})")
    if state[:2] in _UNAVAILABLE_CLASSES:
        return PostgresUnavailableError(f"PostgreSQL: {reason} ({state})")
    if state in _UNPROVISIONED_STATES:
        return UsageError(
            f"PostgreSQL: {reason}",
            hint="create or upgrade the schema with: antennactl provision",
        )
    if state == "42501":
        hint = "this role lacks a right that the command needs; docs/security.md has the roles"
        return UsageError(f"PostgreSQL: {reason}", hint=hint)
    return AntennactlError(f"PostgreSQL: {reason} ({state})")


def _bind(values: tuple[Value, ...]) -> pl.DataFrame:
    """Return one row with a column a value. An untyped null has no Arrow type the driver knows: it goes as text."""
    columns = []
    for position, value in enumerate(values):
        if isinstance(value, pl.Series):
            columns.append(value.implode().alias(str(position)))
        else:
            dtype = pl.String if value is None else None
            columns.append(pl.Series(str(position), [value], dtype=dtype))
    return pl.DataFrame(columns)


def _sqlstate(error: adbc_driver_manager.Error) -> str | None:
    state = error.sqlstate
    return state if state and state.strip("\0") else None


def _primary_message(error: adbc_driver_manager.Error) -> str:
    for key, value in error.details:
        # The driver's type hints say text, the driver gives bytes.
        if _text(key) == "PG_DIAG_MESSAGE_PRIMARY":
            return _text(value)
    return str(error).partition("\n")[0].partition("Query was")[0].strip()


def _text(value: str | bytes) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else value


def _connect_error(error: adbc_driver_manager.Error) -> AntennactlError:  # noqa: PLR0911 - a line an outcome
    """Return why no connection came about. libpq quotes pieces of a DSN it cannot read, so those go unquoted."""
    text = str(error)
    reached = re.findall(r'connection to server at "([^"]+)"(?: \([^)]*\))?, port (\d+) failed: (.*)', text)
    if reached:
        # A name may stand for several addresses: the one where somebody said no has the reason.
        host, port, why = next((found for found in reached if _REFUSALS.search(found[2])), reached[0])
        why = re.sub(r"^(FATAL|ERROR):\s+", "", why.strip())
        reason = why if why[1:2].isupper() else why[:1].lower() + why[1:]
        message = f"cannot reach PostgreSQL at {host}:{port} ({reason})"
        if re.search(r"certificate file|private key file", why):
            return UsageError(
                message, hint="sslrootcert, sslcert and sslkey name files, sslrootcert=system the system's"
            )
        if _REFUSALS.search(why):
            hint = "check user, password (PGPASSWORD or ~/.pgpass), database, and sslmode and sslrootcert"
            return PostgresRefusedError(message, hint=hint)
        return PostgresUnavailableError(
            message, hint="check PGHOST and PGPORT or --dsn, or start with: antennactl demo"
        )
    socket = re.search(r'connection to server on socket "([^"]+)" failed: (.*)', text)
    if socket:
        return PostgresUnavailableError(
            f"cannot reach PostgreSQL on socket {socket[1]} ({socket[2].strip()})",
            hint="set --dsn, ANTENNACTL_DSN or PGHOST, or start with: antennactl demo",
        )
    unknown_host = re.search(r'could not translate host name "([^"]+)"', text)
    if unknown_host:
        return PostgresUnavailableError(
            f"cannot reach PostgreSQL at {unknown_host[1]} (unknown host name)",
            hint="check PGHOST or the host in --dsn",
        )
    if "timeout expired" in text:
        return PostgresUnavailableError(
            "cannot reach PostgreSQL (timeout expired)", hint="check PGHOST and PGPORT"
        )
    fault = find_fault(text)
    if fault is None:
        # Such as a connection that was cut while the driver introduced itself.
        return PostgresUnavailableError("the connection to PostgreSQL broke", hint="is the server running?")
    return UsageError(
        f"the PostgreSQL DSN or its PG* environment cannot be used: {fault}",
        hint="a DSN looks like postgresql://user@host:5432/database; special characters are percent-encoded",
    )
