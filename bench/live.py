"""Live traffic in, how long a message takes from produce to visible in `bytes` out; and what an idle stream costs."""

import json
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from confluent_kafka import Producer

from antennactl.ledger.connection import Database
from bench.figures import Table, percentile
from bench.place import Place, World
from bench.plan import Plan
from bench.process import COMMAND, Running

RATE: Final = 5_000
INTERVAL_S: Final = 1.0
_PROBE_S: Final = 0.05
_POLL_S: Final = 0.01
_SETTLE_S: Final = 3.0
_WAIT_S: Final = 60.0
# Windows of the last hour and the next: the index leads to few rows.
_SEEN: Final = """
SELECT id FROM public.bytes
WHERE timestamp >= now() - interval '1 hour' AND type = 'app_total_bytes' AND id LIKE 'probe-%' AND id > $1
"""


@dataclass
class _Probes:
    """Messages whose app is theirs alone: when each was produced, and when it was seen."""

    produced: dict[str, float] = field(default_factory=dict)
    seen: dict[str, float] = field(default_factory=dict)

    @property
    def latencies_s(self) -> list[float]:
        return [self.seen[name] - at for name, at in self.produced.items() if name in self.seen]


def measure_live(place: Place, plan: Plan) -> Table:
    """Run the stream idle, then at RATE messages a second, and return both findings."""
    table = Table("live", f"Live edge: {RATE:,} messages/s for {plan.live_s:g} s, interval {INTERVAL_S:g} s")
    topic = place.make_empty_topic()
    with place.world(topic, 20) as world:
        command: list[str | Path] = [
            COMMAND,
            "stream",
            "--json",
            "--interval",
            f"{INTERVAL_S:g}s",
            *plan.stream_options,
        ]
        with Running(command, world.environment, marked_by="reading topic") as running:
            running.is_marked.wait(_WAIT_S)
            time.sleep(_SETTLE_S)
            idle = _cpu_share(running, plan.idle_s)
            probes = _Probes()
            with _traffic(world):
                time.sleep(_SETTLE_S)
                busy_began, busy_cpu_s = time.monotonic(), running.cpu_s()
                _probe(world, probes, plan.live_s)
                busy = (running.cpu_s() - busy_cpu_s) / (time.monotonic() - busy_began)
            running.signal(signal.SIGTERM)
            measured = running.finish(_WAIT_S)
    place.drop_topic(topic)
    latencies = probes.latencies_s
    p50, p95, worst = (percentile(latencies, share) for share in (0.5, 0.95, 1.0))
    table.rows.append(
        {
            "probes": len(probes.produced),
            "seen": len(latencies),
            "p50 s": p50,
            "p95 s": p95,
            "most s": worst,
            "p95 over interval ms": None if p95 is None else (p95 - INTERVAL_S) * 1000,
            "idle CPU %": idle * 100,
            "busy CPU %": busy * 100,
            "peak MiB": measured.peak_bytes / 2**20,
        }
    )
    table.notes.append(f"CPU in per cent of one core; idle: {plan.idle_s:g} s without a message.")
    return table


def _cpu_share(running: Running, seconds: float) -> float:
    """Return the CPU that the running command takes, as a share of one core."""
    before = running.cpu_s()
    time.sleep(seconds)
    return (running.cpu_s() - before) / seconds


@contextmanager
def _traffic(world: World) -> Iterator[None]:
    """Let antennactl's own simulator send at RATE."""
    import os

    words = [str(COMMAND), "simulate", "--rate", f"{RATE}/s", "-q"]
    environment = {**os.environ, **world.environment}
    sender = subprocess.Popen(words, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        sender.terminate()
        sender.wait()


def _probe(world: World, probes: _Probes, seconds: float) -> None:
    """Send a probe every _PROBE_S and look for them all the while."""
    is_sent = threading.Event()
    watcher = threading.Thread(target=_watch, args=(world, probes, is_sent), daemon=True)
    watcher.start()
    producer = Producer({"bootstrap.servers": world.bootstrap_servers, "linger.ms": 0})
    began = time.monotonic()
    for number in range(round(seconds / _PROBE_S)):
        time.sleep(max(0.0, began + number * _PROBE_S - time.monotonic()))
        name = f"probe-{number:06}"
        message = {
            "bytes": 1,
            "timestamp": int(time.time()),
            "app": name,
            "id": "probe",
            "antenna_id": "probe",
        }
        probes.produced[name] = time.monotonic()
        producer.produce(world.topic, json.dumps(message, separators=(",", ":")))
        producer.poll(0)
    producer.flush(_WAIT_S)
    is_sent.set()
    watcher.join()


def _watch(world: World, probes: _Probes, is_sent: threading.Event) -> None:
    """Note when each probe is first seen in `bytes`, until all are or none has come for long."""
    deadline = float("inf")
    with Database(world.dsn) as database:
        oldest = ""
        while time.monotonic() < deadline:
            with database.transaction() as transaction:
                names = transaction.query_text(_SEEN, oldest)["id"].to_list()
            now = time.monotonic()
            for name in names:
                probes.seen.setdefault(name, now)
            # All up to here are seen: they need not be looked for again.
            waiting = [name for name in list(probes.produced) if name not in probes.seen]
            oldest = max((name for name in probes.seen if not waiting or name < waiting[0]), default="")
            if is_sent.is_set():
                if not waiting:
                    return
                deadline = min(deadline, now + _WAIT_S)
            time.sleep(_POLL_S)
