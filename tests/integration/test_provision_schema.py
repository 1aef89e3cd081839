"""Provision brings any database to the current schema, or says why it cannot and changes nothing."""

import threading
import uuid

import polars as pl
import pytest

from antennactl import sql
from antennactl.errors import AntennactlError, UsageError
from antennactl.ledger import schema
from antennactl.ledger.connection import Database, RetryableLedgerError
from antennactl.ledger.schema import latest_version, require_schema, upgrade_schema, upgraded_schema
from antennactl.ledger.setting import LEDGER, SCHEMA_VERSION, read_setting, write_setting


def execute(dsn: str, script: str) -> None:
    """Run statements in a transaction of their own."""
    with Database(dsn) as database, database.transaction() as tx:
        tx.script(script)


def rows(dsn: str, statement: str) -> list[tuple[object, ...]]:
    """Return what one query finds."""
    with Database(dsn) as database, database.transaction() as tx:
        return tx.query_text(statement).rows()


def tables(dsn: str) -> set[str]:
    """Return the tables and views of both schemas, with their schema."""
    found = rows(
        dsn,
        "SELECT table_schema || '.' || table_name FROM information_schema.tables"
        " WHERE table_schema IN ('public', 'antennactl')",
    )
    return {str(name) for (name,) in found}


def test_an_empty_database_gets_both_schemas(empty_postgres_dsn: str) -> None:
    """The exercise's four tables and the view in public, the ledger in its own, at the newest version."""
    with Database(empty_postgres_dsn) as database:
        changes = upgrade_schema(database)
        with database.transaction() as tx:
            require_schema(tx)
            assert read_setting(tx, SCHEMA_VERSION) == str(latest_version())
    assert [f"applied schema file {name}" for name, _ in sql.scripts("postgres/schema")] == changes[:-1]
    public = {name for name in tables(empty_postgres_dsn) if name.startswith("public.")}
    assert public == {
        "public.user_metadata",
        "public.bytes",
        "public.bytes_hourly",
        "public.user_quota_limit",
        "public.user_quota_live",
    }


def test_a_second_upgrade_changes_nothing(empty_postgres_dsn: str) -> None:
    """The ledger's uuid is made once, and no statement of the schema runs again."""
    with Database(empty_postgres_dsn) as database:
        upgrade_schema(database)
        with database.transaction() as tx:
            ledger = read_setting(tx, LEDGER)
        assert upgrade_schema(database) == []
        with database.transaction() as tx:
            assert read_setting(tx, LEDGER) == ledger


def test_a_current_schema_takes_no_lock_on_tables(postgres_dsn: str) -> None:
    """A running stream that holds locks on every table does not hold up a provision."""
    locks = ", ".join(sorted(tables(postgres_dsn) - {"public.user_quota_live", "antennactl.setting"}))
    with Database(postgres_dsn) as stream, stream.transaction() as tx:
        tx.query_text(f"LOCK TABLE {locks} IN ROW EXCLUSIVE MODE")
        with Database(postgres_dsn) as database:
            assert upgrade_schema(database) == []


def test_an_older_schema_gets_the_later_files_alone(postgres_dsn: str) -> None:
    """From version 2 the third file is applied; until then the other commands refuse the database."""
    with Database(postgres_dsn) as database:
        with database.transaction() as tx:
            tx.query_text("DROP VIEW public.user_quota_live")
            write_setting(tx, SCHEMA_VERSION, "2")
        with pytest.raises(UsageError, match="at version 2"), database.transaction() as tx:
            require_schema(tx)
        changes = upgrade_schema(database)
    assert changes[0] == "applied schema file 03_user_quota_live.sql"
    assert "public.user_quota_live" in tables(postgres_dsn)


