"""The service manager hears on a real socket that the process is ready, gets on, and stops; no socket is no error."""

import os
import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from antennactl.observe.service_manager import ServiceManager


@pytest.fixture(params=["path", "abstract"])
def manager_socket(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, socket.socket]]:
    """Give what $NOTIFY_SOCKET says, and the socket there."""
    name = str(tmp_path / "notify") if request.param == "path" else f"@antennactl-{uuid.uuid4()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(name.replace("@", "\0") if request.param == "abstract" else name)
        receiver.settimeout(30)
        yield name, receiver


def heard(receiver: socket.socket) -> list[str]:
    receiver.settimeout(0)
    found = []
    while True:
        try:
            found.append(receiver.recv(4096).decode())
        except BlockingIOError:
            return found


def test_it_hears_ready_once_then_beats_and_stopping_once(manager_socket: tuple[str, socket.socket]) -> None:
    name, receiver = manager_socket
    now = 100.0
    manager = ServiceManager(name, 8.0, lambda: now)
    for _ in range(7):
        manager.beat()
        now += 1.0
    manager.describe("micro-batch 1: 7 messages")
    manager.stop()
    manager.stop()
    assert heard(receiver) == [
        "READY=1",
        "WATCHDOG=1",
        "WATCHDOG=1",
        "WATCHDOG=1",
        "STATUS=micro-batch 1: 7 messages",
        "STOPPING=1",
    ]


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"WATCHDOG_USEC": "4000000"}, ["READY=1", "WATCHDOG=1"]),
        ({"WATCHDOG_USEC": "4000000", "WATCHDOG_PID": str(os.getpid())}, ["READY=1", "WATCHDOG=1"]),
        ({"WATCHDOG_USEC": "4000000", "WATCHDOG_PID": "1"}, ["READY=1"]),  # meant for another process
        ({"WATCHDOG_USEC": "soon"}, ["READY=1"]),
        ({}, ["READY=1"]),
    ],
)
def test_the_environment_says_what_it_wants(
    manager_socket: tuple[str, socket.socket], variables: dict[str, str], expected: list[str]
) -> None:
    name, receiver = manager_socket
    manager = ServiceManager.of({"NOTIFY_SOCKET": name, **variables})
    manager.beat()
    manager.beat()
    assert heard(receiver) == expected


@pytest.mark.parametrize("name", [None, "", "/nowhere/notify", "@nobody-listens", "x" * 300])
def test_where_nobody_listens_nothing_happens(name: str | None) -> None:
    manager = ServiceManager(name, 1.0)
    manager.beat()
    manager.stop()


def test_a_manager_that_does_not_read_holds_nobody_up(manager_socket: tuple[str, socket.socket]) -> None:
    name, receiver = manager_socket
    manager = ServiceManager(name, 1.0)
    for number in range(5_000):  # more than any queue of datagrams holds
        manager.describe(str(number))
    assert heard(receiver)[0] == "STATUS=0"
