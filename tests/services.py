"""Databases and topics of one test each: a server's address in, something empty and named at random out."""

import secrets
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from urllib.parse import urlsplit

from adbc_driver_postgresql import dbapi
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stub hides it

from antennactl.ledger.connection import Database
from antennactl.ledger.schema import upgrade_schema

PARTITIONS = 4
TIMEOUT_S = 30.0


def provision_template(dsn: str) -> None:
    """Bring the database that tests are cloned from to the current schema; it holds no users."""
    with Database(dsn) as database:
        upgrade_schema(database)


@contextmanager
def made_database(server: str, template: str = "template0") -> Iterator[str]:
    """Make a database, empty or like `template`; give its DSN and drop it at the end, whoever is in it."""
    name = f"test_{secrets.token_hex(8)}"
    execute(server, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield with_database(server, name)
    finally:
        execute(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def execute(dsn: str, statement: str) -> None:
    """Run one statement outside a transaction, as CREATE DATABASE must be."""
    with closing(dbapi.connect(dsn, autocommit=True)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(statement)


def own_ledger(dsn: str) -> None:
    """Make the ledger of a cloned database another one than that of its template."""
    execute(dsn, "UPDATE antennactl.setting SET value = gen_random_uuid()::text WHERE name = 'ledger'")


def with_database(dsn: str, name: str) -> str:
    """Give the DSN, which has to be a URI, with another database."""
    return urlsplit(dsn)._replace(path=f"/{name}").geturl()


def database_of(dsn: str) -> str:
    """Give the name of the DSN's database."""
    return urlsplit(dsn).path.removeprefix("/")


@contextmanager
def made_topic(admin: AdminClient, partitions: int = PARTITIONS) -> Iterator[str]:
    """Make a topic that is ready for clients; give its name and delete it."""
    name = f"test-{secrets.token_hex(8)}"
    admin.create_topics([NewTopic(name, partitions)])[name].result(TIMEOUT_S)
    try:
        _wait_for_leaders(admin, name, partitions)
        yield name
    finally:
        admin.delete_topics([name])[name].result(TIMEOUT_S)


def _wait_for_leaders(admin: AdminClient, topic: str, partitions: int) -> None:
    """Wait until the broker knows what the controller has created; clients would meet an unknown topic."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        found = admin.list_topics(topic, TIMEOUT_S).topics[topic]
        if len(found.partitions) == partitions and all(p.leader >= 0 for p in found.partitions.values()):
            return
        assert time.monotonic() < deadline, f"{topic} has no leaders: {found.error}"
        time.sleep(0.01)
