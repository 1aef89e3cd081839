"""Measured workers and merges in, what their costs come to on more cores than there are out."""

from collections.abc import Iterator, Mapping
from typing import Final

from antennactl.simulator.population import APPS
from bench.figures import Table
from bench.merges import FEW_ROWS
from bench.plan import FEW, MANY
from bench.worker_model import Costs, Load, fit_windows, simulate

_CORES: Final = (2, 8, 32, 128)
# Most messages of a micro-batch: the default, and about what its limit of 256 MiB lets through.
_MAX_ROWS: Final = (500_000, 2_000_000)
# So long that --max-rows ends a micro-batch, with a backlog.
_INTERVAL_S: Final = 60.0

Medians = Mapping[str, Mapping[int, Mapping[str, float]]]


def forecast(medians: Medians, merges: Table) -> Table:
    """Return messages a second by cores, keys and size of the micro-batches, and what is the limit there.

    `medians` are the figures of each number of workers by topic; 0 is the one that is not pinned.
    """
    table = Table(
        "forecast", "Workers on more cores, simulated with the costs above; PostgreSQL on cores of its own"
    )
    row_us, commit_ms = merge_costs(merges)
    for name, found, keys, windows in _loads(medians):
        costs = Costs(found["worker_us"], max(found["cores"], 1.0), row_us, commit_ms)
        for max_rows in _MAX_ROWS:
            load = Load(max_rows, _INTERVAL_S, keys, windows)
            for cores in _CORES:
                workers = max(1, round(cores / costs.worker_cores))
                outcome = simulate(costs, load, cores=cores, workers=workers)
                table.rows.append(
                    {
                        "load": name,
                        "messages of a batch": max_rows,
                        "rows of a batch": round(load.rows(max_rows)),
                        "cores": cores,
                        "workers": workers,
                        "msg/s": outcome.rate,
                        "PG at work": outcome.postgres_share,
                        "limit": outcome.held_by,
                    }
                )
    table.notes += [
        f"Of workers that merge into the same keys PostgreSQL takes {row_us:.3g} µs a row and {commit_ms:.3g} ms a",
        "COMMIT, one micro-batch after the other. A micro-batch has no more rows than there are keys in its windows:",
        "longer intervals, larger micro-batches, and fewer, larger workers lift that ceiling. A backlog is reckoned as",
        "merged throughout: what is copied into windows that nobody has begun takes a third, so it is the least.",
    ]
    return table


def _loads(
    medians: Medians,
) -> Iterator[tuple[str, Mapping[str, float], tuple[int, ...], float]]:
    """Yield each load with the figures of its worker that is not pinned, its keys by type, and windows of a batch."""
    for profile in (FEW, MANY):
        found = medians[profile.name][0]
        keys = (profile.users, profile.antennas, len(APPS))
        yield f"{profile.name}, backlog", found, keys, fit_windows(found["messages"], found["rows"], keys)
        yield f"{profile.name}, live", found, keys, 1.0


def merge_costs(merges: Table) -> tuple[float, float]:
    """Return what the merges into the same keys take of the queue: µs a row, and ms a COMMIT, of most writers."""
    of_small, of_large = (
        next(
            row
            for row in reversed(merges.rows)
            if row["keys"] == "same" and (row["rows"] == FEW_ROWS) == is_small
        )
        for is_small in (True, False)
    )
    small_ms, large_ms = (
        float(str(row["ms a transaction"])) / int(str(row["writers"])) for row in (of_small, of_large)
    )
    more_rows = int(str(of_large["rows"])) - FEW_ROWS
    return max(large_ms - small_ms, 0.0) * 1e3 / more_rows, small_ms
