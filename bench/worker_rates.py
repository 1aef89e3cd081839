"""Commits of one worker in, the rate at which it worked while it had enough to do out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_ENOUGH: Final = 4


@dataclass(frozen=True)
class Commit:
    """One micro-batch: when it was committed, in seconds, and how many messages it held."""

    at_s: float
    n_messages: int


def steady_rate(commits: Sequence[Commit], released_s: float) -> float:
    """Return messages a second between the first commit and the last but one; of few commits from the release on.

    The first micro-batch has the start in it, and the last one waited for an interval to pass in which no more came.
    """
    ordered = sorted(commits, key=lambda commit: commit.at_s)
    if len(ordered) < _ENOUGH:
        seconds = ordered[-1].at_s - released_s if ordered else 0.0
        return sum(commit.n_messages for commit in ordered) / seconds if seconds > 0 else 0.0
    first, *between, _ = ordered
    seconds = between[-1].at_s - first.at_s
    return sum(commit.n_messages for commit in between) / seconds if seconds > 0 else 0.0
