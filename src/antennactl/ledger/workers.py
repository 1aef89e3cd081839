"""Who is at work: a worker's row lets its transactions commit, and deleting it makes sure that none does any more."""

import os
import secrets
import socket
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from antennactl.ledger.connection import Transaction

SILENCE_S: Final = 300
"""A worker without a heartbeat for this long is declared gone. It may still live: it then registers anew."""


@dataclass(frozen=True)
class Worker:
    """A name that no other process has or will have, with where it runs."""

    name: str
    host: str
    pid: int


def new_worker() -> Worker:
    """Return a fresh identity for this process. The name says which process table its pid is of."""
    host = socket.gethostname() or "localhost"
    safe = "".join(letter if letter.isalnum() or letter == "-" else "-" for letter in host)
    pid = os.getpid()
    return Worker(f"{safe}_{_process_table()}_{pid}_{secrets.token_hex(4)}", host, pid)


def register_worker(transaction: Transaction, worker: Worker) -> None:
    """Enter the worker, before it stages a file: staging folders without a worker are cleaned away."""
    transaction.query("register_worker", worker.name, worker.host, worker.pid)


def touch_worker(transaction: Transaction, worker: str) -> bool:
    """Hold the worker's row for this transaction and beat its heart; False: it was declared gone."""
    return not transaction.query("touch_worker", worker).is_empty()


def note_assignment(transaction: Transaction, worker: str, partitions: Iterable[int]) -> None:
    """Write down which partitions the worker reads from now on; nothing where it was declared gone."""
    transaction.query("note_assignment", worker, pl.Series(sorted(partitions), dtype=pl.Int32))


def delete_worker(transaction: Transaction, worker: str) -> None:
    """Take the worker's row away at an orderly end."""
    transaction.query("delete_worker", worker)


def read_workers(transaction: Transaction) -> pl.DataFrame:
    """Return worker, host, pid, started_at, heartbeat_at, partitions and assigned_at of everyone at work."""
    return transaction.query("read_workers")


def declare_gone(transaction: Transaction) -> list[str]:
    """Delete the rows of workers that are silent for SILENCE_S or whose process on this host has ended.

    Waits for their open transactions; after it returns and commits, nothing of theirs can commit.
    """
    ended = [name for name in read_workers(transaction)["worker"] if _has_ended(name)]
    gone = transaction.query("delete_gone_workers", SILENCE_S, pl.Series(ended, dtype=pl.String))
    names: Sequence[str] = gone["worker"].to_list()
    return list(names)


def _process_table() -> str:
    """Return what tells process tables apart: host name and pid alone mean nothing across containers and boots."""
    try:
        namespace = Path("/proc/self/ns/pid").stat().st_ino
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii")[:8]
    except OSError:
        return "0"
    return f"{namespace:x}-{boot}"


def _has_ended(name: str) -> bool:
    table, pid = name.split("_")[-3:-1] if name.count("_") >= 3 else ("", "")  # noqa: PLR2004 - parts of a name
    if table in {"", "0"} or table != _process_table() or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return _is_zombie(int(pid))


def _is_zombie(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    return status.rpartition(")")[2].split()[:1] == ["Z"]
