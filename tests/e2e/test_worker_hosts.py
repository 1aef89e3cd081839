"""Workers on several hosts: with one lake they are one system, and a lake that is not shared is noticed.

A host is a process that believes in another name and another process table; its lake is a mount point of its own.
"""

import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from e2e.antennactl_process import World, check_oracle, finish, wait_for
from e2e.fault_scenes import RUN, start_patched
from e2e.store_world import StoreWorld

HOUR = "2025-03-01T06"
TRAFFIC = ("--start", f"{HOUR}:00:00Z", "--span", "50m")


@dataclass(frozen=True)
class Host:
    """One host of a world: its name, and where it has the lake."""

    world: World
    name: str
    lake: Path | str

    def start(self, *words: str, failpoint: str = "") -> "subprocess.Popen[str]":
        """Start a command there."""
        patch = (
            "import socket\n"
            f"socket.gethostname = lambda: {self.name!r}\n"
            "from antennactl.ledger import workers\n"
            f"workers._process_table = lambda: {self.name!r}"
        )
        environment = {"ANTENNACTL_LAKE": str(self.lake), "ANTENNACTL_FAILPOINT": failpoint}
        return start_patched(self.world, patch, *words, env=environment)

    def run(self, *words: str, code: int = 0, failpoint: str = "") -> str:
        """Run a command there to its end and return what it printed."""
        found, out, err = finish(self.start(*words, failpoint=failpoint))
        assert found == code, err
        return out + err


@pytest.fixture
def shared(world: World) -> tuple[Host, Host]:
    """Two hosts that have one folder mounted at two places."""
    world.lake.mkdir()
    elsewhere = world.folder / "mounted-elsewhere"
    elsewhere.symlink_to(world.lake)
    return Host(world, "host-a", world.lake), Host(world, "host-b", elsewhere)


@pytest.fixture
def apart(world: World) -> tuple[Host, Host]:
    """Two hosts that have a disk each and were started together: each made a lake for the ledger."""
    hosts = Host(world, "host-a", world.folder / "disk-a"), Host(world, "host-b", world.folder / "disk-b")
    for host in hosts:
        host.run("stream", "--drain")
    world.run("simulate", "--messages", "400", *TRAFFIC)
    return hosts


def test_two_hosts_share_a_lake_and_status_shows_who_has_what(shared: tuple[Host, Host]) -> None:
    """A worker killed after its commit on one host leaves files that the other one publishes."""
    world, (first, second) = shared[0].world, shared
    workers = [first.start(*RUN), second.start(*RUN, failpoint="between_renames:kill")]
    wait_for(lambda: shown(world) == {"host-a": 2, "host-b": 2})
    document = world.document("status")
    assert {row["pid"] for row in document["workers"]} == {worker.pid for worker in workers}
    assert all(row["heartbeat_age_s"] < 90 for row in document["workers"])
    assert len({row["worker"] for row in document["partitions"]}) == 2
    table = world.run("status").partition("Workers\n")[2]
    assert "host-b" in table
    producer = world.start("simulate", "--messages", "8000", "--rate", "1500/s", "--sent", str(world.sent))
    assert finish(workers[1])[0] == -signal.SIGKILL
    left = (
        "SELECT path FROM antennactl.lake_file JOIN antennactl.micro_batch USING (batch_id) "
        "WHERE worker LIKE 'host-b%'"
    )
    assert not world.query(left).is_empty()
    wait_for(lambda: shown(world)["host-a"] == 4)
    # Nobody here can tell whether the process on the other host lives: its heartbeat has to fall silent first.
    assert shown(world) == {"host-a": 4, "host-b": 0}
    wait_for(lambda: world.query(f"{left} AND published_at IS NULL").is_empty())
    assert finish(producer)[0] == 0
    workers[0].send_signal(signal.SIGTERM)
    assert finish(workers[0])[0] == 0
    world.query("UPDATE antennactl.worker SET heartbeat_at = now() - interval '1 hour' RETURNING worker")
    second.run("stream", "--drain")
    assert shown(world) == {}
    check_oracle(world)


def test_what_a_host_left_in_a_store_is_published_from_another(store_world: StoreWorld) -> None:
    """They share nothing but the store and the database: no folder, and no file on either that the other one needs."""
    here, there = (Host(store_world, name, store_world.url) for name in ("host-a", "host-b"))
    store_world.run("simulate", "--messages", "400", *TRAFFIC, "--sent", str(store_world.sent))
    there.run("stream", "--drain", code=-signal.SIGKILL, failpoint="after_copy:kill")
    here.run("batch", "--hour", HOUR, "--allow-partial")
    assert store_world.staged_files() == []
    here.run("stream", "--drain")
    check_oracle(store_world)


def test_batch_ends_with_4_where_a_published_file_cannot_be_reached(apart: tuple[Host, Host]) -> None:
    here, there = apart
    there.run("stream", "--drain")
    path = one_file(here.world)
    said = here.run("batch", "--hour", HOUR, code=4)
    assert f"error: committed lake file {path} is not in {here.lake}" in said
    assert "hint: is --lake the lake that the stream writes to?" in said
    assert here.world.query("SELECT * FROM bytes_hourly").is_empty()
    assert here.world.query("SELECT * FROM antennactl.batch_run").is_empty()
    there.run("batch", "--hour", HOUR)


def test_batch_ends_with_4_where_a_committed_file_was_left_in_the_staging_of_another_disk(
    apart: tuple[Host, Host],
) -> None:
    here, there = apart
    there.run("stream", "--drain", code=-signal.SIGKILL, failpoint="after_commit:kill")
    path = one_file(here.world)
    said = here.run("batch", "--hour", HOUR, "--allow-partial", code=4)
    assert f"error: committed lake file {path} is neither staged nor published under {here.lake}" in said
    assert "hint: run this on the host that wrote it" in said
    assert here.world.query("SELECT * FROM bytes_hourly").is_empty()
    there.run("stream", "--drain")
    there.run("batch", "--hour", HOUR)


def shown(world: World) -> dict[str, int]:
    """Return how many partitions `status` shows for the workers of each host."""
    return {row["host"]: len(row["partitions"]) for row in world.document("status")["workers"]}


def one_file(world: World) -> str:
    """Return the first file of the hour, which the ledger holds as committed."""
    files = world.query(f"SELECT path FROM antennactl.lake_file WHERE hour = '{HOUR}:00Z' ORDER BY path")
    return str(files.item(0, "path"))
