"""Simulated messages in, the CPU that each stage of one micro-batch takes out: `python -m bench.stages`.

In this process alone, without Kafka and PostgreSQL, the least of some repeats: it can be compared on a busy machine.
Two versions are compared by PYTHONPATH, in turn.
"""

import hashlib
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import polars as pl

from antennactl.decode import Decoded, decode_messages
from antennactl.lake.stage import encode_hours
from antennactl.native import pack_messages
from antennactl.transforms.enrich import enrich
from antennactl.transforms.totals import aggregate_totals
from bench.place import run_antennactl
from bench.plan import FEW, MANY, Profile

N_MESSAGES: Final = 200_000
_CHUNK: Final = 10_000
_PARTITIONS: Final = 4
_REPEATS: Final = 5
_WINDOW_S: Final = 300
_T = TypeVar("_T")


def main() -> None:
    """Print µs of CPU a message, a line a stage."""
    for profile in (FEW, MANY):
        print(f"{profile.name}: {N_MESSAGES:,} messages")
        with tempfile.TemporaryDirectory() as folder:
            payloads = _make_payloads(Path(folder) / "messages", profile)
        _measure_stages(payloads)


def _make_payloads(path: Path, profile: Profile) -> list[bytes]:
    words = ("--messages", N_MESSAGES, "--users", profile.users, "--antennas", profile.antennas)
    run_antennactl({}, "simulate", *map(str, words), "--start", "2026-01-01T00", "--out", str(path))
    return path.read_bytes().splitlines()


def _measure_stages(payloads: list[bytes]) -> None:
    # As a consumer hands them over: a partition after the other in each chunk.
    partitions = [row % _CHUNK * _PARTITIONS // _CHUNK for row in range(len(payloads))]
    now_s = int(time.time())

    parts = [slice(start, start + _CHUNK) for start in range(0, len(payloads), _CHUNK)]
    offsets = range(len(payloads))

    def decode() -> list[Decoded]:
        return [decode_messages(payloads[p], partitions[p], offsets[p], now_s) for p in parts]

    decoded = _measure("decode, Python", decode)
    held = [pack_messages(payloads[p], partitions[p], offsets[p]) for p in parts]
    _measure("decode, native", lambda: [decode_messages(m, m.partitions, m.offsets, now_s) for m in held])
    events = pl.concat([part.events for part in decoded])
    users = events.select(pl.col("id").unique()).with_columns(quota=pl.lit(1))
    _measure("enrich", lambda: enrich(events, users))
    totals = _measure("totals per window", lambda: aggregate_totals(events, _WINDOW_S))
    files = _measure("order, Parquet", lambda: list(encode_hours("topic", events)))
    _measure("sha256", lambda: [hashlib.sha256(file.content).hexdigest() for file in files])
    print(f"  {totals.height:,} totals, {sum(len(file.content) for file in files):,} bytes of Parquet")


def _measure(name: str, work: Callable[[], _T]) -> _T:
    taken_s = []
    for _ in range(_REPEATS):
        began = time.process_time()
        result = work()
        taken_s.append(time.process_time() - began)
    print(f"  {name:20} {min(taken_s) / N_MESSAGES * 1e6:.3f}", flush=True)
    return result


if __name__ == "__main__":
    main()
