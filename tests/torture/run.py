"""Real Kafka, real PostgreSQL, three workers and every fault at random, by a printed seed; then the one oracle.

`make torture` runs 1,000 kills; `make torture ARGS="--kills 60 --seed 7"` a short form. Exit 1 when anything differs.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from confluent_kafka import KafkaException, Producer
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic  # type: ignore[attr-defined] # its stub hides it

from antennactl import failpoints
from antennactl.local import LocalServices, start_services
from antennactl.local.progress import print_step
from e2e.antennactl_process import COMMAND, World
from proxy import Proxy
from torture.oracle import Truth, bad_of, count_files, find_violations, read_topic
from torture.readers import Reader

WORKERS = 3
RATE = 1_500
PROTOCOLS = {
    "eager": ("-X", "partition.assignment.strategy=range", "-X", "session.timeout.ms=6000"),
    "cooperative": (
        "-X",
        "partition.assignment.strategy=cooperative-sticky",
        "-X",
        "session.timeout.ms=6000",
    ),
    "consumer": ("-X", "group.protocol=consumer"),
}
# How often each fault comes, among a hundred or so. The slow ones cost the run many seconds each.
WEIGHTS = {
    "kill": 60,
    "kill at a failpoint": 40,
    "SIGTERM": 6,
    "SIGINT": 4,
    "leave and join": 4,
    "backend ended": 12,
    "connections cut": 8,
    "answers swallowed": 2,
    "stop past the session time-out": 1,
    "PostgreSQL killed": 1,
    "broker killed": 1,
}
COUNTED_AS_KILLS = {"kill", "kill at a failpoint"}


@dataclass
class Torture:
    """One run: its services, workers and what befell them."""

    world: World
    services: LocalServices
    proxy: Proxy
    dice: random.Random
    protocol: str
    folder: Path
    workers: "list[subprocess.Popen[bytes]]" = field(default_factory=list)
    faults: "Counter[str]" = field(default_factory=Counter)
    odd_ends: "Counter[int]" = field(default_factory=Counter)

    def start_worker(self, number: int, failpoint: str | None = None) -> "subprocess.Popen[bytes]":
        """Start worker `number`, through the proxy; with `failpoint` it kills itself there."""
        words = ["stream", "--interval", "300ms", "--max-rows", "3000", *PROTOCOLS[self.protocol]]
        if self.protocol != "consumer":
            # A killed member's place is taken at once, instead of after the session time-out.
            words += ["-X", f"group.instance.id=worker-{number}"]
        dsn = self.world.dsn.replace(f":{self.services.postgres.port}/", f":{self.proxy.port}/")
        env = self.world.environ({"ANTENNACTL_DSN": dsn})
        if failpoint:
            env["ANTENNACTL_FAILPOINT"] = f"{failpoint}:kill:{self.dice.randint(1, 3)}"
        log = (self.folder / f"worker-{number}.log").open("ab")
        return subprocess.Popen([COMMAND, *words], env=env, cwd=self.folder, stdout=log, stderr=log)

    def replace_worker(self, number: int, failpoint: str | None = None) -> None:
        """Put a new process in a worker's place."""
        self.workers[number] = self.start_worker(number, failpoint)

    def revive(self) -> None:
        """Restart whoever ended: at a failpoint, or because a service was away for too long."""
        for number, worker in enumerate(self.workers):
            code = worker.poll()
            if code is not None:
                if code not in {0, -signal.SIGKILL}:
                    self.odd_ends[code] += 1
                self.replace_worker(number)

    def fault(self, name: str) -> None:
        """Let one fault happen."""
        self.faults[name] += 1
        number = self.dice.randrange(len(self.workers))
        faults: dict[str, Callable[[], object]] = {
            "kill": lambda: self._end(number, signal.SIGKILL),
            "kill at a failpoint": lambda: self._arm(number),
            "SIGTERM": lambda: self._end(number, signal.SIGTERM),
            "SIGINT": lambda: self._end(number, signal.SIGINT),
            "leave and join": self._join,
            "backend ended": self._end_backend,
            "connections cut": self.proxy.cut,
            "answers swallowed": self._swallow,
            "stop past the session time-out": lambda: self._freeze(number),
            "PostgreSQL killed": lambda: self._crash(
                self.services.postgres.kill, self.services.postgres.restart
            ),
            "broker killed": lambda: self._crash(self.services.kafka.kill, self.services.kafka.restart),
        }
        faults[name]()

    def _end(self, number: int, how: signal.Signals) -> None:
        self.workers[number].send_signal(how)
        if how is signal.SIGKILL:
            self.workers[number].wait()
            self.replace_worker(number)
        # One that was asked to end is replaced when it has; `revive` looks.

    def _arm(self, number: int) -> None:
        places = [name for name in failpoints.NAMES if not name.startswith(("batch", "compact", "on_revoke"))]
        self.workers[number].kill()
        self.workers[number].wait()
        self.replace_worker(number, self.dice.choice(places))

    def _join(self) -> None:
        """Let a fourth worker come for a moment."""
        extra = self.start_worker(WORKERS)
        self._sleep(2.0)
        extra.send_signal(signal.SIGTERM)
        extra.wait()

    def _end_backend(self) -> None:
        self.world.query(
            "SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        )

    def _swallow(self) -> None:
        self.proxy.swallow()
        self._sleep(1.0)
        self.proxy.heal()

    def _freeze(self, number: int) -> None:
        self.workers[number].send_signal(signal.SIGSTOP)
        self._sleep(7.0)
        self.workers[number].send_signal(signal.SIGCONT)

    def _crash(self, kill: Callable[[], None], restart: Callable[[], None]) -> None:
        kill()
        self._sleep(self.dice.uniform(0.2, 1.5))
        restart()

    def _sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Transactions(threading.Thread):
    """A transactional producer beside the simulator: every third transaction is aborted."""

    def __init__(self, bootstrap_servers: str, topic: str) -> None:
        super().__init__(daemon=True)
        self._servers = bootstrap_servers
        self._topic = topic
        self.ended = threading.Event()
        self.n_committed = self.n_aborted = 0

    def run(self) -> None:
        """Send small transactions; a broken producer is made anew. The oracle reads what became of them."""
        while not self.ended.is_set():
            try:
                self._send_on()
            except KafkaException:
                self.ended.wait(1.0)

    def _send_on(self) -> None:
        producer = Producer(
            {"bootstrap.servers": self._servers, "transactional.id": "torture", "log_level": 0}
        )
        producer.init_transactions(30)
        number = 0
        while not self.ended.wait(0.2):
            number += 1
            producer.begin_transaction()
            for _ in range(20):
                second = int(time.time()) - 7200 + number % 3600
                producer.produce(
                    self._topic,
                    b'{"bytes":%d,"timestamp":%d,"app":"TX","id":"tx","antenna_id":"tx"}' % (number, second),
                )
            if number % 3:
                producer.commit_transaction(30)
                self.n_committed += 1
            else:
                producer.abort_transaction(30)
                self.n_aborted += 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the torture and print its table; return 1 when anything was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(
        prog="torture", description="Torture the stream; then compare all that was kept."
    )
    parser.add_argument("--kills", type=int, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=None, metavar="SEED")
    parser.add_argument(
        "--protocol", choices=PROTOCOLS, default=None, help="of the group (default: by the seed)"
    )
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="end after this long, however many kills there were"
    )
    chosen = parser.parse_args(arguments)
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(2**31)
    print(f"seed {seed}", flush=True)
    dice = random.Random(seed)
    protocol = chosen.protocol or dice.choice(list(PROTOCOLS))
    with tempfile.TemporaryDirectory(prefix="antennactl-torture-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with (
            start_services(folder / "services", print_step) as services,
            Proxy(services.postgres.port) as proxy,
        ):
            return _run(
                chosen, seed, Torture(_make_world(services, folder), services, proxy, dice, protocol, folder)
            )


