"""A world of its own for each end-to-end test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.antennactl_process import World, end_started
from e2e.secure_world import SecureServices, SecureWorld
from e2e.store_world import StoreWorld
from faulty_store import FaultyStore
from object_store import ObjectStore, running_object_store
from security_services import make_certificates, running_kafka, running_postgres
from services import database_of, made_database, made_topic, own_ledger


@pytest.fixture(scope="session")
def world_template(
    postgres_server: str, bootstrap_servers: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Name of a database that `antennactl provision` made, to be cloned."""
    with made_database(postgres_server) as dsn:
        World(dsn, bootstrap_servers, "unused", tmp_path_factory.mktemp("template")).run("provision")
        yield database_of(dsn)


@pytest.fixture(autouse=True)
def _no_process_left() -> Iterator[None]:
    yield
    end_started()


@pytest.fixture
def world(
    postgres_server: str, world_template: str, bootstrap_servers: str, topic: str, tmp_path: Path
) -> Iterator[World]:
    """Give a provisioned database with the exercise's users, an empty topic and a folder for the lake."""
    with made_database(postgres_server, world_template) as dsn:
        own_ledger(dsn)
        yield World(dsn, bootstrap_servers, topic, tmp_path)


@pytest.fixture(scope="session")
def object_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ObjectStore]:
    """Run the session's object store."""
    with running_object_store(tmp_path_factory.mktemp("store") / "s3proxy") as store:
        yield store


@pytest.fixture
def faulty_store(object_store: ObjectStore) -> Iterator[FaultyStore]:
    """Give a way to the store that does what a test tells it to do to requests: at first nothing."""
    with FaultyStore(object_store.port) as proxy:
        yield proxy


@pytest.fixture
def store_world(world: World, object_store: ObjectStore, faulty_store: FaultyStore) -> StoreWorld:
    """Give `world` with its lake in the store, reached through `faulty_store`."""
    names = (world.dsn, world.bootstrap_servers, world.topic, world.folder)
    return StoreWorld(*names, store=object_store, prefix=f"lakes/{world.topic}", port=faulty_store.port)


@pytest.fixture(scope="session")
def secure_services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureServices]:
    """Run the session's PostgreSQL and Kafka that let nobody in without TLS and a password."""
    folder = tmp_path_factory.mktemp("secure")
    certificates = make_certificates(folder / "certificates")
    with running_postgres(certificates) as postgres, running_kafka(folder / "kafka", certificates) as kafka:
        yield SecureServices(certificates, postgres, kafka)


@pytest.fixture
def secure_world(
    secure_services: SecureServices, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[SecureWorld]:
    """Give an empty database and topic of this test alone on those services."""
    postgres, kafka = secure_services.postgres, secure_services.kafka
    # For the test's own queries; commands get what `environ` gives them.
    monkeypatch.setenv("PGPASSWORD", postgres.password)
    with made_database(postgres.dsn()) as dsn, made_topic(kafka.admin()) as topic:
        yield SecureWorld(
            dsn, kafka.servers(), topic, tmp_path, services=secure_services, database=database_of(dsn)
        )
