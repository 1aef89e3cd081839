"""Exactly once: a worker killed at any step of the commit protocol changes nothing in the end."""

import signal
from pathlib import Path

import pytest

from e2e.antennactl_process import World, check_oracle, finish, wait_for

TRAFFIC = (
    "--messages",
    "6000",
    "--late",
    "0.02",
    "--malformed",
    "0.01",
    "--unknown",
    "0.02",
    "--duplicates",
    "0.01",
)
# Five micro-batches of a backlog, so that a kill meets one in the middle. With an instance id the next worker takes the
# killed one's place at once, instead of after the session time-out.
DRAIN = ("stream", "--drain", "--interval", "300ms", "--max-rows", "1500", "-X", "group.instance.id=w")

STEPS = [
    "after_poll",
    "mid_file",
    "after_fsync",
    "after_compare_and_set",
    "after_totals",
    "before_commit",
    "after_commit",
    "between_renames",
    "before_published",
    "inside_recovery",
]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("visit", [1, 2])
def test_a_kill_at_this_step_loses_and_doubles_nothing(world: World, step: str, visit: int) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    note = world.folder / "reached"
    killed = world.start(*DRAIN, env={"ANTENNACTL_FAILPOINT": f"{step}:kill:{visit}:{note}"})
    code, _, err = finish(killed)
    if step == "inside_recovery" and visit == 2:
        # A drain recovers at its assignment and at its end: by then all is committed.
        assert code in {0, -signal.SIGKILL}, err
    else:
        assert code == -signal.SIGKILL, err
        assert note.read_text() == step
    world.run(*DRAIN)
    check_oracle(world)


@pytest.mark.parametrize("step", ["after_compare_and_set", "after_totals", "before_commit"])
def test_an_error_inside_the_transaction_commits_nothing(world: World, step: str) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    output = world.start(*DRAIN, env={"ANTENNACTL_FAILPOINT": f"{step}:error"})
    code, _, _ = finish(output)
    assert code == 1
    assert world.table("antennactl.micro_batch", "1") == []
    assert world.table("bytes", "1, 2, 4") == []
    world.run(*DRAIN)
    check_oracle(world)


def test_a_killed_run_ends_in_the_same_tables_as_an_undisturbed_one(
    world: World, empty_postgres_dsn: str, tmp_path: Path
) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    (tmp_path / "other").mkdir()
    undisturbed = World(empty_postgres_dsn, world.bootstrap_servers, world.topic, tmp_path / "other")
    undisturbed.run("provision")
    undisturbed.run(*DRAIN, "--group", "undisturbed")
    finish(world.start(*DRAIN, env={"ANTENNACTL_FAILPOINT": "after_commit:kill:2"}))
    world.run(*DRAIN)
    for each in (world, undisturbed):
        each.run("batch", "--catch-up")
    for table, order in (("bytes", "1, 2, 4"), ("bytes_hourly", "1, 2, 4"), ("user_quota_limit", "4, 1")):
        assert world.table(table, order) == undisturbed.table(table, order) != []
    assert world.lake_rows() == undisturbed.lake_rows()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_finishes_the_micro_batch_and_exits_0(world: World, number: signal.Signals) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    # The interval never ends by itself: only the signal cuts the batch.
    stream = world.start("stream", "--interval", "1h", "--json")
    assert stream.stderr is not None
    assert "reading topic" in stream.stderr.readline()
    wait_for(lambda: world.table("antennactl.worker", "1"))
    stream.send_signal(number)
    code, out, err = finish(stream)
    assert code == 0, err
    assert out.count('"batch_id"') <= 1
    world.run(*DRAIN)
    check_oracle(world)
