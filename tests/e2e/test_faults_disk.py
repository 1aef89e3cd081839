"""A disk that is full, read-only, or the wrong one: the stream waits and goes on, or says what is wrong."""

import resource
import signal
from pathlib import Path

from e2e.antennactl_process import World, check_oracle, finish, wait_for
from e2e.fault_scenes import DRAIN, RUN, count_batches, count_read, start_obeying_modes, stays

TRAFFIC = ("--messages", "3000", "--late", "0.02", "--malformed", "0.01")


def test_a_full_disk_in_staging_is_waited_for_and_leaves_no_half_file(world: World) -> None:
    """A limit on the size of files, set on the running process, stands for the disk: it needs no right to mount."""
    before, meanwhile = world.folder / "before.csv", world.folder / "meanwhile.csv"
    world.run("simulate", *TRAFFIC, "--sent", str(before))
    stream = world.start(*RUN)
    wait_for(lambda: count_read(world) == 3000)
    n_batches = count_batches(world)
    allowed = resource.prlimit(stream.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(stream.pid, resource.RLIMIT_FSIZE, (1024, allowed[1]))
    world.run("simulate", *TRAFFIC, "--seed", "2", "--sent", str(meanwhile))
    stays(stream, 4.0)
    assert count_batches(world) == n_batches
    # What was begun is removed again before the next try.
    wait_for(lambda: not world.staged_files())
    resource.prlimit(stream.pid, resource.RLIMIT_FSIZE, allowed)
    wait_for(lambda: count_read(world) == 6000)
    stream.send_signal(signal.SIGTERM)
    code, _, err = finish(stream)
    assert code == 0, err
    assert "cannot write to the lake" in err
    check_oracle(world, before, meanwhile)


def test_a_lake_that_becomes_read_only_is_waited_for_and_said(world: World) -> None:
    before, meanwhile = world.folder / "before.csv", world.folder / "meanwhile.csv"
    world.run("simulate", *TRAFFIC, "--sent", str(before))
    stream = start_obeying_modes(world, *RUN)
    wait_for(lambda: count_read(world) == 3000)
    wait_for(lambda: not world.staged_files())
    n_batches = count_batches(world)
    _forbid_writing(world.lake)
    world.run("simulate", *TRAFFIC, "--seed", "2", "--sent", str(meanwhile))
    stays(stream, 4.0)
    assert count_batches(world) == n_batches
    _allow_writing(world.lake)
    wait_for(lambda: count_read(world) == 6000)
    stream.send_signal(signal.SIGTERM)
    code, _, err = finish(stream)
    assert code == 0, err
    assert f"cannot write to the lake {world.lake}" in err
    check_oracle(world, before, meanwhile)


def test_published_folders_that_become_read_only_delay_the_files_alone(world: World) -> None:
    before, meanwhile = world.folder / "before.csv", world.folder / "meanwhile.csv"
    world.run("simulate", *TRAFFIC, "--sent", str(before))
    stream = start_obeying_modes(world, *RUN)
    wait_for(lambda: count_read(world) == 3000)
    wait_for(lambda: not world.staged_files())
    _forbid_writing(world.lake / "data")
    world.run("simulate", *TRAFFIC, "--seed", "2", "--sent", str(meanwhile))
    # The commit is what counts: the totals go on, the files stay where they are.
    wait_for(lambda: count_read(world) > 3000)
    assert world.staged_files()
    _allow_writing(world.lake / "data")
    wait_for(lambda: count_read(world) == 6000 and not world.staged_files())
    stream.send_signal(signal.SIGTERM)
    code, _, err = finish(stream)
    assert code == 0, err
    check_oracle(world, before, meanwhile)


def test_a_lake_that_cannot_be_made_is_exit_3(world: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.lake.mkdir()
    _forbid_writing(world.lake)
    # At the start a service is awaited; a lake is asked for as long.
    patch = "import antennactl.commands.stream as stream; stream.AWAIT_S = 1.0"
    code, _, err = finish(start_obeying_modes(world, *DRAIN, patch=patch))
    assert code == 3, err
    assert str(world.lake) in err
    _allow_writing(world.lake)
    world.run(*DRAIN)
    check_oracle(world)


def test_a_lake_still_read_only_at_the_signal_ends_with_3_and_loses_nothing(world: World) -> None:
    before, meanwhile = world.folder / "before.csv", world.folder / "meanwhile.csv"
    world.run("simulate", *TRAFFIC, "--sent", str(before))
    hasty = "import antennactl.pipeline.run as run; run.STOP_WITHIN_S = 3.0"
    stream = start_obeying_modes(world, *RUN, patch=hasty)
    wait_for(lambda: count_read(world) == 3000)
    wait_for(lambda: not world.staged_files())
    _forbid_writing(world.lake)
    world.run("simulate", *TRAFFIC, "--seed", "2", "--sent", str(meanwhile))
    stays(stream, 2.0)
    stream.send_signal(signal.SIGTERM)
    code, _, err = finish(stream)
    assert code == 3, err
    _allow_writing(world.lake)
    world.run(*DRAIN)
    check_oracle(world, before, meanwhile)


def test_staging_on_another_filesystem_is_refused(world: World, other_filesystem: Path) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.lake.mkdir()
    (world.lake / "staging").symlink_to(other_filesystem)
    printed = world.run(*DRAIN, code=2)
    assert "filesystem" in printed
    assert count_batches(world) == 0
    (world.lake / "staging").unlink()
    world.run(*DRAIN)
    check_oracle(world)


def _forbid_writing(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o555)


def _allow_writing(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
