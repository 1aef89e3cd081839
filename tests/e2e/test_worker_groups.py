"""Workers of one group share sixteen partitions, whatever the protocol of the group, while they come, go and die."""

import signal
import subprocess
from collections import Counter
from collections.abc import Collection, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined] # its stub hides them
    AdminClient,
    AlterConfigOpType,
    ConfigEntry,
    ConfigResource,
    ResourceType,
)

from antennactl.rules.assignments import Claim, find_holders
from e2e.antennactl_process import World, check_oracle, finish, wait_for
from services import made_database, made_topic, own_ledger

PARTITIONS = 16
RUN = ("stream", "--interval", "200ms", "--max-rows", "500")
# What a member that says nothing is missed after; of the consumer protocol the broker decides.
SESSION = ("-X", "session.timeout.ms=6000")
CONSUMER = ("-X", "group.protocol=consumer")
PROTOCOLS = {
    "range": SESSION,
    "roundrobin": ("-X", "partition.assignment.strategy=roundrobin", *SESSION),
    "cooperative-sticky": ("-X", "partition.assignment.strategy=cooperative-sticky", *SESSION),
    "consumer": CONSUMER,
}
# A worker is back within its session, however slow the machine.
STATIC = {"eager": ("-X", "session.timeout.ms=60000"), "consumer": CONSUMER}
Worker = subprocess.Popen[str]


@pytest.fixture
def wide_world(
    postgres_server: str,
    world_template: str,
    bootstrap_servers: str,
    kafka_admin: AdminClient,
    tmp_path: Path,
) -> Iterator[World]:
    """Give a world whose topic has sixteen partitions."""
    with made_database(postgres_server, world_template) as dsn, made_topic(kafka_admin, PARTITIONS) as topic:
        own_ledger(dsn)
        yield World(dsn, bootstrap_servers, topic, tmp_path)


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_workers_that_join_leave_and_die_lose_and_double_nothing(wide_world: World, protocol: str) -> None:
    world, words = wide_world, (*RUN, *PROTOCOLS[protocol])
    workers = [world.start(*words) for _ in range(4)]
    producer = world.start(
        "simulate", "--rate", "1000/s", "--malformed", "0.01", "--late", "0.02", "--sent", str(world.sent)
    )
    wait_for(lambda: shares(world, workers) == [4, 4, 4, 4])
    workers.append(world.start(*words))
    wait_for(lambda: shares(world, workers) == [3, 3, 3, 3, 4])
    killed, left = workers.pop(0), workers.pop(0)
    killed.kill()
    left.send_signal(signal.SIGTERM)
    finish(killed)
    code, _, err = finish(left)
    assert code == 0, err
    wait_for(lambda: shares(world, workers) == [5, 5, 6])
    wait_until_read_by(world, workers)
    stop([producer])
    stop(workers)
    drain_and_check(world)


@pytest.mark.parametrize("protocol", STATIC)
def test_a_named_worker_that_comes_back_has_its_partitions_and_no_other_is_disturbed(
    wide_world: World, kafka_admin: AdminClient, protocol: str
) -> None:
    """After an orderly end in both protocols; after a kill in the eager one, where the successor throws it out."""
    world, words = wide_world, (*RUN, *STATIC[protocol])
    be_patient(kafka_admin, world)
    workers = {name: world.start(*words, *instance(name)) for name in ("w0", "w1", "w2", "w3")}
    producer = world.start("simulate", "--rate", "1000/s", "--sent", str(world.sent))
    # Not only whose they are now: a worker that was alone at first has said of all what it was given last.
    wait_for(lambda: [len(partitions) for _, partitions in claims(world).values()] == [4, 4, 4, 4])
    before = claims(world)
    for number in [signal.SIGTERM, signal.SIGKILL] if protocol == "eager" else [signal.SIGTERM]:
        gone = workers["w1"]
        gone.send_signal(number)
        finish(gone)
        workers["w1"] = back = world.start(*words, *instance("w1"))
        wait_for(lambda back=back: claims(world).get(back.pid, (None, ()))[1])  # type: ignore[misc]
        now = claims(world)
        assert now[back.pid][1] == before[gone.pid][1]
        assert {pid: now[pid] for pid in before if pid != gone.pid} == {
            pid: claim for pid, claim in before.items() if pid != gone.pid
        }
        before = now
    wait_until_read_by(world, workers.values())
    assert claims(world) == before
    stop([producer])
    stop(workers.values())
    drain_and_check(world)


