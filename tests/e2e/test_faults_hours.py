"""Hours disturbed: very many at once, late rows into closed ones, runs killed and run again."""

import signal

from e2e.antennactl_process import World, check_oracle, finish
from e2e.fault_scenes import DRAIN, check_closed_hours, count_batches

SPAN = ("--start", "2026-03-28T22:00:00Z", "--span", "3h")
FAULTY = ("--late", "0.02", "--malformed", "0.01", "--unknown", "0.02", "--duplicates", "0.01")


def test_500_hours_in_one_micro_batch(world: World) -> None:
    start = ("--start", "2026-01-01T00:00:00Z", "--span", "500h")
    world.run("simulate", "--messages", "10000", *start, "--sent", str(world.sent))
    world.run("stream", "--drain", "--interval", "1m")
    assert count_batches(world) == 1
    assert world.query("SELECT count(DISTINCT hour) AS n FROM antennactl.lake_file").item() == 500
    check_oracle(world)


def test_late_rows_into_closed_hours_are_caught_up_with(world: World) -> None:
    first, second = world.folder / "first.csv", world.folder / "second.csv"
    world.run("simulate", "--messages", "3000", *SPAN, *FAULTY, "--sent", str(first))
    world.run(*DRAIN)
    world.run("batch", "--catch-up")
    check_closed_hours(world, first)
    world.run("simulate", "--messages", "3000", *SPAN, *FAULTY, "--seed", "2", "--sent", str(second))
    world.run(*DRAIN)
    assert len(world.document("batch", "--catch-up")) > 0
    check_closed_hours(world, first, second)


def test_a_catch_up_killed_between_two_hours_and_one_at_the_same_time_are_exact(world: World) -> None:
    world.run("simulate", "--messages", "4000", *SPAN, *FAULTY, "--sent", str(world.sent))
    world.run(*DRAIN)
    note = world.folder / "reached"
    killed = world.start(
        *("batch", "--catch-up"), env={"ANTENNACTL_FAILPOINT": f"batch_before_replace:kill:2:{note}"}
    )
    assert finish(killed)[0] == -signal.SIGKILL
    assert note.exists()
    assert world.query("SELECT count(*) AS n FROM antennactl.batch_run").item() == 1
    for run in [world.start("batch", "--catch-up") for _ in range(2)]:
        code, _, err = finish(run)
        assert code == 0, err
    check_closed_hours(world)
