"""What the tests of single faults share: commands started under limits, what to wait for, totals of closed hours."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from confluent_kafka.admin import AdminClient, MemberDescription  # type: ignore[attr-defined]

from e2e.antennactl_process import World, check_oracle

RUN = ("stream", "--interval", "200ms", "--max-rows", "500", "-X", "session.timeout.ms=6000")
"""Small micro-batches, and a lost member is missed after 6 s."""
DRAIN = ("stream", "--drain", "--interval", "300ms", "--max-rows", "1000", "-X", "session.timeout.ms=6000")

# Root, too, then obeys the modes of its own folders: capabilities 1 and 2 let it pass over them (linux/capability.h),
# and prctl's 24 takes one from what the next program may gain (linux/prctl.h). Who has none has none to lose.
_OBEY_MODES = (
    "import ctypes; libc = ctypes.CDLL(None); [libc.prctl(24, number, 0, 0, 0) for number in (1, 2)]"
)


def start_patched(
    world: World, patch: str, *words: str, env: Mapping[str, str] | None = None, prelude: str = ""
) -> "subprocess.Popen[str]":
    """Start a command after `patch`, a line of Python that changes a constant of ours.

    `prelude` runs first, in a program that then becomes the command: it limits the process.
    """
    program = [sys.executable, "-c", f"{patch}\nfrom antennactl.cli import main\nmain()", *words]
    before = f"import os, sys\n{prelude}\nos.execv(sys.argv[1], sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", before, *program],
        env=world.environ(env),
        cwd=world.folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def start_obeying_modes(world: World, *words: str, patch: str = "") -> "subprocess.Popen[str]":
    """Start a command that cannot write where the modes of files and folders forbid it, though it be root's."""
    return start_patched(world, patch, *words, prelude=_OBEY_MODES)


def stays(process: "subprocess.Popen[str]", seconds: float) -> None:
    """Make sure that the process goes on for so long."""
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(seconds)


def has_pending_signals(process: "subprocess.Popen[str]") -> bool:
    """Return whether a signal was sent that the process has not taken yet."""
    if process.poll() is not None:
        return False
    lines = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8").splitlines()
    return any(int(line.split()[1], 16) for line in lines if line.startswith(("SigPnd", "ShdPnd")))


def count_batches(world: World) -> int:
    """Return how many micro-batches are committed."""
    return int(world.query("SELECT count(*) AS n FROM antennactl.micro_batch").item())


def count_read(world: World) -> int:
    """Return how many offsets are committed."""
    read = "SELECT coalesce(sum(next_offset - first_offset), 0)::bigint AS n FROM antennactl.offset_range"
    return int(world.query(read).item())


def count_waiting(world: World) -> int:
    """Return how many connections to the database wait for a lock."""
    return int(
        world.query(
            "SELECT count(*) AS n FROM pg_stat_activity "
            "WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).item()
    )


def check_closed_hours(world: World, *logs: Path) -> None:
    """Hold everything against the producers' logs, and also each hour's totals and the users over quota."""
    check_oracle(world, *logs)
    sent = pl.concat([world.sent_log(path) for path in (logs or (world.sent,))])
    valid = sent.filter(pl.col("kind") != "malformed").select(
        "id",
        "antenna_id",
        "app",
        hour=pl.col("timestamp").cast(pl.Int64) // 3600 * 3600,
        bytes=pl.col("bytes").cast(pl.Int64),
    )
    for total_type, column in (
        ("user_total_bytes", "id"),
        ("antenna_total_bytes", "antenna_id"),
        ("app_total_bytes", "app"),
    ):
        found = world.query(
            "SELECT extract(epoch FROM timestamp)::bigint, id, value FROM bytes_hourly "
            f"WHERE type = '{total_type}' ORDER BY 1, id COLLATE \"C\""
        )
        expected = valid.group_by("hour", column).agg(pl.col("bytes").sum()).sort("hour", column)
        assert found.rows() == expected.rows()
    users = world.query("SELECT id, email, quota FROM user_metadata")
    over = (
        valid.group_by("hour", "id")
        .agg(pl.col("bytes").sum())
        .join(users, on="id")
        .filter(pl.col("bytes") > pl.col("quota"))
    )
    violators = world.query(
        "SELECT email, extract(epoch FROM timestamp)::bigint AS hour, usage FROM user_quota_limit"
    )
    assert sorted(violators.rows()) == sorted(over.select("email", "hour", "bytes").rows())


def count_members(admin: AdminClient, world: World) -> int:
    """Return how many members the consumer group has."""
    return len(_members(admin, world))


def count_busy_members(admin: AdminClient, world: World) -> int:
    """Return how many members of the consumer group have partitions."""
    return sum(bool(member.assignment.topic_partitions) for member in _members(admin, world))


def _members(admin: AdminClient, world: World) -> list[MemberDescription]:
    group = admin.describe_consumer_groups([world.topic], request_timeout=10)[world.topic].result(15)
    return list(group.members)
