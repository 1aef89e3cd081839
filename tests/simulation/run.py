"""Seeds in, a table of what befell them out; a seed that broke a promise is printed with the command that replays it.

`make simulate-seeds` runs 100,000 on all cores; with `ARGS="--seed 123 -v"` it shows one step by step.
"""

import argparse
import gc
import logging
import multiprocessing
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import nullcontext

# One run has tiny frames and one thread; the seeds are what is spread over the cores.
os.environ.setdefault("POLARS_MAX_THREADS", "1")

from simulation.mutants import MUTANTS
from simulation.scheduler import Outcome, run_seed

_SEEDS_A_TASK = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the seeds asked for; return 1 when one of them broke a promise."""
    parser = argparse.ArgumentParser(
        prog="simulate-seeds", description="Simulate the stream under faults, by seed."
    )
    parser.add_argument("--seeds", type=int, default=100_000, metavar="N", help="how many (default 100000)")
    parser.add_argument("--first", type=int, default=0, metavar="SEED", help="the first of them (default 0)")
    parser.add_argument("--seed", type=int, metavar="SEED", help="only this one")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="with this promise taken out of the code")
    parser.add_argument("-v", "--verbose", action="store_true", help="show every operation of --seed")
    chosen = parser.parse_args(arguments)
    if chosen.seed is not None:
        return _show(chosen.seed, chosen.mutant, verbose=chosen.verbose)
    return _run_many(range(chosen.first, chosen.first + chosen.seeds), chosen.mutant)


def run_on_all_cores(seeds: range, mutant: str | None = None) -> Iterator[Outcome]:
    """Yield what became of each seed, in any order."""
    tasks = [(seeds[at : at + _SEEDS_A_TASK], mutant) for at in range(0, len(seeds), _SEEDS_A_TASK)]
    # Not forked: the threads of polars would not come along.
    with multiprocessing.get_context("spawn").Pool() as pool:
        for outcomes in pool.imap_unordered(_run_task, tasks):
            yield from outcomes


def replay_command(seed: int, mutant: str | None = None) -> str:
    """Return the command that shows a seed step by step."""
    return f'make simulate-seeds ARGS="--seed {seed} -v{f" --mutant {mutant}" if mutant else ""}"'


def _show(seed: int, mutant: str | None, *, verbose: bool) -> int:
    trace: list[str] | None = [] if verbose else None
    logging.disable(logging.CRITICAL)
    outcome = run_seed(seed, MUTANTS[mutant][0] if mutant else nullcontext, trace)
    for line in trace or []:
        _print(line)
    _print(
        f"seed {seed}: {outcome.violation or 'every promise kept'}; faults: {_listed(Counter(outcome.faults))}"
    )
    return int(outcome.violation is not None)


def _run_many(seeds: range, mutant: str | None) -> int:
    started = time.monotonic()
    faults: Counter[str] = Counter()
    n_done = n_broken = n_operations = n_batches = 0
    for outcome in run_on_all_cores(seeds, mutant):
        n_done += 1
        n_operations += outcome.n_operations
        n_batches += outcome.n_batches
        faults.update(outcome.faults)
        if outcome.violation is not None:
            n_broken += 1
            _print(f"seed {outcome.seed}: {outcome.violation}\n    {replay_command(outcome.seed, mutant)}")
        if n_done % 10_000 == 0:
            _print(f"{n_done} of {len(seeds)} seeds, {time.monotonic() - started:.0f} s")
    _print(
        f"seeds               {n_done} ({seeds.start} to {seeds.stop - 1}), {time.monotonic() - started:.0f} s"
    )
    _print(f"micro-batches       {n_batches}")
    _print(f"operations          {n_operations}")
    _print(f"faults              {_listed(faults)}")
    _print(f"promises broken     {n_broken}")
    return int(n_broken > 0)


def _run_task(task: tuple[range, str | None]) -> list[Outcome]:
    seeds, mutant = task
    logging.disable(logging.CRITICAL)
    gc.disable()  # faster; what a run leaves is collected between tasks
    outcomes = [run_seed(seed, MUTANTS[mutant][0] if mutant else nullcontext) for seed in seeds]
    gc.enable()
    gc.collect()
    return outcomes


def _listed(faults: Counter[str]) -> str:
    return ", ".join(f"{name} {n}" for name, n in faults.most_common()) or "none"


def _print(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
