"""Differences in, one account of them out: every kind counted exactly, a few of each kept as examples."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

import polars as pl

MAX_EXAMPLES: Final = 20
"""How many differences of one check are named; all of them are counted."""

CHECKS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chain": "the ranges of a partition follow each other without a hole up to next_offset",
        "count": "every offset of a range is an event, a reject or skipped",
        "micro_batch": "the files of a micro-batch hold the events of its ranges",
        "rows": "the lake holds every event, and replayed dead letters, but for pruned hours",
        "partition": "the rows of each partition are its events, inside of its ranges",
        "dead_letter": "every reject is a dead letter; a replayed one is in the lake, an open one is not",
        "identity": "no (topic id, partition, offset) is twice in the lake",
        "missing": "every live file of the ledger is in the lake",
        "sha256": "a lake file has the content that was committed",
        "unreadable": "a lake file can be read as Parquet",
        "file_rows": "a lake file holds the rows that the ledger says",
        "file_bytes": "a lake file holds the bytes of traffic that the ledger says",
        "file_hour": "a lake file lies, like each of its rows, in its hour",
        "unknown": "the ledger knows every file in the lake",
        "totals": "the live totals of each window are the sums of the lake",
        "hourly": "the hourly totals of an hour with a current run are the sums of the lake",
        "run": "a current run counted the bytes of its hour's files",
        "violators": "a current run counted as many users over quota as are listed",
    },
)
"""Check → what it proves, in the order of the account."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not as it must be; `where` is a path or a partition. No e-mail is named."""

    check: str
    text: str
    where: str = ""
    hour: datetime | None = None
    expected: int | str | None = None
    found: int | str | None = None


@dataclass(frozen=True)
class Finding:
    """What one check found: how many differences, and the first of them."""

    check: str
    n_differences: int
    examples: tuple[Difference, ...]


def find(check: str, differences: Iterable[Difference], n_differences: int | None = None) -> Finding:
    """Return a finding with the first of `differences`, counted unless their number is given."""
    listed = tuple(differences)
    return Finding(check, len(listed) if n_differences is None else n_differences, listed[:MAX_EXAMPLES])


def find_rows(check: str, wrong: pl.DataFrame, describe: Callable[[dict[str, Any]], Difference]) -> Finding:
    """Return a finding with one difference a row of `wrong`; only the examples are described."""
    rows = wrong.head(MAX_EXAMPLES).iter_rows(named=True)
    return Finding(check, wrong.height, tuple(describe(row) for row in rows))


class Findings:
    """The account of a whole run, to which checks and parts of checks are added."""

    def __init__(self) -> None:
        self._counts = dict.fromkeys(CHECKS, 0)
        self._examples: dict[str, list[Difference]] = {check: [] for check in CHECKS}

    def add(self, finding: Finding) -> None:
        """Count the differences of `finding`, and keep its examples while there is room for them."""
        self._counts[finding.check] += finding.n_differences
        kept = self._examples[finding.check]
        kept.extend(finding.examples[: MAX_EXAMPLES - len(kept)])

    @property
    def counts(self) -> dict[str, int]:
        """The exact number of differences of each check that found any."""
        return {check: count for check, count in self._counts.items() if count}

    @property
    def n_differences(self) -> int:
        """The exact number of all differences."""
        return sum(self._counts.values())

    @property
    def examples(self) -> list[Difference]:
        """At most MAX_EXAMPLES differences of each check, in the order of CHECKS."""
        return [difference for kept in self._examples.values() for difference in kept]
