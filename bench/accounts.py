"""Process ids in, their CPU seconds and peak memory out, as /proc has them (Linux)."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_TICK_S: Final = 1 / os.sysconf("SC_CLK_TCK")
_PROC: Final = Path("/proc")


@dataclass(frozen=True)
class Account:
    """One process: its parent, CPU seconds of its own, and of the children that it has waited for."""

    pid: int
    parent: int
    own_s: float
    waited_s: float


def parse_stat(text: str) -> Account:
    """Return what a line of /proc/<pid>/stat says; the name in it may hold spaces and brackets."""
    head, _, tail = text.rpartition(")")
    words = tail.split()
    # proc_pid_stat(5) counts from 1, and the name is the second field: 4 is ppid, 14 to 17 are the times.
    ticks = [int(words[number - 3]) for number in (14, 15, 16, 17)]
    return Account(
        int(head.partition(" ")[0]), int(words[1]), sum(ticks[:2]) * _TICK_S, sum(ticks[2:]) * _TICK_S
    )


def parse_peak_bytes(text: str) -> int:
    """Return VmHWM of /proc/<pid>/status in bytes: the most memory that the process has had; 0 of a zombie."""
    for line in text.splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    return 0


def read_accounts() -> dict[int, Account]:
    """Return every process that can be read now."""
    found = {}
    for entry in os.listdir(_PROC):  # noqa: PTH208 - iterdir() makes a Path of every file of /proc, fifty times a second
        if entry.isdigit() and (text := _read(_PROC / entry / "stat")):
            account = parse_stat(text)
            found[account.pid] = account
    return found


def tree_of(root: int, accounts: Mapping[int, Account]) -> list[int]:
    """Return `root` and all that descend from it."""
    children = defaultdict(list)
    for account in accounts.values():
        children[account.parent].append(account.pid)
    tree, at = [root], 0
    while at < len(tree):
        tree += children[tree[at]]
        at += 1
    return [pid for pid in tree if pid in accounts]


def server_cpu_s(root: int) -> float:
    """Return the CPU seconds of a server and its children, ended ones among them: a server waits for its own."""
    accounts = read_accounts()
    return sum(accounts[pid].own_s + accounts[pid].waited_s for pid in tree_of(root, accounts))


def read_peaks(pids: Iterable[int]) -> dict[int, int]:
    """Return the peak memory of each process in bytes."""
    return {pid: parse_peak_bytes(_read(_PROC / str(pid) / "status")) for pid in pids}


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
