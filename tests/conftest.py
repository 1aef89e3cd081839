"""Fixtures of all tests: one real PostgreSQL and Kafka a session, a database and a topic a test.

They start when the first test asks for them, so unit tests alone start nothing. ANTENNACTL_TEST_DSN (a URI of
a superuser), ANTENNACTL_TEST_BOOTSTRAP_SERVERS and ANTENNACTL_TEST_SPARK_REMOTE put services of your own in their
place.
"""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient
from hypothesis import settings

from antennactl.local import Kafka, Postgres, start_kafka, start_postgres
from bench.environments import Spark, find_java, prepare_python
from job_scheduler import SparkInOneJob
from services import database_of, made_database, made_topic, own_ledger, provision_template
from spark_cluster import started_cluster
from system_packages import require_packages

# An example that takes long on a loaded machine is no failure.
settings.register_profile("undisturbed", deadline=None)
settings.load_profile("undisturbed")


def pytest_configure(config: pytest.Config) -> None:
    """Look for the system's packages once, in the process that was started; jobs of xdist are started by it."""
    if not hasattr(config, "workerinput"):
        require_packages(config)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> SparkInOneJob:
    """Give the tests of Spark's cluster to one job."""
    return SparkInOneJob(config, log)


def quiet(_what: str, _done: int, _total: int) -> None:
    """Report no progress."""


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """DSN of the session's PostgreSQL, as superuser; take `postgres_dsn` unless you need the server itself.

    It does not sync to disk: no test crashes the machine, and those that crash PostgreSQL have their own.
    """
    if given := os.environ.get("ANTENNACTL_TEST_DSN"):
        yield given
        return
    with start_postgres(tmp_path_factory.mktemp("postgres"), quiet, durable=False) as postgres:
        yield postgres.dsn


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> Iterator[str]:
    """Name of a database with the current schema, to be cloned."""
    with made_database(postgres_server) as dsn:
        provision_template(dsn)
        yield database_of(dsn)


@pytest.fixture
def postgres_dsn(postgres_server: str, postgres_template: str) -> Iterator[str]:
    """DSN of a database of this test alone, with the current schema, no users and a ledger of its own."""
    with made_database(postgres_server, postgres_template) as dsn:
        own_ledger(dsn)
        yield dsn


@pytest.fixture
def empty_postgres_dsn(postgres_server: str) -> Iterator[str]:
    """DSN of a database of this test alone, with nothing in it."""
    with made_database(postgres_server) as dsn:
        yield dsn


@pytest.fixture(scope="session")
def bootstrap_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the session's Kafka."""
    if given := os.environ.get("ANTENNACTL_TEST_BOOTSTRAP_SERVERS"):
        yield given
        return
    with start_kafka(tmp_path_factory.mktemp("kafka"), quiet) as kafka:
        yield kafka.bootstrap_servers


@pytest.fixture(scope="session")
def kafka_admin(bootstrap_servers: str) -> AdminClient:
    """Administer the session's Kafka."""
    return AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 0})


@pytest.fixture
def topic(kafka_admin: AdminClient) -> Iterator[str]:
    """Name of a topic of this test alone, with four partitions."""
    with made_topic(kafka_admin) as name:
        yield name


@pytest.fixture(scope="session")
def spark_remote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of the session's Spark Connect server, with a cluster of two workers behind it.

    A file of tests that take it is named in `job_scheduler`: there is one cluster, in one job.
    """
    if given := os.environ.get("ANTENNACTL_TEST_SPARK_REMOTE"):
        yield given
        return
    spark = Spark(prepare_python("spark"), find_java(), ())
    with started_cluster(tmp_path_factory.mktemp("spark"), spark) as address:
        yield address


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[Postgres]:
    """Start a PostgreSQL that this test may kill and restart; it syncs to disk and has no schema."""
    with start_postgres(tmp_path / "own-postgres", quiet) as postgres:
        yield postgres


@pytest.fixture
def own_kafka(tmp_path: Path) -> Iterator[Kafka]:
    """Start a Kafka that this test may kill and restart; it has no topics."""
    with start_kafka(tmp_path / "own-kafka", quiet) as kafka:
        yield kafka


@pytest.fixture
def other_filesystem(tmp_path: Path) -> Iterator[Path]:
    """Give a folder on another filesystem than the test's own."""
    here = tmp_path.stat().st_dev
    for place in (Path("/dev/shm"), Path("/run"), Path(tempfile.gettempdir()), Path.home()):  # noqa: S108 - one of them
        if place.is_dir() and os.access(place, os.W_OK) and place.stat().st_dev != here:
            with tempfile.TemporaryDirectory(prefix="antennactl-", dir=place) as name:
                yield Path(name)
            return
    pytest.fail("this machine has one filesystem alone that we can write to")
