"""What each worker says it was given, and when, in; who has each partition out: pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Claim:
    """The partitions that a worker was given last; `assigned_at` is None where it was not given any yet."""

    worker: str
    partitions: tuple[int, ...]
    assigned_at: datetime | None


def find_holders(claims: Iterable[Claim]) -> dict[int, str]:
    """Return the worker that has each partition: the one that was given it last.

    A worker that ended without a word, or has not yet heard that its group dealt anew, still claims what another has.
    """
    dated = sorted(
        (claim.assigned_at, claim.worker, claim.partitions)
        for claim in claims
        if claim.assigned_at is not None
    )
    return {partition: worker for _, worker, partitions in dated for partition in partitions}


def write_partitions(partitions: Iterable[int]) -> str:
    """Return partitions as words, neighbours drawn together: "0-3, 7"; "-" for none."""
    runs: list[list[int]] = []
    for partition in sorted(partitions):
        if runs and partition == runs[-1][1] + 1:
            runs[-1][1] = partition
        else:
            runs.append([partition, partition])
    return ", ".join(f"{first}-{last}" if first < last else f"{first}" for first, last in runs) or "-"