def _make_world(services: LocalServices, folder: Path) -> World:
    topic = "torture"
    admin = AdminClient({"bootstrap.servers": services.bootstrap_servers})
    admin.create_topics([NewTopic(topic, 4)])[topic].result(30)
    world = World(services.dsn, services.bootstrap_servers, topic, folder)
    world.run("provision")
    return world


def _run(chosen: argparse.Namespace, seed: int, torture: Torture) -> int:
    world, began = torture.world, time.monotonic()
    transactions = Transactions(world.bootstrap_servers, world.topic)
    reader = Reader(world.lake)
    torture.workers = [torture.start_worker(number) for number in range(WORKERS)]
    logs: list[Path] = []
    producers = [_start_producer(torture, logs, seed)]
    transactions.start()
    reader.start()
    deadline = began + 60 * chosen.minutes
    names, weights = list(WEIGHTS), list(WEIGHTS.values())
    is_widened = False
    while (
        sum(torture.faults[name] for name in COUNTED_AS_KILLS) < chosen.kills and time.monotonic() < deadline
    ):
        time.sleep(torture.dice.uniform(0.05, 0.9))
        torture.revive()
        if producers[-1].poll() is not None:
            producers.append(_start_producer(torture, logs, seed + len(producers)))
        torture.fault(torture.dice.choices(names, weights)[0])
        done = sum(torture.faults[name] for name in COUNTED_AS_KILLS)
        if not is_widened and done > chosen.kills / 2:
            is_widened = True
            _add_partitions(world)
            torture.faults["partitions added"] += 1
        if done % 100 == 0:
            print(f"{done} kills, {time.monotonic() - began:.0f} s, {reader.n_rows} rows read", flush=True)
    return _conclude(torture, seed, transactions, reader, producers, logs, began)


