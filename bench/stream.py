"""A backlog in a topic in, how fast each peer takes it out: messages a second, CPU a message, peak memory."""

import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from uuid import uuid4

import polars as pl

from bench.environments import prepare_python, prepare_spark
from bench.figures import WHY_NOT, Table, cpu_hours_per_billion, ratio, spread, summarize
from bench.place import Place, Topic, World
from bench.plan import FEW, MANY, Plan, Profile
from bench.process import COMMAND, Measured, PeerError, measure, measure_peer

PEERS_FOLDER: Final = Path(__file__).with_name("peers")
READING: Final = "reading topic"
_WINDOW_S: Final = 300
# More rows a trigger are faster for Spark until its cache spills; with the default of no limit it runs out of memory.
_SPARK_ROWS: Final = 1_000_000
_MIB: Final = 2**20


@dataclass(frozen=True)
class Task:
    """One peer's run on one topic."""

    plan: Plan
    place: Place
    world: World
    topic: Topic


def measure_stream(place: Place, plan: Plan) -> Table:
    """Run every peer on both topics, in turn, and return the medians."""
    table = Table("stream", f"Stream: a backlog of {plan.messages:,} messages, median of {plan.rounds}")
    for profile in (FEW, MANY):
        topic = _make_topic(place, plan.messages, profile)
        few_messages = _make_topic(place, plan.quix_messages, profile) if "quix" in plan.peers else topic
        runs, failures = _run_rounds(place, plan, profile, topic, few_messages)
        table.rows += _make_rows(plan, profile, runs, failures)
        for name in {topic.name, few_messages.name}:
            place.drop_topic(name)
    table.notes += [
        "µs: CPU a message, start excluded, of the peer's own processes; of the broker and PostgreSQL with it.",
        "core-h/10⁹: hours of one core for a billion messages, all of the three together.",
        "The lake's rows and the bytes of all three totals were counted after each run of antennactl and Spark.",
    ]
    if "quix" in plan.peers:
        table.notes.append(
            f"Quix Streams: windowed sums alone, no lake and no PostgreSQL, of {plan.quix_messages:,} messages."
        )
    return table


def stream_command(plan: Plan) -> list[str | Path]:
    """Return the measured command of antennactl."""
    return [COMMAND, "stream", "--drain", "--json", *plan.stream_options]


def _make_topic(place: Place, n_messages: int, profile: Profile) -> Topic:
    return place.make_topic(n_messages, users=profile.users, antennas=profile.antennas)


def _run_rounds(
    place: Place, plan: Plan, profile: Profile, topic: Topic, few_messages: Topic
) -> tuple[dict[str, list[dict[str, float]]], dict[str, str]]:
    """Return the figures of each peer's runs, and why others have none."""
    runs: dict[str, list[dict[str, float]]] = defaultdict(list)
    failures: dict[str, str] = {}
    for number in range(plan.rounds):
        for peer in plan.peers:
            if peer in failures:
                continue
            sys.stderr.write(f"stream, {profile.name}, round {number + 1}: {peer}\n")
            given = few_messages if peer == "quix" else topic
            try:
                with place.world(given.name, profile.users) as world:
                    runs[peer].append(_run(Task(plan, place, world, given), _RUNNERS[peer]))
            except PeerError as error:
                failures[peer] = str(error)
    return runs, failures


def _run(task: Task, runner: Callable[[Task], Measured]) -> dict[str, float]:
    """Run one peer and return its figures; the servers' CPU is that of the whole run."""
    before = task.place.server_cpu_s
    measured = runner(task)
    after = task.place.server_cpu_s
    n = task.topic.n_messages
    servers = {f"{name}_us": (after[name] - before[name]) / n * 1e6 for name in after}
    return {
        "rate": n / measured.steady_s,
        "whole_rate": n / measured.wall_s,
        "start_s": measured.wall_s - measured.steady_s,
        "cpu_us": measured.steady_cpu_s / n * 1e6,
        "whole_cpu_us": measured.cpu_s / n * 1e6,
        **servers,
        "peak_mib": measured.peak_bytes / _MIB,
    }


