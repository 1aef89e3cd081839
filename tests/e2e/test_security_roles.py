"""Each command does its work under its own role of queries/postgres/roles and is refused under the others'."""

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import polars as pl
import pytest
from confluent_kafka import Producer

from antennactl import sql
from antennactl.errors import UsageError
from antennactl.ledger.connection import Database
from antennactl.ledger.totals import MIN_COPIED, add_totals
from antennactl.schemas import TOTALS
from e2e.antennactl_process import World
from services import execute, made_database

ROLES = ("owner", "stream", "batch", "reader")
PASSWORD = "never sent in the clear"
TABLES = {
    "user_metadata": "public",
    "bytes": "public",
    "bytes_hourly": "public",
    "user_quota_limit": "public",
    "setting": "antennactl",
    "stream_offset": "antennactl",
    "worker": "antennactl",
    "micro_batch": "antennactl",
    "offset_range": "antennactl",
    "lake_file": "antennactl",
    "dead_letter": "antennactl",
    "batch_run": "antennactl",
}
# Rights to write, by table; what is not here is refused. SELECT is looked at by column below.
WRITES = {
    "stream": {
        "bytes": {"INSERT", "UPDATE"},
        "setting": {"INSERT", "UPDATE"},
        "stream_offset": {"INSERT", "UPDATE"},
        "worker": {"INSERT", "UPDATE", "DELETE"},
        "micro_batch": {"INSERT"},
        "offset_range": {"INSERT"},
        "lake_file": {"INSERT", "UPDATE"},
        "dead_letter": {"INSERT", "UPDATE"},
    },
    "batch": {
        "bytes_hourly": {"INSERT", "DELETE"},
        "user_quota_limit": {"INSERT", "DELETE"},
        "worker": {"INSERT", "UPDATE", "DELETE"},
        "lake_file": {"INSERT", "UPDATE"},
        "batch_run": {"INSERT", "UPDATE"},
    },
    "reader": {},
}

OLD_HOUR = "2026-03-01T06"
# Commands under a role that is not theirs.
REFUSED = [
    *((role, ("provision",)) for role in ("stream", "batch", "reader")),
    *((role, ("prune", "--keep", "30d")) for role in ("stream", "batch", "reader")),
    *((role, ("stream", "--drain")) for role in ("batch", "reader")),
    *((role, ("rejects", "--show", "0:0")) for role in ("batch", "reader")),
    *((role, ("batch", "--catch-up")) for role in ("stream", "reader")),
    *((role, ("compact", "--hour", OLD_HOUR)) for role in ("stream", "reader")),
    *((role, ("verify",)) for role in ("stream", "reader")),
    ("stream", ("report",)),
    ("stream", ("quota",)),
]


@pytest.fixture(scope="module")
def logins(postgres_server: str) -> Iterator[tuple[str, dict[str, str]]]:
    """DSN of the superuser, and one of a login in each role, of a database that a login provisioned as the owner."""
    with ExitStack() as stack:
        dsn = stack.enter_context(made_database(postgres_server))
        apply_roles(dsn)  # before the first provision: there is only the owner to make
        given = {role: stack.enter_context(made_login(dsn, role)) for role in ROLES}
        yield dsn, given


