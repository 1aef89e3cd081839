"""An hour of the lake in, how fast each engine sums it out; and antennactl's whole job, with its locks and writes."""

import sys
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from uuid import uuid4

from bench.environments import prepare_spark
from bench.figures import WHY_NOT, Table, ratio, spread, summarize
from bench.hour import HOUR, HOUR_NAME, MadeFile, hour_path, make_hour
from bench.place import Place, World
from bench.plan import Plan
from bench.process import COMMAND, Measured, PeerError, measure, measure_peer

_PEERS: Final = Path(__file__).with_name("peers")
_NAMES: Final = {
    "antennactl": "antennactl, aggregation",
    "duckdb": "DuckDB, by hand",
    "polars": "Polars, streaming",
    "spark": "Spark SQL local[2], warm",
    "whole": "antennactl batch, whole job",
}
_MIB: Final = 2**20


def measure_batch(place: Place, plan: Plan) -> list[Table]:
    """Run every engine on one hour, in turn, and return the medians; then the writes."""
    title = (
        f"Batch: one hour of {plan.batch_rows:,} rows, {plan.batch_users:,} users, median of {plan.rounds}"
    )
    table = Table("batch", title)
    with place.world("none", plan.batch_users) as world:
        sys.stderr.write(f"batch: making {plan.batch_rows:,} rows\n")
        files = make_hour(world, plan.batch_rows, plan.batch_users)
        task = describe_hour(place, world, files, plan.batch_users)
        runs: dict[str, list[dict[str, float]]] = defaultdict(list)
        failures: dict[str, str] = {}
        for number in range(plan.rounds):
            for engine in (*plan.engines, "whole"):
                if engine in failures:
                    continue
                sys.stderr.write(f"batch, round {number + 1}: {engine}\n")
                try:
                    runs[engine].append(_run(place, plan, engine, task, world))
                except PeerError as error:
                    failures[engine] = str(error)
        table.rows += _make_rows(plan, runs, failures)
    table.notes.append("seconds: read, sum, join with the users; own: the whole process, its start included.")
    return [table, _measure_writes(place, plan)]


def describe_hour(place: Place, world: World, files: list[MadeFile], n_users: int) -> dict[str, object]:
    """Return what an engine is given: the hour's files and the users."""
    return {
        "lake": str(world.lake),
        "hour": HOUR.isoformat(),
        "hour_folder": str(hour_path(world)),
        "files": [(file.path, file.n_rows, file.sum_bytes) for file in files],
        "users": str(place.users_parquet(n_users)),
    }


def run_engine(engine: str, task: Mapping[str, object]) -> Measured:
    """Run an engine of our own environment on an hour. Raises PeerError."""
    return measure_peer(sys.executable, _PEERS / f"{engine}_hour.py", task)


def run_whole(world: World) -> Measured:
    """Run the command `batch` on the hour. Raises PeerError."""
    command: list[str | Path] = [COMMAND, "batch", "--hour", HOUR_NAME, "--allow-partial", "--json"]
    return measure(command, world.environment)


def _run(place: Place, plan: Plan, engine: str, task: Mapping[str, object], world: World) -> dict[str, float]:
    if engine == "whole":
        measured = run_whole(world)
    elif engine == "spark":
        measured = _run_spark(place, plan, task)
    else:
        measured = run_engine(engine, task)
    found = measured.result if engine != "whole" else {}
    return {
        "seconds": found.get("seconds", measured.wall_s),
        "whole_s": measured.wall_s,
        "cpu_s": measured.cpu_s,
        "peak_mib": measured.peak_bytes / _MIB,
    }


def _run_spark(place: Place, plan: Plan, task: Mapping[str, object]) -> Measured:
    spark = prepare_spark()
    folder = place.folder / f"spark-{uuid4().hex}"
    described = {**task, "jars": [], "folder": str(folder), "memory": plan.spark_memory}
    return measure_peer(spark.python, _PEERS / "spark_hour.py", described, spark.environment)


def _make_rows(
    plan: Plan, runs: Mapping[str, list[dict[str, float]]], failures: Mapping[str, str]
) -> list[dict[str, object]]:
    medians = {engine: summarize(found) for engine, found in runs.items()}
    duckdb, spark = (medians.get(engine, {}).get("seconds") for engine in ("duckdb", "spark"))
    rows: list[dict[str, object]] = []
    for engine in (*plan.engines, "whole"):
        if engine in failures or not medians.get(engine):
            rows.append({"peer": _NAMES[engine], WHY_NOT: failures.get(engine, "")})
            continue
        found = medians[engine]
        rows.append(
            {
                "peer": _NAMES[engine],
                "seconds": found["seconds"],
                "of DuckDB": ratio(found["seconds"], duckdb),
                "Spark is": ratio(spark, found["seconds"]),
                "process s": found["whole_s"],
                "CPU s": found["cpu_s"],
                "peak MiB": found["peak_mib"],
                "spread": spread(run["seconds"] for run in runs[engine]),
            }
        )
    return rows


def _measure_writes(place: Place, plan: Plan) -> Table:
    table = Table(
        "writes", f"Writes: {plan.copy_rows:,} hourly rows in one transaction, median of {plan.rounds}"
    )
    runs = []
    for _ in range(plan.rounds):
        with place.world("none") as world:
            task = {"dsn": world.dsn, "n_rows": plan.copy_rows}
            found = measure_peer(sys.executable, _PEERS / "copy_hour.py", task)
            runs.append({name: float(value) for name, value in found.result.items()})
    medians = summarize(runs)
    names = {
        "copy_s": "COPY into a table with the same key",
        "replace_s": "antennactl, a first run",
        "replace_again_s": "antennactl, in the place of an older run",
    }
    for name, shown in names.items():
        rate = plan.copy_rows / medians[name]
        of_copy = ratio(medians["copy_s"], medians[name])
        table.rows.append({"what": shown, "rows/s": rate, "of COPY": of_copy})
    return table
