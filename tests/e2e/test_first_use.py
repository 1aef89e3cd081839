"""What a beginner gets wrong is answered with what, where and the next step: one line each, no traceback, no secret."""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from e2e.antennactl_process import COMMAND, WAIT_S, World

USER = "00000000-0000-0000-0000-000000000001,ann,ann@x.org"
HEADER = "id,name,email,quota"
SECRET = "hunter2"
TOML = "antennactl.toml"


@dataclass(frozen=True)
class Mistake:
    """A command line, what lies in its folder and its environment, and the words that the answer has."""

    words: str
    answer: tuple[str, ...]
    files: Mapping[str, bytes] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    code: int = 2


def toml(content: str, *answer: str) -> Mistake:
    return Mistake("config", (TOML, *answer), {TOML: content.encode()})


def users(content: str, *answer: str) -> Mistake:
    return Mistake("provision --users users.csv", ("users.csv", *answer), {"users.csv": content.encode()})


def dsn(text: str, *answer: str, code: int = 2) -> Mistake:
    return Mistake("verify", answer, environ={"ANTENNACTL_DSN": text}, code=code)


MISTAKES = {
    "an option before the command": Mistake(
        "--topic x stream", ("--topic stands before the command", "antennactl stream --help")
    ),
    "a folder for a configuration": Mistake("config --config .", ("configuration .: Is a directory",)),
    "text without quotes": toml("topic = devices\n", "line 1", 'topic = "devices"'),
    "a value for the table kafka": toml('kafka = "x"\n', "kafka is a table", "write [kafka]"),
    "a value for a command's table": toml("stream = 1\n", "stream is a table", "write [stream]"),
    "a list of brokers": toml(
        'bootstrap-servers = ["a:1", "b:2"]\n', "not a list", "kafka1:9092,kafka2:9092"
    ),
    "a list in a command's table": toml('[stream]\ngroup = ["a"]\n', "[stream] group", "not a list"),
    "an open secret": toml(f'[kafka]\nsasl.password = "{SECRET}"\n', "others can read it", "chmod 600"),
    "a secret in broken TOML": toml(f'[kafka]\nsasl.password = "{SECRET}\n', "line 2"),
    "another encoding": Mistake("config", (TOML, "not UTF-8"), {TOML: b"\xff\xfe"}),
    "an empty DSN": dsn("", "ANTENNACTL_DSN is empty", "leave it out"),
    "a database with a space": dsn("postgresql://ann@127.0.0.1:1/a b", "%20", "postgresql://user@host"),
    "another scheme": dsn("mysql://ann@127.0.0.1:1/telecom", "postgresql://user@host"),
    "a port in letters": dsn("postgresql://ann@127.0.0.1:abc/telecom", "port is not a number"),
    "a raw password": dsn(f"postgresql://ann:{SECRET}?#%@127.0.0.1:1/telecom", "percent-encoded"),
    "a spaced password": dsn(f"postgresql://ann:{SECRET} x@127.0.0.1:1/telecom", "%20"),
    "nobody at the port": dsn(f"postgresql://ann:{SECRET}@127.0.0.1:1/t", "127.0.0.1:1", "--dsn", code=3),
    "an empty topic": Mistake("stream --topic=", ("--topic is empty", "leave it out")),
    "an empty lake": Mistake("verify", ("ANTENNACTL_LAKE is empty",), environ={"ANTENNACTL_LAKE": ""}),
    "a broker's port in letters": Mistake(
        "simulate --bootstrap-servers kafka1:abc", ("kafka1:abc", "kafka1:9092,kafka2:9092")
    ),
    "no broker at all": Mistake("simulate --bootstrap-servers=", ("--bootstrap-servers is empty",)),
    "an hour that cannot close": Mistake("batch --hour 9999-12-31T23", ("--hour", "1970 to 9998")),
    "a single digit hour": Mistake("batch --hour 2026-11-24T6", ("--hour", "2026-11-24T06")),
    "no users": users("", "is empty", HEADER),
    "users by semicolon": users("id;name;email;quota\n", f"line 1 is not the header {HEADER}", "commas"),
    "users without a header": users(f"{USER},5\n", f"line 1 is not the header {HEADER}"),
    "too few columns": users("name,email,quota\n", f"line 1 is not the header {HEADER}"),
    "a quota in words": users(f"{HEADER}\n{USER},many\n", "line 2 has a quota"),
    "a user twice": users(f"{HEADER}\r\n{USER},5\r\n{USER},6\r\n", "line 3 repeats the id of line 2"),
    "a folder of users": Mistake("provision --users .", ("Is a directory", "--users names a CSV file")),
}


