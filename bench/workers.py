"""Numbers of workers in, what they take out of a topic of sixteen partitions out: each, in all, and at which CPU."""

import os
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Final

from bench.figures import Table, spread, summarize
from bench.held_topic import held
from bench.merges import measure_merges
from bench.place import Place, World
from bench.plan import FEW, MANY, Plan, Profile
from bench.process import COMMAND, Measured, PeerError, Running
from bench.worker_forecast import forecast
from bench.worker_rates import Commit, steady_rate

PARTITIONS: Final = 16
_START_S: Final = 120.0
_END_S: Final = 1800.0
_POLL_S: Final = 0.1
# Micro-batches of one size, however many workers there are: what they cost can be compared. Each worker has several.
_OPTIONS: Final = ("stream", "--json", "--interval", "5s", "--max-rows", "100000")
_HOLDING: Final = """
SELECT count(DISTINCT worker)::bigint AS workers, count(DISTINCT number)::bigint AS partitions, count(*)::bigint AS n
FROM antennactl.worker, unnest(partitions) AS number
"""
_TAKEN: Final = "SELECT coalesce(sum(n_events), 0)::bigint AS n FROM antennactl.micro_batch"
_COMMITS: Final = "SELECT worker, committed_at, n_events FROM antennactl.micro_batch"
_PIN: Final = (
    "import os, sys; os.sched_setaffinity(0, {int(sys.argv[1])}); os.execv(sys.argv[2], sys.argv[2:])"
)

Figures = Mapping[str, float]


def measure_workers(place: Place, plan: Plan) -> list[Table]:
    """Run every number of workers on both topics, in turn; measure the merges; return both and what follows of them."""
    table = Table(
        "workers",
        f"Workers: a backlog of {plan.worker_messages:,} messages in {PARTITIONS} partitions, median of {plan.rounds}",
    )
    medians: dict[str, dict[int, Figures]] = {}
    for profile in (FEW, MANY):
        runs: dict[int, list[dict[str, float]]] = {}
        for number in range(plan.rounds):
            for n_workers in (0, *plan.workers):
                sys.stderr.write(
                    f"workers, {profile.name}, round {number + 1}: {n_workers or 'one, not pinned'}\n"
                )
                runs.setdefault(n_workers, []).append(_run(place, plan, profile, n_workers))
        medians[profile.name] = {n: summarize(figures) for n, figures in runs.items()}
        for n_workers, found in medians[profile.name].items():
            row = _make_row(profile.name, n_workers, found)
            table.rows.append({**row, "spread": spread(figures["rate"] for figures in runs[n_workers])})
    table.notes += [
        f"Worker i is pinned to core i modulo {_n_cores()}; broker and PostgreSQL are not, and take of the same cores.",
        "All workers have their partitions before the first message can be read. The last micro-batch of each worker",
        "waits for its interval and does not count for the rates. µs: CPU a message. cores: what the workers take.",
    ]
    merges = measure_merges(place, plan)
    return [table, merges, forecast(medians, merges)]


def _make_row(topic: str, n_workers: int, found: Figures) -> dict[str, object]:
    return {
        "topic": topic,
        "workers": str(n_workers) if n_workers else "1, not pinned",
        "msg/s in all": found["rate"],
        "of one worker": found["rate"] / max(n_workers, 1),
        "workers µs": found["worker_us"],
        "broker µs": found["broker_us"],
        "PG µs": found["postgres_us"],
        "cores": found["cores"],
        "rows a message": found["rows"] / found["messages"],
    }


def _run(place: Place, plan: Plan, profile: Profile, n_workers: int) -> dict[str, float]:
    """Run `n_workers` that are pinned, or with 0 a single one that is not, on a backlog of their own."""
    topic = place.make_empty_topic(PARTITIONS)
    with place.world(topic, profile.users) as world, ExitStack() as stack:
        release = stack.enter_context(held(world.bootstrap_servers, topic, PARTITIONS))
        sent = place.fill_topic(topic, plan.worker_messages, users=profile.users, antennas=profile.antennas)
        environment = world.environment  # one group for all
        workers = [
            stack.enter_context(Running(_command(plan, number if n_workers else None), environment))
            for number in range(max(n_workers, 1))
        ]
        _await(lambda: _is_dealt(world, len(workers)), _START_S, "the workers did not get their partitions")
        before, own_before = place.server_cpu_s, sum(worker.cpu_s() for worker in workers)
        released_s = time.time()
        release()
        _await(lambda: _n_taken(world) >= sent.n_messages, _END_S, "the workers did not take all")
        after, own_s = place.server_cpu_s, sum(worker.cpu_s() for worker in workers) - own_before
        commits = world.query(_COMMITS)
        for worker in workers:
            worker.signal(signal.SIGTERM)
        measured = [worker.finish(_START_S) for worker in workers]
    place.drop_topic(topic)
    by_worker: dict[str, list[Commit]] = {}
    for name, at, n_messages in commits.iter_rows():
        by_worker.setdefault(name, []).append(Commit(at.timestamp(), n_messages))
    rate, worker_us = (
        sum(steady_rate(found, released_s) for found in by_worker.values()),
        own_s / sent.n_messages * 1e6,
    )
    return {
        "rate": rate,
        "worker_us": worker_us,
        **{f"{name}_us": (after[name] - before[name]) / sent.n_messages * 1e6 for name in after},
        "cores": rate * worker_us / 1e6,
        **_describe_batches(measured),
    }


def _describe_batches(measured: Sequence[Measured]) -> dict[str, float]:
    """Return the medians of the micro-batches: messages, and rows of totals."""
    batches = [batch for found in measured for batch in found.results]
    return {
        "messages": median(batch["num_input_rows"] for batch in batches),
        "rows": median(batch["num_total_rows"] for batch in batches),
    }


def _command(plan: Plan, number: int | None) -> Sequence[str | Path]:
    """Return the command of a worker, pinned to a core by its number."""
    words: list[str | Path] = [COMMAND, *_OPTIONS, *plan.stream_options]
    if number is None:
        return words
    cores = sorted(os.sched_getaffinity(0))
    return [sys.executable, "-I", "-S", "-c", _PIN, str(cores[number % len(cores)]), *words]


def _n_cores() -> int:
    return len(os.sched_getaffinity(0))


def _is_dealt(world: World, n_workers: int) -> bool:
    """Return whether all workers have partitions, and none has another's."""
    found = world.query(_HOLDING).row(0, named=True)
    return bool((found["workers"], found["partitions"], found["n"]) == (n_workers, PARTITIONS, PARTITIONS))


def _n_taken(world: World) -> int:
    return int(world.query(_TAKEN).item())


def _await(is_so: Callable[[], bool], within_s: float, message: str) -> None:
    deadline = time.monotonic() + within_s
    while not is_so():
        if time.monotonic() > deadline:
            raise PeerError(message)
        time.sleep(_POLL_S)
