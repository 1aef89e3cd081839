"""Free loopback ports for servers of ours: numbers out, never a registered one."""

import random
import socket
from collections.abc import Collection
from pathlib import Path

LOOPBACK = "127.0.0.1"

_FIRST, _LAST = 20_000, 32_767
_EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Not the seeded generator: two test sessions with one seed would race for the same ports.
_RANDOM = random.SystemRandom()


def choose_free_port(taken: Collection[int] = ()) -> int:
    """Give a loopback port that was free a moment ago; whoever binds it must be ready to try another.

    Ports below the system's ephemeral range are preferred: a client that reconnects to a stopped server may
    otherwise be given that server's port as its own, and then the server cannot come back.
    """
    for _ in range(200):
        port = _RANDOM.randint(_FIRST, min(_LAST, _ephemeral_start() - 1))
        if port not in taken and not _is_registered(port) and _is_free(port):
            return port
    return _port_of_the_system()


def accepts_connections(port: int) -> bool:
    """Tell whether somebody, not necessarily our server, listens on the loopback port."""
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True


def _ephemeral_start() -> int:
    try:
        return max(int(_EPHEMERAL_RANGE.read_text().split()[0]), _FIRST + 1)
    except (OSError, ValueError, IndexError):
        return _LAST + 1


def _is_registered(port: int) -> bool:
    try:
        socket.getservbyport(port)
    except OSError:
        return False
    return True


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: a port whose last connections are in TIME_WAIT is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def _port_of_the_system() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