def run(
    folder: Path, words: str, environ: Mapping[str, str] | None = None
) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTENNACTL_", "PG"))}
    # Nobody listens there: what needs no service must not reach for one.
    nowhere = {"PGHOST": str(folder), "ANTENNACTL_BOOTSTRAP_SERVERS": "127.0.0.1:1", "HOME": str(folder)}
    return subprocess.run(
        [COMMAND, *words.split()],
        cwd=folder,
        env={**kept, **nowhere, **(environ or {})},
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_with_its_place_and_the_next_step(tmp_path: Path, mistake: Mistake) -> None:
    for name, content in mistake.files.items():
        (tmp_path / name).write_bytes(content)
        (tmp_path / name).chmod(0o644)
    done = run(tmp_path, mistake.words, mistake.environ)
    assert done.returncode == mistake.code, done.stderr
    for words in mistake.answer:
        assert words in done.stderr
    assert done.stdout == ""
    assert SECRET not in done.stderr
    assert "Traceback" not in done.stderr
    assert {path.name for path in tmp_path.iterdir()} == set(mistake.files), "nothing half done is left"


def test_a_variable_that_nothing_reads_is_warned_of(tmp_path: Path) -> None:
    done = run(tmp_path, "config", {"ANTENNACTL_LATENES": "1m", "ANTENNACTL_LATENESS": "1m"})
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "warning: ANTENNACTL_LATENES is no setting and has no effect; did you mean ANTENNACTL_LATENESS?"
    ]


def test_a_byte_order_mark_begins_a_configuration_unseen(tmp_path: Path) -> None:
    (tmp_path / TOML).write_bytes(b"\xef\xbb\xbftopic = 'mine'\r\n")
    done = run(tmp_path, "config --json")
    assert done.returncode == 0, done.stderr
    assert '"mine"' in done.stdout


def test_help_is_a_word_too(tmp_path: Path) -> None:
    assert "Commands:" in run(tmp_path, "help").stdout
    assert "--interval" in run(tmp_path, "help stream").stdout


@pytest.mark.parametrize("words", ["--version", "--help", "config", "simulate --messages 9 --out -"])
def test_a_full_disk_behind_stdout_fails_in_one_line(tmp_path: Path, words: str) -> None:
    line = f'"{COMMAND}" {words} > /dev/full'
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert done.returncode in {1, 3}
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_demo_without_room_says_so_and_leaves_nothing(tmp_path: Path) -> None:
    line = f'ulimit -f 8; TMPDIR="{tmp_path}" "{COMMAND}" demo'
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert done.returncode == 3, done.stderr
    assert "error: cannot set up PostgreSQL in /" in done.stderr
    assert "(File too large)\nhint: make room" in done.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-"])
def test_a_closed_stream_of_the_shell_is_no_failure(tmp_path: Path, closed: str) -> None:
    line = f'"{COMMAND}" config {closed}'
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=WAIT_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert ("--topic" in done.stdout) == (closed != ">&-")


@pytest.mark.parametrize(
    "module",
    ["typer", "antennactl.parameters", "antennactl.settings", "antennactl.commands.verify", "polars"],
)
def test_ctrl_c_while_the_command_is_still_being_imported_ends_in_silence(
    tmp_path: Path, module: str
) -> None:
    program = f"""
import os, signal, sys

class Interrupt:
    def find_spec(self, name, *_):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.meta_path.insert(0, Interrupt())
sys.argv = ["antennactl", "verify"]
from antennactl.__main__ import main
main()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "")


def test_commands_in_the_wrong_order_say_which_comes_first(world: World) -> None:
    assert "antennactl stream` makes a new lake" in world.run("verify", code=2)
    assert "antennactl stream reads it" in world.run("batch", "--hour", "2020-01-01T00", code=4)
    assert "antennactl stream reads it" in world.run("report", code=4)
    assert not world.lake.exists()
    assert not (world.folder / "antennactl-report.html").exists()
    refused = world.run("rejects", "--export", "missing/bad.jsonl", code=2)
    assert "--export names a new file in a folder that is there" in refused


def test_a_kafka_that_is_away_takes_status_one_line(world: World) -> None:
    printed = world.start("status", env={"ANTENNACTL_BOOTSTRAP_SERVERS": "127.0.0.1:1"})
    _, errors = printed.communicate(timeout=WAIT_S)
    assert printed.returncode == 3
    lines = errors.splitlines()
    assert len(lines) == 1
    assert "cannot reach Kafka at 127.0.0.1:1" in lines[0]
    assert "--bootstrap-servers" in lines[0]