def _start_producer(torture: Torture, logs: list[Path], seed: int) -> "subprocess.Popen[str]":
    log = torture.folder / f"sent-{len(logs)}.csv"
    logs.append(log)
    return torture.world.start(
        *("simulate", "--messages", "20000", "--rate", f"{RATE}/s", "--span", "2h", "--late", "0.02"),
        *("--malformed", "0.005", "--unknown", "0.01", "--duplicates", "0.01"),
        *("--seed", str(seed % 2**31), "--sent", str(log)),
    )


def _add_partitions(world: World) -> None:
    admin = AdminClient({"bootstrap.servers": world.bootstrap_servers})
    admin.create_partitions([NewPartitions(world.topic, 6)])[world.topic].result(30)


def _conclude(
    torture: Torture,
    seed: int,
    transactions: Transactions,
    reader: Reader,
    producers: "list[subprocess.Popen[str]]",
    logs: list[Path],
    began: float,
) -> int:
    world = torture.world
    transactions.ended.set()
    transactions.join(60)
    producers[-1].send_signal(signal.SIGTERM)
    for producer in producers:
        producer.communicate(timeout=120)
    for worker in torture.workers:
        worker.send_signal(signal.SIGTERM)
    for worker in torture.workers:
        worker.wait(90)
    world.run("stream", "--drain", *PROTOCOLS[torture.protocol])
    world.run("batch", "--catch-up")
    reader.stop()
    truth = read_topic(world.bootstrap_servers, world.topic, bad_of(logs))
    wrong = find_violations(world, truth)
    verified = subprocess.run(
        [COMMAND, "verify"],
        env=world.environ(),
        cwd=world.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    disagreements = {name: n for name, n in wrong.items() if n}
    _print_table(torture, seed, transactions, reader, truth, wrong, verified.returncode, began)
    _print_details(torture, reader, disagreements, verified)
    is_well = not disagreements and not reader.violations and verified.returncode == 0
    if not is_well:
        kept = Path(tempfile.mkdtemp(prefix="antennactl-torture-kept-"))
        for log in torture.folder.glob("*.log"):
            (kept / log.name).write_bytes(log.read_bytes())
        print(f"the workers' logs are in {kept}")
    return 0 if is_well else 1


def _print_details(
    torture: Torture,
    reader: Reader,
    disagreements: dict[str, int],
    verified: "subprocess.CompletedProcess[str]",
) -> None:
    for line in reader.violations[:10]:
        print(line)
    for name, n in disagreements.items():
        print(f"{name}: {n}")
    if verified.returncode:
        print(verified.stdout, verified.stderr)
    if torture.odd_ends:
        print("workers that ended by themselves, by exit code:", dict(torture.odd_ends))
        errors = Counter(
            line
            for log in torture.folder.glob("*.log")
            for line in log.read_text().splitlines()
            if line.startswith("error:")
        )
        for line, n in errors.most_common(10):
            print(f"  {n} times {line}")


def _print_table(  # what a run is made of
    torture: Torture,
    seed: int,
    transactions: Transactions,
    reader: Reader,
    truth: Truth,
    wrong: dict[str, int],
    verify_code: int,
    began: float,
) -> None:
    world = torture.world
    kills = sum(torture.faults[name] for name in COUNTED_AS_KILLS)
    others = ", ".join(
        f"{n} {name}" for name, n in torture.faults.most_common() if name not in COUNTED_AS_KILLS
    )
    print(f"""
| what | this run |
|---|---|
| group protocol | {torture.protocol} |
| kills | {kills} |
| other faults | {others} |
| messages | {len(truth.events) + len(truth.bad)}, {len(truth.bad)} of them bad |
| transactions | {transactions.n_committed} committed, {transactions.n_aborted} aborted |
| lake files | {count_files(world.lake)} |
| reads of the lake meanwhile | {reader.n_reads}, {len(reader.violations)} of them wrong |
| duplicates | {wrong["duplicates"]} |
| losses | {wrong["losses"]} |
| other disagreements | {sum(wrong.values()) - wrong["duplicates"] - wrong["losses"]} |
| verify | exit {verify_code} |
| seed | {seed} |
| duration | {time.monotonic() - began:.0f} s |
""")


if __name__ == "__main__":
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    sys.exit(main())
