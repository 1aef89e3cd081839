"""Real Kafka, real PostgreSQL, three workers and every fault at random, by a printed seed; then the one oracle.

`make torture` runs 1,000 kills; `make torture ARGS="--kills 60 --seed 7"` a short form. The kills come in rounds, one
for each protocol of the group. Exit 1 when anything differs.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stub hides it

from antennactl.local import LocalServices, start_services
from antennactl.local.progress import print_step
from e2e.antennactl_process import COMMAND, World
from proxy import Proxy
from torture.oracle import Truth, bad_of, count_files, find_violations, read_topic
from torture.readers import Reader
from torture.traffic import Traffic
from torture.victims import COUNTED_AS_KILLS, LET_WORK_S, PROTOCOLS, WEIGHTS, Victims

# After so many faults some worker has to have got on, or the next ones would find nothing to disturb.
LET_WORK_EVERY = 3


@dataclass
class Torture:
    """One run, and when it began."""

    seed: int
    kills: int
    victims: Victims
    traffic: Traffic
    reader: Reader
    deadline: float
    began: float


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the torture and print its table; return 1 when anything was lost, doubled or wrong."""
    parser = argparse.ArgumentParser(
        prog="torture", description="Torture the stream; then compare all that was kept."
    )
    parser.add_argument("--kills", type=int, default=1000, metavar="N")
    parser.add_argument("--seed", type=int, default=None, metavar="SEED")
    parser.add_argument(
        "--protocol", choices=PROTOCOLS, default=None, help="of the group (default: each for a third)"
    )
    parser.add_argument(
        "--minutes", type=float, default=60.0, help="end after this long, however many kills there were"
    )
    chosen = parser.parse_args(arguments)
    seed = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(2**31)
    print(f"seed {seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="antennactl-torture-") as name:
        folder = Path(name)
        folder.chmod(0o711)
        with (
            start_services(folder / "services", print_step) as services,
            Proxy(services.postgres.port) as proxy,
        ):
            world = _make_world(services, folder)
            victims = Victims(world, services, proxy, random.Random(seed), folder)
            now = time.monotonic()
            torture = Torture(
                seed,
                chosen.kills,
                victims,
                Traffic(world, seed),
                Reader(world.lake),
                now + 60 * chosen.minutes,
                now,
            )
            try:
                _run(torture, [chosen.protocol] if chosen.protocol else list(PROTOCOLS))
                return _conclude(torture)
            finally:
                victims.kill_all()
                torture.traffic.kill()


def _make_world(services: LocalServices, folder: Path) -> World:
    topic = "torture"
    admin = AdminClient({"bootstrap.servers": services.bootstrap_servers})
    admin.create_topics([NewTopic(topic, 4)])[topic].result(30)
    world = World(services.dsn, services.bootstrap_servers, topic, folder)
    world.run("provision")
    return world


def _run(torture: Torture, protocols: list[str]) -> None:
    torture.traffic.start()
    torture.reader.start()
    for number, protocol in enumerate(protocols, 1):
        torture.victims.regroup(protocol)
        _run_round(torture, torture.kills * number // len(protocols))
        if number == 1:
            torture.traffic.add_partitions()
            torture.victims.faults["partitions added"] += 1


def _run_round(torture: Torture, kills: int) -> None:
    victims, told, n_faults = torture.victims, torture.victims.n_kills // 100, 0
    while victims.n_kills < kills and time.monotonic() < torture.deadline:
        time.sleep(victims.dice.uniform(0.05, 0.9))
        victims.revive()
        torture.traffic.go_on()
        victims.suffer(victims.dice.choices(list(WEIGHTS), list(WEIGHTS.values()))[0])
        n_faults += 1
        if n_faults % LET_WORK_EVERY == 0:
            victims.let_work()
        if victims.n_kills // 100 > told:
            told = victims.n_kills // 100
            took_s = time.monotonic() - torture.began
            print(f"{victims.n_kills} kills, {took_s:.0f} s, {torture.reader.n_rows} rows read", flush=True)


def _conclude(torture: Torture) -> int:
    """Let everything come to rest, compare it and print what was found."""
    victims, world = torture.victims, torture.victims.world
    torture.traffic.stop()
    victims.end_all()
    world.run("stream", "--drain", *victims.group)
    # All hours of the traffic are over; waiting for the usual lateness would cost the run two minutes of an hour.
    world.run("batch", "--catch-up", "--lateness", "1s")
    torture.reader.stop()
    truth = read_topic(world.bootstrap_servers, world.topic, bad_of(torture.traffic.logs))
    wrong = find_violations(world, truth)
    verified = subprocess.run(
        [COMMAND, "verify"],
        env=world.environ(),
        cwd=world.folder,
        capture_output=True,
        text=True,
        check=False,
    )
    _print_table(torture, truth, wrong, verified.returncode)
    _print_details(torture, wrong, verified)
    if not any(wrong.values()) and not torture.reader.violations and verified.returncode == 0:
        return 0
    kept = Path(tempfile.mkdtemp(prefix="antennactl-torture-kept-"))
    for log in victims.folder.glob("*.log"):
        (kept / log.name).write_bytes(log.read_bytes())
    print(f"the workers' logs are in {kept}")
    return 1


def _print_details(
    torture: Torture, wrong: dict[str, int], verified: "subprocess.CompletedProcess[str]"
) -> None:
    for line in torture.reader.violations[:10]:
        print(line)
    if torture.victims.n_vain_waits:
        print(f"{torture.victims.n_vain_waits} times nothing was committed within {LET_WORK_S:.0f} s")
    for name, n in wrong.items():
        if n:
            print(f"{name}: {n}")
    if verified.returncode:
        print(verified.stdout, verified.stderr)
    if torture.victims.odd_ends:
        print("ended by themselves:", dict(torture.victims.odd_ends))
        errors = Counter(
            line
            for log in torture.victims.folder.glob("*.log")
            for line in log.read_text().splitlines()
            if line.startswith("error:")
        )
        for line, n in errors.most_common(10):
            print(f"  {n} times {line}")


def _print_table(torture: Torture, truth: Truth, wrong: dict[str, int], verify_code: int) -> None:
    victims, reader, transactions = torture.victims, torture.reader, torture.traffic.transactions
    world = victims.world
    others = ", ".join(
        f"{n} {name}" for name, n in victims.faults.most_common() if name not in COUNTED_AS_KILLS
    )
    print(f"""
| what | this run |
|---|---|
| kills | {victims.n_kills}, {victims.faults["kill at a named step"]} of them again at a named step |
| other faults | {others} |
| messages | {len(truth.events) + len(truth.bad)}, {len(truth.bad)} of them bad |
| transactions | {transactions.n_committed} committed, {transactions.n_aborted} aborted |
| micro-batches | {world.query("SELECT count(*) AS n FROM antennactl.micro_batch").item()} |
| lake files | {count_files(world.lake)} |
| reads of the lake meanwhile | {reader.n_reads}, {len(reader.violations)} of them wrong |
| duplicates | {wrong["duplicates"]} |
| losses | {wrong["losses"]} |
| other disagreements | {sum(wrong.values()) - wrong["duplicates"] - wrong["losses"]} |
| verify | exit {verify_code} |
| seed | {torture.seed} |
| duration | {time.monotonic() - torture.began:.0f} s |
""")


if __name__ == "__main__":
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    sys.exit(main())
