"""What workers come to on more cores: the costs alone decide, and PostgreSQL is named where it is the ceiling."""

from dataclasses import replace

import pytest

from bench.figures import Row, Table
from bench.plan import read_plan
from bench.worker_forecast import forecast, merge_costs
from bench.worker_model import Costs, Load, fit_windows, rows_of, simulate
from bench.worker_rates import Commit, steady_rate

COSTS = Costs(worker_us=2.0, worker_cores=1.0, row_us=10.0, commit_ms=10.0)
FEW = Load(max_rows=500_000, interval_s=60, keys=(20, 5, 5), windows=1)
MANY = replace(FEW, keys=(100_000, 5_000, 5))


def test_rows_are_keys_that_were_hit() -> None:
    assert rows_of(1, (100_000, 5_000, 5), 1) == pytest.approx(3, rel=0.1)
    assert rows_of(10**9, (100_000, 5_000, 5), 2) == pytest.approx(2 * 105_005)


def test_windows_are_found_that_give_the_rows_that_were_measured() -> None:
    keys = (100_000, 5_000, 5)
    assert fit_windows(50_000, rows_of(50_000, keys, 7.5), keys) == pytest.approx(7.5)
    assert fit_windows(50_000, 3, keys) == pytest.approx(1)


def test_few_keys_grow_with_the_cores() -> None:
    found = [simulate(COSTS, FEW, cores=cores, workers=cores) for cores in (1, 2, 8)]
    assert [item.rate / 500_000 for item in found] == pytest.approx([1, 2, 8], rel=0.1)
    assert {item.held_by for item in found} == {"cores"}


def test_many_keys_stop_at_what_postgresql_merges() -> None:
    """One micro-batch after the other: 500,000 messages in the time of its rows and its COMMIT."""
    found = simulate(COSTS, MANY, cores=32, workers=32)
    assert found.held_by == "PostgreSQL"
    assert found.rate == pytest.approx(500_000 / (MANY.rows(500_000) * 10e-6 + 0.01), rel=0.05)
    larger = replace(MANY, max_rows=2_000_000)
    assert simulate(COSTS, larger, cores=32, workers=32).rate > 3 * found.rate


def test_workers_that_are_too_few_leave_cores_idle() -> None:
    assert simulate(COSTS, FEW, cores=8, workers=2).held_by == "workers"


def test_a_rate_leaves_out_the_wait_for_the_last_interval() -> None:
    commits = [Commit(at, 100) for at in (5.0, 6.0, 8.0)] + [Commit(30.0, 7)]
    assert steady_rate(commits, 2.0) == pytest.approx(50)
    assert steady_rate(commits[:1], 1.0) == pytest.approx(25)
    assert steady_rate([], 0.0) == 0


def test_costs_of_merges_and_of_commits_are_told_apart() -> None:
    def row(rows: int, writers: int, ms: float, keys: str = "same") -> Row:
        return {"keys": keys, "rows": rows, "writers": writers, "ms a transaction": ms}

    measured = [
        row(25, 1, 5),
        row(25, 4, 40),
        row(5_025, 1, 30),
        row(5_025, 4, 240),
        row(5_025, 4, 60, "own"),
    ]
    assert merge_costs(Table("merges", "", measured)) == pytest.approx((10, 10))
    figures = {"worker_us": 2.0, "cores": 1.2, "messages": 100_000.0, "rows": 90_000.0}
    table = forecast({"few keys": {0: figures}, "many keys": {0: figures}}, Table("merges", "", measured))
    assert {row["limit"] for row in table.rows if "many" in str(row["load"])} == {"cores", "PostgreSQL"}


def test_workers_are_a_part_of_the_bench() -> None:
    plan = read_plan(["workers", "--workers", "1,3"])
    assert (plan.parts, plan.workers) == (("workers",), (1, 3))
    assert "workers" in read_plan([]).parts
    assert "workers" not in read_plan(["--quick"]).parts