def test_a_table_that_stays_locked_leaves_the_schema_as_it_was(
    postgres_dsn: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The upgrade gives up soon, because a stream behind it would wait too; a second one does it."""
    monkeypatch.setattr(schema, "_LOCK_TIMEOUT", "SET LOCAL lock_timeout = '50ms';")
    with Database(postgres_dsn) as database, database.transaction() as tx:
        write_setting(tx, SCHEMA_VERSION, "3")
    with Database(postgres_dsn) as reader, Database(postgres_dsn) as database:
        with reader.transaction() as tx:
            tx.query_text("LOCK TABLE public.bytes IN ACCESS EXCLUSIVE MODE")
            with pytest.raises(RetryableLedgerError, match="stays at version 3"):
                upgrade_schema(database)
        assert upgrade_schema(database) != []


def test_a_newer_schema_is_refused(postgres_dsn: str) -> None:
    """An old antennactl neither works on it nor takes it back."""
    with Database(postgres_dsn) as database:
        with database.transaction() as tx:
            write_setting(tx, SCHEMA_VERSION, "99")
        with pytest.raises(UsageError, match="made by a newer version"):
            upgrade_schema(database)
        with pytest.raises(UsageError, match="made by a newer version"), database.transaction() as tx:
            require_schema(tx)


def test_an_unprovisioned_database_is_named_with_the_command(empty_postgres_dsn: str) -> None:
    """The hint is what to type."""
    with Database(empty_postgres_dsn) as database:
        with pytest.raises(UsageError, match="not provisioned") as caught, database.transaction() as tx:
            require_schema(tx)
        assert "antennactl provision" in str(caught.value.hint)


def test_upgrades_at_the_same_time_take_turns(empty_postgres_dsn: str) -> None:
    """One of them makes the schema, the others find it made, and there is one ledger."""
    barrier = threading.Barrier(4)
    changes: list[list[str]] = []
    errors: list[AntennactlError] = []

    def upgrade() -> None:
        barrier.wait()
        try:
            with Database(empty_postgres_dsn) as database:
                changes.append(upgrade_schema(database))
        except AntennactlError as error:
            errors.append(error)

    threads = [threading.Thread(target=upgrade) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(bool(made) for made in changes) == [False, False, False, True]


def test_fitting_tables_of_the_exercise_are_adopted(empty_postgres_dsn: str) -> None:
    """Tables that somebody else made, without keys, get theirs and keep their rows."""
    execute(
        empty_postgres_dsn,
        """
        CREATE TABLE user_metadata (id text, name text, email text, quota bigint);
        INSERT INTO user_metadata VALUES ('a', 'Ann', 'ann@x.org', 5);
        CREATE TABLE bytes (timestamp timestamptz, id text, value bigint, type text);
        INSERT INTO bytes VALUES ('2026-11-24 06:00Z', 'a', 7, 'user_total_bytes');
        """,
    )
    with Database(empty_postgres_dsn) as database:
        upgrade_schema(database)
    keys = rows(
        empty_postgres_dsn,
        "SELECT indexrelid::regclass::text FROM pg_index"
        " WHERE indisunique AND indrelid IN ('user_metadata'::regclass, 'bytes'::regclass) ORDER BY 1",
    )
    assert keys == [("bytes_key",), ("user_metadata_pkey",)]
    assert rows(empty_postgres_dsn, "SELECT usage, quota FROM user_quota_live") == [(7, 5)]


@pytest.mark.parametrize(
    ("script", "message", "hint"),
    [
        (
            "CREATE TABLE bytes (timestamp timestamp, id text, value bigint, type text)",
            "public.bytes.timestamp is timestamp without time zone, not timestamp with time zone",
            "USING \"timestamp\" AT TIME ZONE 'UTC'",
        ),
        (
            "CREATE TABLE bytes_hourly (timestamp timestamptz, id text, value integer, type text)",
            "public.bytes_hourly.value is integer, not bigint",
            'ALTER COLUMN "value" TYPE bigint',
        ),
        (
            "CREATE TABLE user_quota_limit (email text, usage bigint, quota bigint)",
            "public.user_quota_limit is there already, without the column timestamp",
            "RENAME TO user_quota_limit_before",
        ),
        (
            """
            CREATE TABLE bytes (timestamp timestamptz, id text, value bigint, type text);
            INSERT INTO bytes SELECT '2026-11-24', 'a', 1, 'x' FROM generate_series(1, 2)
            """,
            "public.bytes has rows with the same (timestamp, id, type), or with nulls",
            "remove those rows",
        ),
        (
            """
            CREATE TABLE bytes_hourly (timestamp timestamptz, id text, value bigint, type text);
            INSERT INTO bytes_hourly VALUES ('2026-11-24', NULL, 1, 'x')
            """,
            "public.bytes_hourly has rows with the same (timestamp, id, type), or with nulls",
            "remove those rows",
        ),
        (
            """
            CREATE TABLE user_metadata (id text, name text, email text, quota bigint);
            INSERT INTO user_metadata SELECT 'a' FROM generate_series(1, 2)
            """,
            "public.user_metadata has rows with the same (id), or with nulls",
            "remove those rows",
        ),
        (
            "CREATE VIEW bytes AS SELECT 1 AS x",
            "public.bytes is there already and is not a table",
            "rename or drop it",
        ),
        (
            "CREATE VIEW user_quota_live AS SELECT 1 AS x",
            "the view public.user_quota_live is there already, with other columns",
            "rename or drop it",
        ),
    ],
)
def test_tables_that_do_not_fit_are_named(
    empty_postgres_dsn: str, script: str, message: str, hint: str
) -> None:
    """With the column and the statement that helps; the database stays as it was."""
    execute(empty_postgres_dsn, script)
    before = tables(empty_postgres_dsn)
    with Database(empty_postgres_dsn) as database, pytest.raises(UsageError) as caught:
        upgrade_schema(database)
    assert message in str(caught.value)
    assert hint in str(caught.value.hint)
    assert tables(empty_postgres_dsn) == before


def test_a_role_without_the_right_is_named(empty_postgres_dsn: str) -> None:
    """With what it lacks, before anything is tried."""
    role = f"reader_{uuid.uuid4().hex[:8]}"
    execute(empty_postgres_dsn, f"CREATE ROLE {role}")
    separator = "&" if "?" in empty_postgres_dsn else "?"
    try:
        as_reader = f"{empty_postgres_dsn}{separator}options=-c%20role%3D{role}"
        with Database(as_reader) as database, pytest.raises(UsageError) as caught:
            upgrade_schema(database)
        assert f"{role} may not create in this database" in str(caught.value)
    finally:
        execute(empty_postgres_dsn, f"DROP ROLE {role}")


def test_what_the_block_adds_goes_with_the_upgrade(empty_postgres_dsn: str) -> None:
    """A failure after the DDL leaves nothing of it behind, and the next provision waits for no lock."""
    with (
        Database(empty_postgres_dsn) as database,
        pytest.raises(AntennactlError),
        upgraded_schema(database) as (tx, _),
    ):
        tx.query_text("SELECT 1 / 0")
    assert tables(empty_postgres_dsn) == set()
    with Database(empty_postgres_dsn) as database:
        assert upgrade_schema(database) != []


def test_a_database_without_users_has_an_empty_live_view(postgres_dsn: str) -> None:
    """Nothing was read yet: the view answers, with no rows."""
    with Database(postgres_dsn) as database, database.transaction() as tx:
        live = tx.query_text("SELECT email, usage, quota, share::text AS share, hour FROM user_quota_live")
    assert live.schema["usage"] == pl.Int64
    assert live.is_empty()
