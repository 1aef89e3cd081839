"""Every named place of the commit protocol is reached, by a kill and by an exception, and neither changes the end."""

import signal
import subprocess
import sys

import pytest

from antennactl import failpoints
from e2e.antennactl_process import World, check_oracle, finish

TRAFFIC = ("--messages", "4000", "--late", "0.02", "--malformed", "0.01", "--unknown", "0.02")
DRAIN = ("stream", "--drain", "--interval", "300ms", "--max-rows", "1000", "-X", "group.instance.id=w")
# Reached by other commands; the tests named beside them stop there in both ways.
ELSEWHERE = {
    "after_copy": "e2e/test_store_kills.py",
    "batch_before_replace": "integration/test_batch_runs_at_once.py",
    "compact": "e2e/test_compact.py",
    "prune": "e2e/test_compact.py",
    "store": "e2e/test_store_hours.py",
}
IN_STREAM = [name for name in failpoints.NAMES if not name.startswith(tuple(ELSEWHERE))]


@pytest.mark.parametrize("place", [name for name in IN_STREAM if name != "on_revoke"])
def test_an_exception_at_this_place_loses_and_doubles_nothing(world: World, place: str) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    note = world.folder / "reached"
    code, _, err = finish(world.start(*DRAIN, env={"ANTENNACTL_FAILPOINT": f"{place}:error:1:{note}"}))
    assert note.read_text() == place
    assert code == 1, err
    assert "unexpected FailpointError" in err
    world.run(*DRAIN)
    check_oracle(world)


@pytest.mark.parametrize("action", ["kill", "error"])
def test_a_member_that_ends_while_its_partitions_are_taken_away(world: World, action: str) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    note = world.folder / "reached"
    words = ("stream", "--interval", "200ms", "-X", "session.timeout.ms=6000")
    first = world.start(*words, env={"ANTENNACTL_FAILPOINT": f"on_revoke:{action}:1:{note}"})
    assert first.stderr is not None
    # Its first micro-batch shows that it has partitions to lose.
    while "micro-batch" not in first.stderr.readline():
        assert first.poll() is None
    second = world.start(*words)
    code, _, _ = finish(first)
    assert code == (-signal.SIGKILL if action == "kill" else 1)
    assert note.read_text() == "on_revoke"
    second.send_signal(signal.SIGTERM)
    assert finish(second)[0] in {0, -signal.SIGTERM}
    world.run("stream", "--drain", "-X", "session.timeout.ms=6000")
    check_oracle(world)


def test_a_commit_that_hangs_ends_the_process_with_3_and_the_next_one_is_exact(world: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    script = (
        "import antennactl.pipeline.watchdog as watchdog, antennactl.cli as cli; watchdog.HANGS_AFTER_S = 1.0; "
        "cli.main()"
    )
    hung = subprocess.Popen(
        [sys.executable, "-c", script, *DRAIN],
        env=world.environ({"ANTENNACTL_FAILPOINT": "before_commit:hang"}),
        cwd=world.folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    code, _, err = finish(hung)
    assert code == 3, err
    assert "a transaction stands still" in err
    world.run(*DRAIN)
    check_oracle(world)


def test_an_unknown_place_is_refused(world: World) -> None:
    code, _, err = finish(world.start("stream", env={"ANTENNACTL_FAILPOINT": "nowhere:kill"}))
    assert code == 1
    assert "FailpointError" in err
