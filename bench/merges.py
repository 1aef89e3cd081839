"""Writers in, how fast PostgreSQL merges totals for them out: into the same keys, as workers do, and into others."""

import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from antennactl.ledger.connection import Database
from bench.figures import Table, summarize
from bench.place import Place, World
from bench.plan import Plan
from bench.process import Measured, PeerError, Running

_PROGRAM: Final = Path(__file__).parent / "peers" / "merge_totals.py"
FEW_ROWS: Final = 25
"""Of a transaction that takes no longer than its COMMIT."""
_GATE: Final = 7
_SAMPLE_S: Final = 0.05
_START_S: Final = 120.0
_WAITING: Final = """
SELECT count(*) FILTER (WHERE wait_event_type = 'Lock')::bigint AS waiting, count(*)::bigint AS n
FROM pg_stat_activity
WHERE datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()
"""


def measure_merges(place: Place, plan: Plan) -> Table:
    """Let each number of writers merge into the same keys and into keys of their own, in turn; return the medians."""
    table = Table("merges", f"Merges of totals into rows that are there already, median of {plan.rounds}")
    for keys, n_rows in (("same", FEW_ROWS), ("same", plan.merge_rows), ("own", plan.merge_rows)):
        for n_writers in plan.workers:
            task = {"n_rows": n_rows, "n_transactions": plan.merge_transactions}
            runs = []
            for number in range(plan.rounds):
                sys.stderr.write(f"{n_rows} rows of {keys} keys, round {number + 1}: {n_writers} writers\n")
                with place.world("none") as world:
                    runs.append(_run(place, world, task, n_writers, is_shared=keys == "same"))
            found = summarize(runs)
            table.rows.append(
                {
                    "keys": keys,
                    "rows": n_rows,
                    "writers": n_writers,
                    "rows/s in all": found["rate"],
                    "of one writer": found["rate"] / n_writers,
                    "PG µs a row": found["postgres_us"],
                    "ms a transaction": found["transaction_ms"],
                    "waiting for a lock": found["waiting"],
                    "deadlocks": int(found["deadlocks"]),
                }
            )
    table.notes += [
        "rows: of a transaction. same: all writers add to one window's keys, as workers do to the window of now; own:",
        "each to keys of its own. ms a transaction: from one COMMIT of a writer to its next.",
        "waiting for a lock: the share of the active connections that did, by samples of pg_stat_activity.",
    ]
    return table


def _run(
    place: Place, world: World, task: Mapping[str, int], n_writers: int, *, is_shared: bool
) -> dict[str, float]:
    with ExitStack() as stack:
        gate = stack.enter_context(Database(world.dsn))
        with gate.transaction() as tx:
            tx.query_text(f"SELECT pg_advisory_lock({_GATE})::text")
        writers = [
            stack.enter_context(
                Running([sys.executable, _PROGRAM], {"BENCH_TASK": _describe(world, task, first)})
            )
            for first in (0 if is_shared else number * task["n_rows"] for number in range(n_writers))
        ]
        for writer in writers:
            if not writer.is_marked.wait(_START_S):
                message = "a writer did not start"
                raise PeerError(message)
        with gate.transaction() as tx:
            tx.query_text("ANALYZE public.bytes")
        before = place.server_cpu_s["postgres"]
        with gate.transaction() as tx:
            tx.query_text(f"SELECT pg_advisory_unlock({_GATE})")
        measured, waiting = _await(writers, gate)
        cpu_s = place.server_cpu_s["postgres"] - before
        with gate.transaction() as tx:
            deadlocks = tx.query_text(
                "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
            ).item()
    results = [found.result for found in measured]
    seconds = max(result["ended"] for result in results) - min(result["began"] for result in results)
    n_rows = sum(result["n_rows"] for result in results)
    return {
        "rate": n_rows / seconds,
        "postgres_us": cpu_s / n_rows * 1e6,
        "transaction_ms": seconds / task["n_transactions"] * 1e3,
        "waiting": waiting,
        "deadlocks": deadlocks,
    }


def _describe(world: World, task: Mapping[str, int], first_key: int) -> str:
    return json.dumps({**task, "dsn": world.dsn, "gate": _GATE, "first_key": first_key})


def _await(writers: Sequence[Running], watcher: Database) -> tuple[list[Measured], float]:
    """Wait for all writers; return what they measured and the share of samples that waited for a lock."""
    n_waiting = n_active = 0
    with ThreadPoolExecutor(len(writers)) as pool:
        ends: list[Future[Measured]] = [pool.submit(writer.finish) for writer in writers]
        while wait(ends, _SAMPLE_S).not_done:
            with watcher.transaction() as tx:
                row = tx.query_text(_WAITING).row(0, named=True)
            n_waiting, n_active = n_waiting + row["waiting"], n_active + row["n"]
        return [end.result() for end in ends], n_waiting / max(n_active, 1)
