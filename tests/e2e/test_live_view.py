"""A stream on a real terminal: the live table, and the terminal as it was afterwards; off a terminal, lines alone."""

import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import pytest

from e2e.antennactl_process import COMMAND, WAIT_S, World, wait_for
from json_keys import documented_keys, key_paths
from services import execute
from terminal import Terminal, terminal

# The terminal becomes the one that rules the process, as a shell's does: Ctrl-C is then a signal.
_AS_LEADER = (
    "import fcntl, os, sys, termios\n"
    "os.setsid()\n"
    "fcntl.ioctl(2, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)
_STREAM = ("stream", "--interval", "200ms")


@contextmanager
def running(
    world: World, tty: Terminal, *words: str, env: Mapping[str, str]
) -> Iterator["subprocess.Popen[str]"]:
    """Run a command with stdin and stderr on `tty`, and stdout into a pipe."""
    process = subprocess.Popen(
        [sys.executable, "-c", _AS_LEADER, COMMAND, *words],
        env=world.environ({"TERM": "xterm-256color", "NO_COLOR": "", **env}),
        cwd=world.folder,
        text=True,
        stdin=tty.slave,
        stdout=subprocess.PIPE,
        stderr=tty.slave,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def total_rows(rows: list[str]) -> str | None:
    """Return what the table says of all rows since the start."""
    found = re.search(r"^rows +\S+ +(\S+)$", "\n".join(rows), re.MULTILINE)
    return found and found[1]


def total_rejected(rows: list[str]) -> str | None:
    found = re.search(r"^rejected +\S+ +(\S+)$", "\n".join(rows), re.MULTILINE)
    return found and found[1]


def n_told(rows: list[str]) -> int:
    """Return how many messages the lines of micro-batches tell of in all, however they were cut."""
    return sum(map(int, re.findall(r"micro-batch \S+: (\d+) messages", "\n".join(rows))))


def await_messages(world: World, n: int) -> None:
    read = "SELECT coalesce(sum(n_events), 0)::bigint FROM antennactl.micro_batch"
    wait_for(lambda: world.query(read).item() == n)


def test_the_table_appears_and_ctrl_c_leaves_it_and_the_terminal_in_order(world: World) -> None:
    world.run("simulate", "--messages", "400", "--malformed", "0.1")
    with terminal(80, 24) as tty, running(world, tty, *_STREAM, env={}) as process:
        tty.await_rows(lambda rows: total_rows(rows) == "400")
        tty.await_rows(lambda rows: "lag                 0 rows in 4 partitions" in rows)
        tty.type(b"\x03")
        assert process.wait(WAIT_S) == 0
        # What the process wrote last may still be on its way; until then a row may be seen half drawn.
        rows = tty.await_rows(lambda rows: rows[-1] == "" and total_rejected(rows) == "40")
    table = [number for number, row in enumerate(rows) if row.startswith("antennactl stream  ")]
    assert len(table) == 1, rows
    assert all(len(row) < 80 for row in rows[table[0] :])
    assert b"\x1b[1m" in tty.raw
    for hidden in (b"\x1b[?25l", b"\x1b[?1049h"):  # neither the cursor nor what was there before
        assert hidden not in tty.raw


def test_log_lines_go_above_the_table(world: World) -> None:
    with terminal(60, 15) as tty, running(world, tty, *_STREAM, env={"NO_COLOR": "1"}) as process:
        tty.await_rows(lambda rows: any("none committed yet" in row for row in rows))
        execute(world.dsn, "DELETE FROM antennactl.worker")
        world.run("simulate", "--messages", "10")
        rows = tty.await_rows(lambda rows: total_rows(rows) == "10")
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0
        assert b"\x1b[1m" not in tty.raw
    table = next(number for number, row in enumerate(rows) if row.startswith("antennactl stream  "))
    # A line may be longer than the window; what is above the table is the terminal's to break.
    assert any(row.startswith("warning: worker ") for row in rows[:table]), rows
    assert not any("warning" in row for row in rows[table:])


def test_a_terminal_that_was_stopped_does_not_stop_the_stream(world: World) -> None:
    with terminal(80, 24) as tty, running(world, tty, *_STREAM, env={}) as process:
        tty.await_rows(lambda rows: any("none committed yet" in row for row in rows))
        tty.type(b"\x13")  # Ctrl-S
        for n in (10, 20):
            world.run("simulate", "--messages", "10")
            await_messages(world, n)
        assert not any(row.startswith("rows ") for row in tty.rows())
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_S) == 0


def test_an_error_comes_below_the_table(world: World) -> None:
    world.run("simulate", "--messages", "20000", "--malformed", "0.9")
    with terminal(80, 24) as tty, running(world, tty, "stream", env={}) as process:
        assert process.wait(WAIT_S) == 5
        rows = tty.await_rows(lambda rows: any(row.startswith("hint: ") for row in rows))
    table = next(number for number, row in enumerate(rows) if row.startswith("antennactl stream  "))
    error = next(number for number, row in enumerate(rows) if row.startswith("error: "))
    assert table < error


def test_a_drain_tells_how_far_it_came(world: World) -> None:
    world.run("simulate", "--messages", "400")
    with terminal(100, 30) as tty, running(world, tty, *_STREAM, "--drain", env={}) as process:
        assert process.wait(WAIT_S) == 0
        tty.await_rows(lambda rows: any("100%  400 of 400" in row for row in rows))


def test_a_long_wait_of_another_command_has_a_bar_until_it_ends(world: World) -> None:
    words = ("simulate", "--messages", "300", "--rate", "100/s")
    with terminal() as tty, running(world, tty, *words, env={}) as process:
        tty.await_rows(lambda rows: any(row.startswith("messages  [#") and "of 300" in row for row in rows))
        told, _ = process.communicate(timeout=WAIT_S)
        assert process.returncode == 0
        assert told.startswith("sent 300 messages")
        tty.await_rows(lambda rows: not any(rows))


@pytest.mark.parametrize("env", [{"TERM": "dumb"}, {"ANTENNACTL_LOG_FORMAT": "json"}])
def test_a_terminal_that_cannot_draw_has_a_line_a_micro_batch(world: World, env: dict[str, str]) -> None:
    world.run("simulate", "--messages", "40")
    with terminal() as tty, running(world, tty, *_STREAM, "--drain", env=env) as process:
        assert process.wait(WAIT_S) == 0
        tty.await_rows(lambda rows: n_told(rows) == 40)
        assert b"\x1b" not in tty.raw


def test_off_a_terminal_there_is_a_line_a_micro_batch_and_nothing_else(world: World) -> None:
    world.run("simulate", "--messages", "40")
    done = subprocess.run(
        [COMMAND, *_STREAM, "--drain"],
        env=world.environ({"TERM": "xterm-256color"}),
        cwd=world.folder,
        capture_output=True,
        timeout=WAIT_S,
        check=True,
    )
    assert done.stdout == b""
    assert b"\x1b" not in done.stderr
    assert b"\r" not in done.stderr
    reading, *batches = done.stderr.decode().splitlines()
    assert reading.startswith("reading topic ")
    assert all(row.startswith("micro-batch ") for row in batches)
    assert n_told(batches) == 40


def test_a_document_a_micro_batch_has_the_keys_that_are_written_down(world: World) -> None:
    world.run("simulate", "--messages", "400", "--malformed", "0.1")
    documents = [
        json.loads(row)
        for row in world.run("stream", "--interval", "200ms", "--drain", "--json").splitlines()
    ]
    assert sum(document["num_input_rows"] for document in documents) == 400
    assert key_paths(documents[0]) == documented_keys("stream")
    document = documents[0]
    read = sum(document["end_offsets"].values()) - sum(document["start_offsets"].values())
    assert read == document["num_input_rows"]
    assert set(document["duration_ms"]) == {"poll", "decode", "totals", "stage", "commit", "publish"}