def _make_rows(
    plan: Plan, profile: Profile, runs: dict[str, list[dict[str, float]]], failures: dict[str, str]
) -> list[dict[str, object]]:
    medians = {peer: summarize(figures) for peer, figures in runs.items()}
    bare, spark = (medians.get(peer, {}).get("rate") for peer in ("bare", "spark"))
    rows: list[dict[str, object]] = []
    for peer in plan.peers:
        if peer in failures or not medians.get(peer):
            rows.append({"topic": profile.name, "peer": _NAMES[peer], WHY_NOT: failures.get(peer, "")})
            continue
        found = medians[peer]
        rows.append(
            {
                "topic": profile.name,
                "peer": _NAMES[peer],
                "msg/s": found["rate"],
                "with start": found["whole_rate"],
                "of bare": ratio(found["rate"], bare),
                "of Spark": ratio(found["rate"], spark),
                "own µs": found["cpu_us"],
                "broker µs": found["broker_us"],
                "PG µs": found["postgres_us"],
                "core-h/10⁹": cpu_hours_per_billion(
                    found["cpu_us"] + found["broker_us"] + found["postgres_us"]
                ),
                "peak MiB": found["peak_mib"],
                "spread": spread(figures["rate"] for figures in runs[peer]),
            }
        )
    return rows


def _run_bare(task: Task) -> Measured:
    return measure_peer(sys.executable, PEERS_FOLDER / "bare_consume.py", _describe(task))


def _run_antennactl(task: Task) -> Measured:
    measured = measure(stream_command(task.plan), task.world.environment, marked_by=READING)
    _check(task)
    return measured


def _run_spark(task: Task) -> Measured:
    spark = prepare_spark()
    folder = task.place.folder / f"spark-{uuid4().hex}"
    described = {
        **_describe(task),
        "jars": [str(jar) for jar in spark.jars],
        "folder": str(folder),
        "memory": task.plan.spark_memory,
        "jdbc_url": _jdbc_url(task.world.dsn),
        "max_rows": _SPARK_ROWS,
    }
    program = PEERS_FOLDER / "spark_stream.py"
    measured = measure_peer(spark.python, program, described, spark.environment)
    _check(task)
    return measured


def _run_quix(task: Task) -> Measured:
    python = prepare_python("quix")
    described = {**_describe(task), "folder": str(task.place.folder / f"quix-{uuid4().hex}")}
    measured = measure_peer(python, PEERS_FOLDER / "quix_stream.py", described)
    n_summed = measured.result.get("n_summed")
    if n_summed != 3 * task.topic.n_messages:
        message = f"summed {n_summed} of {3 * task.topic.n_messages}"
        raise PeerError(message)
    return measured


_RUNNERS: Final = {"bare": _run_bare, "antennactl": _run_antennactl, "spark": _run_spark, "quix": _run_quix}
_NAMES: Final = {
    "bare": "bare consume()",
    "antennactl": "antennactl",
    "spark": "Spark local[2]",
    "quix": "Quix Streams",
}


def _describe(task: Task) -> dict[str, object]:
    return {
        "bootstrap_servers": task.world.bootstrap_servers,
        "topic": task.topic.name,
        "group": f"bench-{uuid4().hex}",
        "n_messages": task.topic.n_messages,
        "lake": str(task.world.lake),
        "window_s": _WINDOW_S,
    }


def _jdbc_url(dsn: str) -> str:
    parts = urlsplit(dsn)
    login = f"user={parts.username}&password={parts.password}"
    return f"jdbc:postgresql://{parts.hostname}:{parts.port}{parts.path}?{login}"


def _check(task: Task) -> None:
    """Raise PeerError when the lake or the totals are not those of the topic."""
    sums = dict(
        task.world.query("SELECT type, sum(value)::bigint FROM public.bytes GROUP BY type").iter_rows()
    )
    lake = pl.scan_parquet(f"{task.world.lake}/data/**/*.parquet", hive_partitioning=False)
    n_rows = lake.select(pl.len()).collect().item()
    if n_rows != task.topic.n_messages or len(sums) != 3 or set(sums.values()) != {task.topic.sum_bytes}:  # noqa: PLR2004 - three types
        message = (
            f"differs: {n_rows} of {task.topic.n_messages} rows, totals {sums} of {task.topic.sum_bytes}"
        )
        raise PeerError(message)