def test_a_name_that_two_workers_have_ends_the_older_with_2(wide_world: World) -> None:
    """Started again it would throw out the younger, and so on."""
    world = wide_world
    words = (*RUN, *SESSION, *instance("w1"))
    world.run("simulate", "--messages", "2000", "--sent", str(world.sent))
    older = world.start(*words)
    wait_for(lambda: shares(world, [older]) == [PARTITIONS])
    younger = world.start(*words)
    code, _, err = finish(older)
    assert code == 2
    assert "another worker has taken the place of this one: both have group.instance.id=w1" in err
    wait_for(lambda: shares(world, [younger]) == [PARTITIONS])
    stop([younger])
    drain_and_check(world)


def test_in_the_consumer_protocol_a_name_that_is_taken_ends_the_younger_with_4(wide_world: World) -> None:
    """The older goes on; of one that was killed the name is free when its session has ended."""
    world = wide_world
    words = (*RUN, *CONSUMER, *instance("w1"))
    older = world.start(*words)
    wait_for(lambda: shares(world, [older]) == [PARTITIONS])
    assert "another member of the group has group.instance.id=w1" in world.run(*words, code=4)
    world.run("simulate", "--messages", "2000", "--sent", str(world.sent))
    older.kill()
    finish(older)
    successors: list[Worker] = []

    def is_let_in() -> bool:
        if not successors or successors[-1].poll() is not None:
            assert not successors or successors[-1].returncode == 4
            successors.append(world.start(*words))
        return shares(world, successors[-1:]) == [PARTITIONS]

    wait_for(is_let_in)
    stop(successors[-1:])
    for refused in successors[:-1]:
        finish(refused)
    drain_and_check(world)


def test_a_worker_that_deals_by_another_strategy_is_told_so(wide_world: World) -> None:
    world = wide_world
    first = world.start(*RUN, *SESSION)
    wait_for(lambda: shares(world, [first]) == [PARTITIONS])
    printed = world.run(*RUN, *PROTOCOLS["cooperative-sticky"], code=4)
    assert "deal partitions by another partition.assignment.strategy" in printed
    stop([first])


def instance(name: str) -> tuple[str, str]:
    return ("-X", f"group.instance.id={name}")


def be_patient(admin: AdminClient, world: World) -> None:
    """Give members of the world's group a minute before they are missed, where the broker decides."""
    patience = ConfigEntry(
        "consumer.session.timeout.ms", "60000", incremental_operation=AlterConfigOpType.SET
    )
    group = ConfigResource(ResourceType.GROUP, world.topic, incremental_configs=[patience])
    admin.incremental_alter_configs([group])[group].result(30)


def claims(world: World) -> dict[int, tuple[datetime | None, tuple[int, ...]]]:
    """Return when each worker was given which partitions, by its process."""
    rows = world.query("SELECT pid, assigned_at, partitions FROM antennactl.worker").rows()
    return {pid: (assigned_at, tuple(partitions)) for pid, assigned_at, partitions in rows}


def shares(world: World, workers: Collection[Worker]) -> list[int]:
    """Return how many partitions each worker has, from the fewest to the most."""
    holders = find_holders(
        Claim(str(pid), partitions, assigned_at) for pid, (assigned_at, partitions) in claims(world).items()
    )
    counts = Counter(holders.values())
    return sorted(counts[str(worker.pid)] for worker in workers)


def wait_until_read_by(world: World, workers: Collection[Worker]) -> None:
    """Wait until each of the workers has committed a micro-batch from now on."""
    now = world.query("SELECT clock_timestamp()::text AS now").item()
    pids = {str(worker.pid) for worker in workers}
    since = f"SELECT DISTINCT worker FROM antennactl.micro_batch WHERE committed_at > '{now}'"
    wait_for(lambda: pids <= {name.split("_")[-2] for name in world.query(since)["worker"]})


def stop(processes: Collection[Worker]) -> None:
    """End processes in good order."""
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        code, _, err = finish(process)
        assert code == 0, err


def drain_and_check(world: World) -> None:
    """Read what is left, in a group that no dead member holds up, and compare everything with what was sent."""
    world.run("stream", "--drain", "--interval", "300ms", "--group", f"{world.topic}-drain")
    check_oracle(world)