@contextmanager
def made_login(dsn: str, role: str) -> Iterator[str]:
    """Make a login that acts as the role, give its DSN, and take it away with all that it owns here."""
    name = f"test_{role}_{secrets.token_hex(4)}"
    execute(dsn, f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' IN ROLE antennactl_{role}")
    execute(dsn, f"ALTER ROLE {name} SET role TO antennactl_{role}")
    parts = urlsplit(dsn)
    login = f"{name}:{PASSWORD.replace(' ', '%20')}@{parts.netloc.rpartition('@')[2]}"
    try:
        yield parts._replace(netloc=login).geturl()
    finally:
        execute(dsn, f"DROP OWNED BY {name}")
        execute(dsn, f"DROP ROLE {name}")


def apply_roles(dsn: str) -> None:
    with Database(dsn) as database, database.transaction() as transaction:
        transaction.script(sql.statement("postgres/roles/roles"))


@pytest.fixture(scope="module")
def dsns(logins: tuple[str, dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """DSN of a login in each role, of a provisioned database; the superuser's is `super`."""
    dsn, given = logins
    World(given["owner"], "127.0.0.1:1", "none", tmp_path_factory.mktemp("roles")).run("provision")
    apply_roles(dsn)
    apply_roles(dsn)  # twice is the same as once
    return {**given, "super": dsn}


@pytest.fixture
def worlds(
    dsns: dict[str, str], bootstrap_servers: str, topic: str, tmp_path: Path
) -> Iterator[dict[str, World]]:
    """One lake and topic, seen by each role; ledger and floor are emptied at the end."""
    world = World(dsns["super"], bootstrap_servers, topic, tmp_path)
    yield {role: replace(world, dsn=dsn) for role, dsn in dsns.items()}
    names = [
        f"{schema}.{name}" for name, schema in TABLES.items() if name not in {"setting", "user_metadata"}
    ]
    execute(dsns["super"], f"TRUNCATE {', '.join(names)}")
    execute(dsns["super"], "DELETE FROM antennactl.setting WHERE name = 'retention_floor'")


@pytest.mark.parametrize("has_policy", [False, True])
def test_the_stream_role_adds_many_totals(worlds: dict[str, World], *, has_policy: bool) -> None:
    """By COPY where there are none yet, which needs no further right; not where a policy decides who sees a row."""
    hour = datetime(2026, 3, 1, 6, tzinfo=UTC)
    rows = [(hour, f"{number:06}", 1, "user_total_bytes") for number in range(MIN_COPIED)]
    totals = pl.DataFrame(rows, schema=TOTALS, orient="row")
    if has_policy:
        execute(worlds["super"].dsn, "CREATE POLICY all_rows ON public.bytes USING (true)")
        execute(worlds["super"].dsn, "ALTER TABLE public.bytes ENABLE ROW LEVEL SECURITY")
    try:
        with Database(worlds["stream"].dsn) as database:
            for _ in range(2):
                with database.transaction() as transaction:
                    add_totals(transaction, totals)
            with database.transaction() as transaction:
                found = transaction.query_text("SELECT count(*), sum(value)::bigint FROM public.bytes")
    finally:
        if has_policy:
            execute(worlds["super"].dsn, "DROP POLICY all_rows ON public.bytes")
            execute(worlds["super"].dsn, "ALTER TABLE public.bytes DISABLE ROW LEVEL SECURITY")
    assert found.rows() == [(MIN_COPIED, 2 * MIN_COPIED)]


def test_each_command_does_its_work_under_its_role(worlds: dict[str, World]) -> None:
    worlds["owner"].run("provision")
    worlds["owner"].run("simulate", "--messages", "300", "--malformed", "0.1", "--seed", "3")
    worlds["stream"].run("stream", "--drain")
    worlds["stream"].run("rejects")
    worlds["stream"].run("rejects", "--replay")
    worlds["batch"].run("batch", "--catch-up")
    worlds["batch"].run("verify")
    worlds["reader"].run("status")
    worlds["reader"].run("report", "--out", "report.html")
    make_old_hour(worlds)
    (compacted,) = worlds["batch"].document("compact", "--hour", OLD_HOUR)["compacted"]
    assert (compacted["n_files"], compacted["n_rows"]) == (2, 100)
    worlds["batch"].run("batch", "--hour", OLD_HOUR, "--compact")
    worlds["reader"].run("quota")
    worlds["reader"].run("quota", "--hour", OLD_HOUR)
    pruned = worlds["owner"].document("prune", "--keep", "30d", "--keep-lake", "60d")
    assert pruned["lake"] == {"hours": 1, "files": 1, "rows": 100}
    assert pruned["deleted"]["bytes_hourly"] > 0
    worlds["batch"].run("verify")
    # An analyst's questions: of the totals and users, and of the lake's files, which the ledger names.
    hour = worlds["super"].query("SELECT max(timestamp)::text AS hour FROM bytes_hourly").item()
    worlds["reader"].run("quota")
    listed = worlds["reader"].document("quota", "--hour", hour, "--at", "0%")["users"]
    worlds["reader"].run("quota", "--hour", hour, "--explain", listed[0]["email"])
    worlds["reader"].run("trace", "--type", "app_total_bytes", "--id", "SKYPE", "--hour", hour)
    worlds["reader"].run("trace", "--type", "app_total_bytes", "--id", "SKYPE", "--timestamp", hour)
    owner = worlds["super"].query(
        "SELECT DISTINCT tableowner::text FROM pg_tables WHERE schemaname = 'antennactl'"
    )
    assert owner.rows() == [("antennactl_owner",)]


def test_rebuild_is_the_owners(worlds: dict[str, World], dsns: dict[str, str]) -> None:
    worlds["owner"].run("simulate", "--messages", "100")
    worlds["stream"].run("stream", "--drain")
    with made_database(dsns["super"]) as lost:
        apply_roles(lost)
        database = urlsplit(lost).path
        anew = {
            role: replace(worlds[role], dsn=urlsplit(dsns[role])._replace(path=database).geturl())
            for role in ROLES
        }
        anew["owner"].run("provision")
        apply_roles(lost)
        assert "lacks a right" in anew["stream"].run("rebuild", code=2)
        anew["owner"].run("rebuild")
        anew["batch"].run("verify")


def test_a_command_under_anothers_role_is_refused_and_changes_nothing(worlds: dict[str, World]) -> None:
    producer = Producer({"bootstrap.servers": worlds["super"].bootstrap_servers})
    producer.produce(worlds["super"].topic, b"no message", partition=0)
    producer.flush()
    make_old_hour(worlds)
    before = everything(worlds["super"])
    for role, words in REFUSED:
        printed = worlds[role].run(*words, code=2)
        assert "permission denied" in printed, (role, words)
        assert "this role lacks a right" in printed, (role, words)
        assert PASSWORD not in printed, (role, words)
    assert everything(worlds["super"]) == before


def make_old_hour(worlds: dict[str, World]) -> None:
    """Commit an hour of long ago in two micro-batches, a file each."""
    for seed in ("1", "2"):
        worlds["owner"].run(
            "simulate", "--messages", "50", "--start", OLD_HOUR, "--span", "30m", "--seed", seed
        )
        worlds["stream"].run("stream", "--drain")


def everything(world: World) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of every table but those of the workers, who come and go."""
    return {
        name: world.table(f"{schema}.{name}", "1, 2") for name, schema in TABLES.items() if name != "worker"
    }


@pytest.mark.parametrize("role", WRITES)
def test_a_role_may_write_what_its_commands_write_and_nothing_else(dsns: dict[str, str], role: str) -> None:
    verbs = ("INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    found: dict[str, set[str]] = {}
    with Database(dsns["super"]) as database, database.transaction() as transaction:
        for table, schema in TABLES.items():
            for verb in verbs:
                name = f"'antennactl_{role}', '{schema}.{table}', '{verb}'"
                either = f"has_table_privilege({name})"
                if verb in {"INSERT", "UPDATE", "REFERENCES"}:
                    either = f"has_any_column_privilege({name})"
                if transaction.query_text(f"SELECT {either} AS allowed").item():
                    found.setdefault(table, set()).add(verb)
    assert found == WRITES[role]


@pytest.mark.parametrize(
    ("role", "statement"),
    [
        ("stream", "SELECT email FROM public.user_metadata"),
        ("stream", "SELECT name FROM public.user_metadata"),
        ("stream", "SELECT email FROM public.user_quota_limit"),
        ("stream", "SELECT email FROM public.user_quota_live"),
        ("stream", "UPDATE public.bytes SET id = 'x'"),
        ("stream", "UPDATE antennactl.dead_letter SET payload = NULL"),
        ("stream", "UPDATE antennactl.lake_file SET removed_at = now()"),
        ("stream", "CREATE TABLE public.mine (x int)"),
        ("stream", "ALTER TABLE public.bytes ADD COLUMN x int"),
        ("batch", "SELECT payload FROM antennactl.dead_letter"),
        ("batch", "UPDATE antennactl.stream_offset SET next_offset = 0"),
        ("batch", "CREATE SCHEMA mine"),
        ("reader", "SELECT payload FROM antennactl.dead_letter"),
        ("reader", "SELECT detail FROM antennactl.dead_letter"),
        ("reader", "SELECT * FROM antennactl.dead_letter"),
        ("reader", "DROP VIEW public.user_quota_live"),
    ],
)
def test_what_a_role_has_no_business_with_is_refused(dsns: dict[str, str], role: str, statement: str) -> None:
    with (
        Database(dsns[role]) as database,
        pytest.raises(UsageError, match=r"permission denied|must be owner"),
        database.transaction() as transaction,
    ):
        transaction.query_text(statement)


def test_a_reader_reads_the_four_tables_and_the_view(dsns: dict[str, str]) -> None:
    with Database(dsns["reader"]) as database, database.transaction() as transaction:
        for name in ("user_metadata", "bytes", "bytes_hourly", "user_quota_limit", "user_quota_live"):
            transaction.query_text(f"SELECT * FROM public.{name}")
