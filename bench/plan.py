"""The command line in, what is to be measured and at which sizes out."""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

PARTS: Final = ("stream", "batch", "live", "growth", "workers", "start")
_QUICK_PARTS: Final = ("stream", "batch", "live", "start")
# What growth is measured at: by default, and with --full.
_GROWTH: Final = {
    "rows": ((1_000_000, 5_000_000, 20_000_000), (1_000_000, 5_000_000, 20_000_000, 50_000_000)),
    "users": ((1_000, 30_000, 1_000_000), (1_000, 30_000, 1_000_000, 5_000_000)),
    "hours": ((1, 100, 2_000), (1, 100, 1_000, 10_000)),
    "bytes": ((100_000, 1_000_000, 10_000_000), (100_000, 1_000_000, 10_000_000, 50_000_000)),
    "partitions": ((1, 4, 16, 64), (1, 4, 16, 64)),
    "backlog": ((200_000, 2_000_000), (200_000, 2_000_000, 20_000_000)),
}
PEERS: Final = ("bare", "antennactl", "spark", "quix")
ENGINES: Final = ("antennactl", "duckdb", "polars", "spark")


@dataclass(frozen=True, kw_only=True)
class Profile:
    """The keys of a topic of made traffic."""

    name: str
    users: int
    antennas: int


FEW: Final = Profile(name="few keys", users=20, antennas=5)
MANY: Final = Profile(name="many keys", users=100_000, antennas=5_000)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All sizes of a run. Every list is run in its order."""

    parts: tuple[str, ...]
    rounds: int
    messages: int
    quix_messages: int
    peers: tuple[str, ...]
    engines: tuple[str, ...]
    batch_rows: int
    batch_users: int
    copy_rows: int
    live_s: float
    idle_s: float
    spark_memory: str
    stream_options: tuple[str, ...]
    growth_rows: tuple[int, ...]
    growth_users: tuple[int, ...]
    growth_hours: tuple[int, ...]
    growth_bytes: tuple[int, ...]
    growth_partitions: tuple[int, ...]
    growth_backlog: tuple[int, ...]
    growth_messages: int
    workers: tuple[int, ...]
    worker_messages: int
    merge_rows: int
    merge_transactions: int
    out: Path
    folder: Path | None


def read_plan(arguments: Sequence[str]) -> Plan:
    """Return the plan of a command line; argparse ends the process where it is wrong."""
    parser = _make_parser()
    given = parser.parse_args(arguments)
    unknown = set(given.parts) - set(PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))} (there are {', '.join(PARTS)})")
    quick: bool = given.quick
    return Plan(
        parts=tuple(given.parts) or (_QUICK_PARTS if quick else PARTS),
        rounds=given.rounds or (1 if quick else 3),
        messages=given.messages or (300_000 if quick else 5_000_000),
        quix_messages=given.quix_messages or (10_000 if quick else 100_000),
        peers=tuple(given.peers),
        engines=tuple(given.engines),
        batch_rows=given.batch_rows or (5_000_000 if quick else 50_000_000),
        batch_users=given.batch_users or (100_000 if quick else 1_000_000),
        copy_rows=given.copy_rows or (100_000 if quick else 1_000_000),
        live_s=given.live_s or (5 if quick else 60),
        idle_s=5 if quick else 20,
        spark_memory=given.spark_memory,
        stream_options=tuple(given.stream_options.split()),
        growth_rows=_sizes(given, "rows"),
        growth_users=_sizes(given, "users"),
        growth_hours=_sizes(given, "hours"),
        growth_bytes=_sizes(given, "bytes"),
        growth_partitions=_sizes(given, "partitions"),
        growth_backlog=_sizes(given, "backlog"),
        growth_messages=given.growth_messages or (100_000 if quick else 1_000_000),
        workers=tuple(int(word) for word in given.workers.split(",")),
        worker_messages=given.worker_messages or (1_000_000 if quick else 4_000_000),
        merge_rows=given.merge_rows or (5_000 if quick else 20_000),
        merge_transactions=5 if quick else 20,
        out=given.out,
        folder=given.folder,
    )


def _make_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"{', '.join(PARTS)} (default: all)")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes, one round, no growth, no workers: two minutes"
    )
    parser.add_argument(
        "--full", action="store_true", help="growth up to the largest sizes, which takes long"
    )
    parser.add_argument("--rounds", type=int, help="runs of each peer, in turn; the median counts (3)")
    parser.add_argument("--messages", type=int, help="messages of each topic (5,000,000)")
    parser.add_argument(
        "--quix-messages", type=int, help="messages for Quix Streams, which is slow (100,000)"
    )
    parser.add_argument("--peers", nargs="+", choices=PEERS, default=PEERS, help="who streams")
    parser.add_argument(
        "--engines", nargs="+", choices=ENGINES, default=ENGINES, help="who computes the hour"
    )
    parser.add_argument("--batch-rows", type=int, help="rows of the hour (50,000,000)")
    parser.add_argument("--batch-users", type=int, help="users of the hour (1,000,000)")
    parser.add_argument("--copy-rows", type=int, help="hourly rows written beside COPY (1,000,000)")
    parser.add_argument("--live-s", type=float, help="seconds of live traffic (60)")
    parser.add_argument("--spark-memory", default="4g", help="heap of Spark (4g)")
    parser.add_argument(
        "--stream-options",
        default="",
        help='further options of `antennactl stream`, as one word: "--max-rows 2000000"',
    )
    for name, (_, full) in _GROWTH.items():
        shown = ",".join(map(str, full))
        parser.add_argument(f"--growth-{name}", metavar="N,…", help=f"sizes, for example {shown}")
    parser.add_argument("--growth-messages", type=int, help="messages of each stream of growth (1,000,000)")
    parser.add_argument("--workers", default="1,2,4,8", metavar="N,…", help="numbers of workers (1,2,4,8)")
    parser.add_argument("--worker-messages", type=int, help="messages that they share (4,000,000)")
    parser.add_argument("--merge-rows", type=int, help="rows of totals of each merging transaction (20,000)")
    parser.add_argument(
        "--out", type=Path, default=Path("bench/results"), help="folder of results (bench/results)"
    )
    parser.add_argument(
        "--folder", type=Path, help="where services and data go (the system's temporary folder)"
    )
    return parser


def _sizes(given: argparse.Namespace, name: str) -> tuple[int, ...]:
    """Return the sizes of a series of growth: those named, else the usual, the full or a twentieth of the usual."""
    named = getattr(given, f"growth_{name}")
    if named:
        return tuple(int(word) for word in named.split(","))
    usual, full = _GROWTH[name]
    if given.full:
        return full
    return tuple(max(size // 20, 1) for size in usual) if given.quick else usual
