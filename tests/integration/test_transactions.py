"""Transactions commit all or nothing, whatever the driver does, and their errors say what to do."""

from collections.abc import Iterator

import polars as pl
import pytest

from antennactl.errors import (
    AntennactlError,
    PostgresRefusedError,
    PostgresUnavailableError,
    UsageError,
)
from antennactl.ledger.connection import CommitOutcomeUnknownError, Database, Transaction


@pytest.fixture
def database(empty_postgres_dsn: str) -> Iterator[Database]:
    with Database(empty_postgres_dsn) as opened:
        with opened.transaction() as transaction:
            transaction.query_text("CREATE TABLE t (a bigint PRIMARY KEY)")
        yield opened


def count(database: Database) -> int:
    with database.transaction() as transaction:
        return int(transaction.query_text("SELECT count(*) AS n FROM t").item())


def test_a_block_that_ends_normally_is_committed(database: Database) -> None:
    with database.transaction() as transaction:
        transaction.query_text("INSERT INTO t VALUES ($1)", 1)
    assert count(database) == 1


def test_an_error_rolls_everything_back(database: Database) -> None:
    with pytest.raises(KeyError), database.transaction() as transaction:
        transaction.query_text("INSERT INTO t VALUES (1)")
        raise KeyError
    assert count(database) == 0


def test_a_swallowed_error_cannot_be_committed(database: Database) -> None:
    """The driver's commit() of an aborted transaction returns normally and writes nothing."""

    def swallow(transaction: Transaction) -> None:
        try:
            transaction.query_text("SELECT 1/0")
        except AntennactlError:
            return

    with pytest.raises(AntennactlError, match="swallowed"), database.transaction() as transaction:
        transaction.query_text("INSERT INTO t VALUES (1)")
        swallow(transaction)
    assert count(database) == 0


def test_a_write_after_a_read_is_inside_the_transaction(database: Database) -> None:
    """Canary: a version of the driver opened no transaction after a read."""
    with pytest.raises(KeyError), database.transaction() as transaction:
        transaction.query_text("SELECT 1 AS one")
        transaction.query_text("INSERT INTO t VALUES (1)")
        raise KeyError
    assert count(database) == 0


def test_arrays_and_nulls_are_bound_with_their_types(database: Database) -> None:
    with database.transaction() as transaction:
        rows = transaction.query_text(
            "SELECT u.a, u.b, $3::text AS c FROM unnest($1::bigint[], $2::bytea[]) AS u (a, b)",
            pl.Series([1, None], dtype=pl.Int64),
            pl.Series([b"\x00", None], dtype=pl.Binary),
            None,
        )
    assert rows.rows() == [(1, b"\x00", None), (None, None, None)]


def end_backends(dsn: str) -> None:
    """End the database's other connections."""
    with Database(dsn) as other, other.transaction() as transaction:
        transaction.query_text(
            "SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


def test_a_connection_that_breaks_is_opened_again(empty_postgres_dsn: str, database: Database) -> None:
    assert count(database) == 0
    end_backends(empty_postgres_dsn)
    with pytest.raises(PostgresUnavailableError):
        count(database)
    assert count(database) == 0


def test_a_connection_that_breaks_before_the_commit_leaves_the_outcome_unknown(
    empty_postgres_dsn: str, database: Database
) -> None:
    with pytest.raises(CommitOutcomeUnknownError), database.transaction() as transaction:
        transaction.query_text("INSERT INTO t VALUES (1)")
        end_backends(empty_postgres_dsn)
    assert count(database) == 0


@pytest.mark.parametrize(
    ("dsn", "kind", "words"),
    [
        (
            "postgresql://u:hunter2@127.0.0.1:1/d",
            PostgresUnavailableError,
            "cannot reach PostgreSQL at 127.0.0.1:1 (connection refused)",
        ),
        (
            "postgresql://u:hunter2@nowhere.invalid/d",
            PostgresUnavailableError,
            "nowhere.invalid (unknown host name)",
        ),
        ("postgresql://u:hun/ter2@h/d", UsageError, "cannot be used"),
        ("no such thing", UsageError, "cannot be used"),
    ],
)
def test_why_no_connection_came_about_is_said_without_the_password(
    dsn: str, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind) as caught, Database(dsn) as database, database.transaction():
        pass
    assert words in str(caught.value)
    assert "hunter2" not in f"{caught.value}{caught.value.__cause__}"
    assert "ter2" not in f"{caught.value}{caught.value.__cause__}"


def test_a_wrong_password_is_refused_at_once(postgres_server: str) -> None:
    wrong = postgres_server.replace("postgres:", "postgres:wrong-", 1) if "@" in postgres_server else ""
    refused = pytest.raises(PostgresRefusedError, match="password authentication failed")
    with refused, Database(wrong) as database, database.transaction():
        pass


def test_a_missing_table_leads_to_provision(database: Database) -> None:
    with pytest.raises(UsageError) as caught, database.transaction() as transaction:
        transaction.query("read_users")
    assert "antennactl provision" in str(caught.value.hint)
