"""A registry of metrics in; an HTTP address or a file that shows it out. Both are claimed before any work begins."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from prometheus_client import CollectorRegistry, start_http_server, write_to_textfile

from antennactl.errors import UsageError


@contextmanager
def serving(registry: CollectorRegistry, address: tuple[str, int]) -> Iterator[str]:
    """Serve `registry` in a thread of its own and yield the URL.

    Raises UsageError when the address is taken, not ours, or no address.
    """
    host, port = address
    try:
        server, thread = start_http_server(port, host.strip("[]"), registry)
    except (OSError, UnicodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "no name of a host"
        message = f"--metrics-addr {host}:{port}: {why}"
        raise UsageError(message, hint="choose a free port of this machine; port 0 takes any") from error
    try:
        yield f"http://{host}:{server.server_port}/metrics"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def require_writable(path: Path) -> None:
    """Raise UsageError when a file in the place of `path` could not be written; leave what is there as it is."""
    try:
        if path.is_dir():
            raise IsADirectoryError(None, "is a folder")
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}."):
            pass
    except OSError as error:
        message = f"--metrics-file {path}: {error.strerror}"
        raise UsageError(message, hint="name a file in a folder that this user may write to") from error


def write_metrics(registry: CollectorRegistry, path: Path) -> None:
    """Put the metrics in the place of `path` by a rename, so that a reader sees all of them. Raises OSError."""
    write_to_textfile(str(path), registry)
