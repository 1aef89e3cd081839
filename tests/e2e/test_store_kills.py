"""Exactly once with a lake in an object store: killed at every step, while the store refuses and loses answers."""

import signal

import pytest

from e2e.antennactl_process import check_oracle, finish
from e2e.store_world import StoreWorld
from e2e.test_stream_survives_kills import DRAIN, STEPS, TRAFFIC
from faulty_store import Faults, FaultyStore

TROUBLE = Faults(refused=0.06, unanswered=0.06, late=0.06)
AT_STORE = ["after_copy", *STEPS]


@pytest.mark.parametrize("step", AT_STORE)
def test_a_kill_at_this_step_loses_and_doubles_nothing(
    store_world: StoreWorld, faulty_store: FaultyStore, step: str
) -> None:
    store_world.run("simulate", *TRAFFIC, "--sent", str(store_world.sent))
    faulty_store.faults = TROUBLE
    note = store_world.folder / "reached"
    # The second visit: what is committed before it has been published, and the kill meets one in the middle.
    visit = 1 if step == "inside_recovery" else 2
    killed = store_world.start(*DRAIN, env={"ANTENNACTL_FAILPOINT": f"{step}:kill:{visit}:{note}"})
    code, _, err = finish(killed)
    assert code == -signal.SIGKILL, err
    assert note.read_text() == step
    store_world.run(*DRAIN)
    faulty_store.faults = Faults()
    check_oracle(store_world)
    assert faulty_store.counts["refused"]
    assert faulty_store.counts["unanswered"]


def test_an_exception_between_copy_and_deletion_loses_and_doubles_nothing(store_world: StoreWorld) -> None:
    store_world.run("simulate", *TRAFFIC, "--sent", str(store_world.sent))
    note = store_world.folder / "reached"
    code, _, err = finish(
        store_world.start(*DRAIN, env={"ANTENNACTL_FAILPOINT": f"after_copy:error:1:{note}"}),
    )
    assert code == 1, err
    assert note.read_text() == "after_copy"
    store_world.run(*DRAIN)
    check_oracle(store_world)
