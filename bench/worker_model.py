"""Measured costs in, what any number of workers on any number of cores would do out: a simulation, pure.

Each worker reads a micro-batch, as fast as its cores let it, then hands it to PostgreSQL. Workers that add to the same
totals wait for each other from the first of these rows to the COMMIT, so PostgreSQL takes one micro-batch after the
other: it is a queue with one server. A worker reads on meanwhile, by a few micro-batches, then waits.
"""

import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_BATCHES: Final = 60
# The one in its transaction, and those that wait for it (pipeline/exchange.py).
_AHEAD: Final = 3
# A server that is at work for this share of the time is what holds everything up.
_BUSY: Final = 0.97


@dataclass(frozen=True)
class Costs:
    """What was measured: CPU a message of a worker, the cores it can use, and PostgreSQL's time a row and a COMMIT.

    PostgreSQL's are those of the queue: time that nobody else can merge into the same keys.
    """

    worker_us: float
    worker_cores: float
    row_us: float
    commit_ms: float


@dataclass(frozen=True)
class Load:
    """What a micro-batch holds: its messages at most, its seconds at most, and the keys that they fall on.

    `keys` has how many there are of each type in a window, `windows` how many windows a micro-batch reaches.
    """

    max_rows: int
    interval_s: float
    keys: Sequence[int]
    windows: float

    def rows(self, n_messages: float) -> float:
        """Return how many different totals `n_messages` add to."""
        return rows_of(n_messages, self.keys, self.windows)


@dataclass(frozen=True)
class Outcome:
    """Messages a second of all workers, the share of the time that PostgreSQL is at work, and what holds them up."""

    rate: float
    postgres_share: float
    held_by: str


def rows_of(n_messages: float, keys: Sequence[int], windows: float) -> float:
    """Return how many different keys `n_messages` hit, evenly, that each have a key of every type in some window."""
    return sum(windows * n * -math.expm1(-n_messages / (windows * n)) for n in keys)


def fit_windows(n_messages: float, n_rows: float, keys: Sequence[int]) -> float:
    """Return how many windows there must be for `n_messages` to hit `n_rows` keys; 1 where fewer would do."""
    low = high = 1.0
    while rows_of(n_messages, keys, high) < n_rows and high < n_messages:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rows_of(n_messages, keys, middle) < n_rows else (low, middle)
    return high


def simulate(costs: Costs, load: Load, *, cores: float, workers: int) -> Outcome:
    """Run `workers` on `cores` of their own, with a backlog that does not end; PostgreSQL is on other cores."""
    speed = min(costs.worker_cores, cores / workers) / costs.worker_us * 1e6
    n_messages = min(speed * load.interval_s, load.max_rows)
    read_s = n_messages / speed
    commit_s = costs.commit_ms / 1e3 + load.rows(n_messages) * costs.row_us / 1e6
    # Moments at which a worker has its next micro-batch ready; they start apart from each other.
    ready = [(read_s * (1 + number / workers), number) for number in range(workers)]
    ends: list[list[float]] = [[] for _ in range(workers)]
    free_at = busy_s = 0.0
    while len(ends[ready[0][1]]) < _BATCHES:
        at, number = heapq.heappop(ready)
        free_at = max(free_at, at) + commit_s
        busy_s += commit_s
        ends[number].append(free_at)
        waits_for = ends[number][-_AHEAD] if len(ends[number]) >= _AHEAD else 0.0
        heapq.heappush(ready, (max(at, waits_for) + read_s, number))
    share = busy_s / free_at
    return Outcome(sum(map(len, ends)) * n_messages / free_at, share, _held_by(share, costs, cores, workers))


def _held_by(share: float, costs: Costs, cores: float, workers: int) -> str:
    if share >= _BUSY:
        return "PostgreSQL"
    return "cores" if workers * costs.worker_cores >= cores else "workers"
