"""A stream under systemd: its notifications on a real socket, from the first poll to the end."""

import signal
import socket
from collections.abc import Callable

from e2e.antennactl_process import WAIT_S, World, finish


def test_a_stream_says_ready_then_that_it_gets_on_and_that_it_stops(world: World) -> None:
    world.run("simulate", "--messages", "50")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        name = f"antennactl-{world.topic}"
        receiver.bind(f"\0{name}")
        receiver.settimeout(WAIT_S)
        heard: list[str] = []

        def hear_until(is_wanted: Callable[[str], bool]) -> None:
            while not heard or not is_wanted(heard[-1]):
                heard.append(receiver.recv(4096).decode())

        process = world.start(
            "stream",
            "--interval",
            "200ms",
            env={"NOTIFY_SOCKET": f"@{name}", "WATCHDOG_USEC": "1000000"},
        )
        hear_until(lambda text: text == "READY=1")
        hear_until(lambda text: text.startswith("STATUS=micro-batch"))
        hear_until(lambda text: text == "WATCHDOG=1")
        heard.append("")
        hear_until(lambda text: text == "WATCHDOG=1")
        process.send_signal(signal.SIGTERM)
        hear_until(lambda text: text == "STOPPING=1")
        assert finish(process)[0] == 0
        receiver.settimeout(0)
        try:
            while True:
                heard.append(receiver.recv(4096).decode())
        except BlockingIOError:
            pass
    assert heard[0] == "READY=1"
    assert heard.count("READY=1") == heard.count("STOPPING=1") == 1
