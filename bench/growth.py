"""Sizes in, how time and memory grow with them out: rows, users, hours, live totals, partitions, backlog."""

import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from bench.batch import describe_hour, run_engine, run_whole
from bench.figures import Table, slope
from bench.hour import make_hour, make_other_hours
from bench.place import Place
from bench.plan import FEW, MANY, Plan, Profile
from bench.process import measure, measure_peer
from bench.stream import READING, stream_command

_PEERS: Final = Path(__file__).with_name("peers")
_MIB: Final = 2**20
_HOUR_ROWS: Final = 1_000_000
_MERGE_MESSAGES: Final = 200_000
_SMALL_USERS: Final = 1_000
# Keys of users whom the simulator does not know, in windows of the past year: as a history would be.
_FILL: Final = """
INSERT INTO public.bytes (timestamp, id, value, type)
SELECT timestamptz '2025-01-01 00:00:00+00' + (n / {keys}) * interval '5 minutes',
    'f0000000-' || lpad((n % {keys})::text, 27, '0'), n, 'user_total_bytes'
FROM generate_series(0, {rows} - 1) AS n ORDER BY 1, 2
"""
_KEYS: Final = 100_000

Point = tuple[float, float]


def measure_growth(place: Place, plan: Plan) -> Table:
    """Measure every series of sizes and return the points, each series with its slope."""
    table = Table("growth", "Growth: what one size more costs")
    series: Sequence[tuple[str, str, str, Sequence[int], Callable[[Place, Plan, int], dict[str, float]]]] = (
        ("batch, aggregation", "s", "rows of the hour", plan.growth_rows, _batch_by_rows),
        ("batch, aggregation", "s", "users", plan.growth_users, _batch_by_users),
        ("cache of users", "bytes a user", "users known", plan.growth_users, _cache_by_users),
        ("batch, whole job", "s", "hours in the lake", plan.growth_hours, _batch_by_hours),
        ("stream, many keys", "s", "rows in bytes", plan.growth_bytes, _stream_by_bytes),
        ("stream, few keys", "s", "partitions", plan.growth_partitions, _stream_by_partitions),
        ("stream, peak memory", "MiB", "messages of backlog", plan.growth_backlog, _peak_by_backlog),
    )
    for measure_name, unit, by, sizes, run in series:
        found: list[Point] = []
        for size in sizes:
            sys.stderr.write(f"growth: {measure_name} by {by}: {size:,}\n")
            result = run(place, plan, size)
            value = result.pop("value")
            found.append((size, value))
            table.rows.append(
                {"measure": measure_name, "by": by, "size": size, "value": value, "unit": unit, **result}
            )
        table.notes.append(f"{measure_name} by {by}: slope {_shown(slope(*zip(*found, strict=True)))}")
    return table


def _shown(exponent: float | None) -> str:
    return "-" if exponent is None else f"{exponent:.2f} (1: in proportion, 0: flat)"


def _batch_by_rows(place: Place, plan: Plan, n_rows: int) -> dict[str, float]:
    return _batch(place, plan, n_rows, min(plan.batch_users, max(n_rows // 50, 1)))


def _batch_by_users(place: Place, plan: Plan, n_users: int) -> dict[str, float]:
    return _batch(place, plan, _HOUR_ROWS, n_users)


def _batch(place: Place, plan: Plan, n_rows: int, n_users: int) -> dict[str, float]:
    with place.world("none", n_users) as world:
        files = make_hour(world, n_rows, n_users)
        task = describe_hour(place, world, files, n_users)
        runs = [run_engine("antennactl", task) for _ in range(plan.rounds)]
    return {
        "value": median(run.result["seconds"] for run in runs),
        "peak MiB": median(run.peak_bytes for run in runs) / _MIB,
    }


def _cache_by_users(place: Place, _plan: Plan, n_users: int) -> dict[str, float]:
    with place.world("none", n_users) as world:
        found = measure_peer(sys.executable, _PEERS / "user_cache.py", {"dsn": world.dsn})
    return {
        "value": found.result["cache_bytes"] / n_users,
        "resident bytes a user": found.result["resident_bytes"] / n_users,
        "peak MiB": found.peak_bytes / _MIB,
    }


def _batch_by_hours(place: Place, plan: Plan, n_hours: int) -> dict[str, float]:
    with place.world("none", _SMALL_USERS) as world:
        make_hour(world, _HOUR_ROWS, _SMALL_USERS)
        make_other_hours(world, n_hours - 1)
        runs = [run_whole(world) for _ in range(plan.rounds)]
    return {
        "value": median(run.wall_s for run in runs),
        "CPU s": median(run.cpu_s for run in runs),
        "peak MiB": median(run.peak_bytes for run in runs) / _MIB,
    }


def _stream_by_bytes(place: Place, plan: Plan, n_rows: int) -> dict[str, float]:
    """Merge a topic of many keys into a table that holds `n_rows` of other windows already."""
    topic = place.make_topic(_MERGE_MESSAGES, users=MANY.users, antennas=MANY.antennas)
    seconds = []
    with place.world(topic.name) as filled:
        filled.query(_FILL.format(rows=n_rows, keys=_KEYS))
        filled.query("ANALYZE public.bytes")
        for _ in range(plan.rounds):
            with place.world(topic.name, like=filled) as world:
                before = place.server_cpu_s["postgres"]
                found = measure(stream_command(plan), world.environment, marked_by=READING)
                cpu_s = place.server_cpu_s["postgres"] - before
                totals = sum(batch.get("num_total_rows", 0) for batch in found.results)
                seconds.append((found.steady_s, cpu_s, totals))
    place.drop_topic(topic.name)
    steady_s, postgres_s, n_totals = (median(run[number] for run in seconds) for number in range(3))
    return {"value": steady_s, "PG CPU s": postgres_s, "merged rows": n_totals}


def _stream_by_partitions(place: Place, plan: Plan, n_partitions: int) -> dict[str, float]:
    return _stream(place, plan, plan.growth_messages, FEW, n_partitions, "steady_s")


def _peak_by_backlog(place: Place, plan: Plan, n_messages: int) -> dict[str, float]:
    """Measure at the defaults, without users."""
    return _stream(place, plan, n_messages, FEW, 4, "peak_mib")


def _stream(  # noqa: PLR0913, PLR0917 - what a run has to be told
    place: Place, plan: Plan, n_messages: int, profile: Profile, n_partitions: int, wanted: str
) -> dict[str, float]:
    topic = place.make_topic(
        n_messages, users=profile.users, antennas=profile.antennas, partitions=n_partitions
    )
    runs = []
    for _ in range(plan.rounds):
        with place.world(topic.name) as world:
            found = measure(stream_command(plan), world.environment, marked_by=READING)
            runs.append({"steady_s": found.steady_s, "peak_mib": found.peak_bytes / _MIB})
    place.drop_topic(topic.name)
    medians = {name: median(run[name] for run in runs) for name in runs[0]}
    return {
        "value": medians[wanted],
        "msg/s": n_messages / medians["steady_s"],
        "peak MiB": medians["peak_mib"],
    }
