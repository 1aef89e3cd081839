"""Where it is measured: our own PostgreSQL and Kafka, a fresh database and lake a run, topics of made traffic."""

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from uuid import uuid4

import polars as pl
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stub hides it

from antennactl.ledger.connection import Database
from antennactl.local import LocalServices, start_services
from antennactl.simulator.population import user_ids
from bench.accounts import server_cpu_s
from bench.process import COMMAND

# Some users pass it in an hour of 50 M rows and 1 M users, most do not.
_QUOTA: Final = 300_000
_TIMEOUT_S: Final = 7200


@dataclass(frozen=True)
class Topic:
    """A topic of made traffic and what is in it."""

    name: str
    n_messages: int
    sum_bytes: int
    n_users: int


@dataclass(frozen=True)
class World:
    """What one run has to itself: a database and a lake; the topic may be shared."""

    database: str
    dsn: str
    bootstrap_servers: str
    topic: str
    lake: Path

    @property
    def environment(self) -> dict[str, str]:
        """The settings of antennactl."""
        return {
            "ANTENNACTL_DSN": self.dsn,
            "ANTENNACTL_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "ANTENNACTL_TOPIC": self.topic,
            "ANTENNACTL_LAKE": str(self.lake),
            "ANTENNACTL_GROUP": f"bench-{uuid4().hex}",
        }

    def query(self, statement: str) -> pl.DataFrame:
        """Return the rows of one statement."""
        with Database(self.dsn) as database, database.transaction() as transaction:
            return transaction.query_text(statement)

    def run(self, *words: str) -> str:
        """Run antennactl, unmeasured, and return what it printed."""
        return run_antennactl(self.environment, *words)


@dataclass
class Place:
    """The services, and what was made in them so far."""

    folder: Path
    services: LocalServices
    _templates: dict[int, str] = field(default_factory=dict)

    @property
    def server_cpu_s(self) -> dict[str, float]:
        """The CPU seconds of the broker and of PostgreSQL so far."""
        return {
            "broker": server_cpu_s(self.services.kafka.pid),
            "postgres": server_cpu_s(self.services.postgres.pid),
        }

    @contextmanager
    def world(self, topic: str, n_users: int = 0, *, like: World | None = None) -> Iterator[World]:
        """Make a database with `n_users` users, or a copy of that of `like`, and an empty lake; both go at the end."""
        template = like.database if like else self._template(n_users)
        name = f"bench_{uuid4().hex}"
        self._execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        # What an earlier run left to be written is not to be written in this one's time.
        self._execute("CHECKPOINT")
        lake = self.folder / name
        try:
            yield World(name, self._dsn(name), self.services.bootstrap_servers, topic, lake)
        finally:
            self._execute(f"DROP DATABASE {name} WITH (FORCE)")
            shutil.rmtree(lake, ignore_errors=True)

    def make_topic(
        self, n_messages: int, *, users: int, antennas: int, partitions: int = 4, span: str = "2h"
    ) -> Topic:
        """Make a topic and fill it with antennactl's own simulated traffic."""
        name = self.make_empty_topic(partitions)
        return self.fill_topic(name, n_messages, users=users, antennas=antennas, span=span)

    def fill_topic(self, name: str, n_messages: int, *, users: int, antennas: int, span: str = "2h") -> Topic:
        """Send antennactl's own simulated traffic to a topic."""
        words = ("--messages", n_messages, "--users", users, "--antennas", antennas, "--span", span)
        environment = {
            "ANTENNACTL_BOOTSTRAP_SERVERS": self.services.bootstrap_servers,
            "ANTENNACTL_TOPIC": name,
        }
        sent = json.loads(run_antennactl(environment, "simulate", *map(str, words), "--json"))
        return Topic(name, sent["n_sent"], sent["sum_bytes"], users)

    def make_empty_topic(self, partitions: int = 4) -> str:
        """Make a topic and return its name."""
        name = f"bench-{uuid4().hex[:12]}"
        admin = self._admin()
        admin.create_topics([NewTopic(name, num_partitions=partitions)])[name].result(30)
        return name

    def drop_topic(self, name: str) -> None:
        """Remove a topic and its disk space."""
        admin = self._admin()
        admin.delete_topics([name])[name].result(30)

    def users_file(self, n_users: int) -> Path:
        """Return a CSV of the first `n_users` users of the simulator."""
        path = self.folder / f"users-{n_users}.csv"
        if not path.exists():
            ids = user_ids(n_users)
            number = pl.Series(range(1, n_users + 1)).cast(pl.String)
            name = ("user-" + number).alias("name")
            email = (name + "@example.org").alias("email")
            rows = pl.DataFrame([ids, name, email]).with_columns(quota=pl.lit(_QUOTA))
            rows.write_csv(path)
        return path

    def users_parquet(self, n_users: int) -> Path:
        """Return the same users as Parquet: what the batch peers read."""
        path = self.folder / f"users-{n_users}.parquet"
        if not path.exists():
            pl.read_csv(self.users_file(n_users)).write_parquet(path)
        return path

    def _template(self, n_users: int) -> str:
        """Return a provisioned database with that many users, made once."""
        if n_users not in self._templates:
            name = f"bench_template_{n_users}"
            self._execute(f"CREATE DATABASE {name}")
            environment = {"ANTENNACTL_DSN": self._dsn(name)}
            users = ("--users", str(self.users_file(n_users))) if n_users else ("--users", self._nobody())
            run_antennactl(environment, "provision", *users)
            self._templates[n_users] = name
        return self._templates[n_users]

    def _nobody(self) -> str:
        path = self.folder / "nobody.csv"
        path.write_text("id,name,email,quota\n")
        return str(path)

    def _dsn(self, database: str) -> str:
        return f"{self.services.dsn.rpartition('/')[0]}/{database}"

    def _execute(self, statement: str) -> None:
        """Run a statement that no transaction may hold, by the driver itself."""
        from adbc_driver_postgresql import dbapi

        with dbapi.connect(self.services.dsn, autocommit=True) as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    def _admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.services.bootstrap_servers, "log_level": 0})


@contextmanager
def open_place(parent: Path | None = None) -> Iterator[Place]:
    """Start the services in a folder of their own below `parent`; all of it goes at the end."""
    folder = Path(tempfile.mkdtemp(prefix="antennactl-bench-", dir=parent))
    # As root PostgreSQL runs as another user; what lies in the folder has modes of its own.
    folder.chmod(0o711)
    try:
        # Durable: with synced commits, as in production.
        with start_services(folder, durable=True) as services:
            yield Place(folder, services)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def run_antennactl(environment: Mapping[str, str], *words: str) -> str:
    """Run a command of antennactl and return its stdout. Raises CalledProcessError, its stderr shown."""
    import os
    import sys

    done = subprocess.run(
        [COMMAND, *words],
        env={**os.environ, **environment},
        text=True,
        capture_output=True,
        timeout=_TIMEOUT_S,
        check=False,
    )
    if done.returncode:
        sys.stderr.write(done.stderr)
        done.check_returncode()
    return done.stdout
