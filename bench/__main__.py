"""Parts and sizes in; services of our own, the measurements, one table of each part, JSON and a picture out."""

import json
import os
import platform
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version

from bench.batch import measure_batch
from bench.environments import prepare_python, prepare_spark
from bench.figures import Table
from bench.growth import measure_growth
from bench.live import measure_live
from bench.picture import draw
from bench.place import Place, open_place
from bench.plan import Plan, read_plan
from bench.process import PeerError
from bench.start import measure_start
from bench.stream import measure_stream
from bench.text_table import format_table
from bench.workers import measure_workers


def main(arguments: Sequence[str]) -> int:
    """Measure what is asked for; return 0, or 1 when a part failed (what the others found is kept)."""
    plan = read_plan(arguments)
    _prepare(plan)
    tables: list[Table] = []
    failed = False
    began = time.monotonic()
    with open_place(plan.folder) as place:
        for part in plan.parts:
            try:
                made = _measure(part, place, plan)
            except (PeerError, OSError) as error:
                failed = True
                made = [Table(part, f"{part}: failed", notes=[str(error)])]
            for table in made:
                print(format_table(table), flush=True)
            tables += made
            # After each part: a long run that is ended keeps what it has.
            _save(plan, tables, time.monotonic() - began)
    print(f"{plan.out}/results.json and results.svg, after {time.monotonic() - began:.0f} s")
    return 1 if failed else 0


def _measure(part: str, place: Place, plan: Plan) -> list[Table]:
    match part:
        case "stream":
            return [measure_stream(place, plan)]
        case "batch":
            return measure_batch(place, plan)
        case "live":
            return [measure_live(place, plan)]
        case "growth":
            return [measure_growth(place, plan)]
        case "workers":
            return measure_workers(place, plan)
        case _:
            return [measure_start(place, plan)]


def _prepare(plan: Plan) -> None:
    """Install what is missing before anything is measured; what cannot be had is said where it is missed."""
    wanted: dict[str, Callable[[], object]] = {
        "spark": prepare_spark,
        "quix": partial(prepare_python, "quix"),
    }
    used = {*(plan.peers if "stream" in plan.parts else ()), *(plan.engines if "batch" in plan.parts else ())}
    for name, prepare in wanted.items():
        if name in used:
            try:
                prepare()
            except PeerError as error:
                sys.stderr.write(f"{name}: {error}\n")


def _save(plan: Plan, tables: Sequence[Table], seconds: float) -> None:
    plan.out.mkdir(parents=True, exist_ok=True)
    document = {
        "measured_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "seconds": round(seconds),
        "machine": {
            "cores": os.cpu_count(),
            "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
            "system": platform.platform(),
            "python": platform.python_version(),
            **{name: version(name) for name in ("antennactl", "polars", "duckdb", "confluent-kafka")},
        },
        "plan": {
            name: str(value) if name in {"out", "folder"} else value for name, value in asdict(plan).items()
        },
        "tables": [asdict(table) for table in tables],
    }
    (plan.out / "results.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    (plan.out / "results.svg").write_text(draw(tables))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
