"""Commits of one worker in, the rate at which it worked while it had enough to do out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Commit:
    """One micro-batch: when it was committed, in seconds, and how many messages it held."""

    at_s: float
    n_messages: int


def steady_rate(commits: Sequence[Commit], released_s: float) -> float:
    """Return messages a second from the release to the last commit but one.

    The last micro-batch waited for an interval to pass in which no more came. The first ones count in full: commits
    come in bursts, when several micro-batches were ready at once.
    """
    ordered = sorted(commits, key=lambda commit: commit.at_s)
    counted = ordered[:-1] or ordered
    seconds = counted[-1].at_s - released_s if counted else 0.0
    return sum(commit.n_messages for commit in counted) / seconds if seconds > 0 else 0.0
