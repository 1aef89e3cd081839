"""Run one server while the process at the other end of standard input lives: a description in, its pid out.

A script of its own (`process.py` starts it) that needs only the standard library. It stands between the
server and the process that wants it, because only a process that outlives that one can stop the server after
`kill -9`, on every system alike. Standard input brings one line of JSON (see `process.ServerCommand`), then
words: `halt` stops the server, `kill` kills it, `release` lets it live on; the end of the input stops it and
removes the folders named, which also go when a released server has ended.
"""

import json
import os
import selectors
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO


def main() -> int:
    """Serve one server; the exit code is 0 unless it cannot be started."""
    control = open(0, "rb", buffering=0)  # noqa: SIM115 - unbuffered, so that select() sees every word
    description = json.loads(control.readline() or "null")
    if description is None:
        return 1
    wakeup = _listen_to_signals()
    try:
        server = _start(description)
    except OSError as error:
        sys.stderr.write(f"cannot run {description['argv'][0]}: {error.strerror}\n")
        return 1
    sys.stdout.write(f"{server.pid}\n")
    sys.stdout.flush()
    word = _wait_for_word(control, wakeup, server)
    if word == "kill":
        _end(server, description["kill_signal"], grace_s=5)
    elif word in {"halt", "end"}:
        _end(server, description["stop_signal"], grace_s=description["grace_s"])
    elif word == "release" and description["remove"]:
        # Nobody else is left to remove them when the server has ended.
        server.wait()
        word = "end"
    if word == "end":
        for folder in description["remove"]:
            shutil.rmtree(folder, ignore_errors=True)
    return 0


def _listen_to_signals() -> int:
    """Make signals readable; handlers instead of SIG_IGN, which the server would inherit."""
    readable, writable = os.pipe()
    os.set_blocking(writable, False)
    signal.set_wakeup_fd(writable, warn_on_full_buffer=False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGQUIT):
        signal.signal(number, lambda *_: None)
    return readable


def _start(description: dict[str, Any]) -> subprocess.Popen[bytes]:
    account = description["account"]
    with Path(description["log"]).open("ab") as log:
        return subprocess.Popen(
            description["argv"],
            env=description["environment"],
            cwd=description["folder"],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            umask=0o077,
            user=account[0] if account else None,
            group=account[1] if account else None,
            extra_groups=[] if account else None,
        )


def _wait_for_word(control: BinaryIO, wakeup: int, server: subprocess.Popen[bytes]) -> str:
    """Return what to do: a word of the input, `end` when that ends, `gone` when the server has ended."""
    with selectors.DefaultSelector() as selector:
        selector.register(control, selectors.EVENT_READ)
        selector.register(wakeup, selectors.EVENT_READ)
        while server.poll() is None:
            ready = {key.fileobj for key, _ in selector.select()}
            if wakeup in ready and signal.SIGTERM in os.read(wakeup, 64):
                return "halt"
            if control in ready:
                return control.readline().decode().strip() or "end"
    return "gone"


def _end(server: subprocess.Popen[bytes], number: int, *, grace_s: float) -> None:
    """Signal the server, wait, and kill it with its process group if it does not go."""
    server.send_signal(number)
    try:
        server.wait(grace_s)
    except subprocess.TimeoutExpired:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()


if __name__ == "__main__":
    sys.exit(main())
