"""A store that is away, slow, refuses or lacks its bucket: waited for and gone on, or told with the contract's code."""

import signal

import pytest

from e2e.antennactl_process import check_oracle, finish, wait_for
from e2e.fault_scenes import DRAIN, RUN, count_read, start_patched, stays
from e2e.store_world import StoreWorld
from faulty_store import Faults, FaultyStore

TRAFFIC = ("--messages", "2000", "--late", "0.02", "--malformed", "0.01")
# The client's patience with one request, then ours at the start and after a signal too.
IMPATIENT = (
    "import datetime, antennactl.lake.opening as opening; "
    "opening._RETRIES['retry_timeout'] = datetime.timedelta(seconds=1)"
)
HASTY = (
    f"{IMPATIENT}; import antennactl.commands.stream as stream; stream.AWAIT_S = 2.0; "
    "import antennactl.pipeline.run as run; run.STOP_WITHIN_S = 4.0"
)


def test_a_store_that_goes_away_is_waited_for(store_world: StoreWorld, faulty_store: FaultyStore) -> None:
    before, meanwhile = store_world.folder / "before.csv", store_world.folder / "meanwhile.csv"
    store_world.run("simulate", *TRAFFIC, "--sent", str(before))
    stream = start_patched(store_world, IMPATIENT, *RUN)
    wait_for(lambda: count_read(store_world) == 2000)
    faulty_store.faults = Faults(is_away=True)
    store_world.run("simulate", *TRAFFIC, "--seed", "2", "--sent", str(meanwhile))
    stays(stream, 4.0)
    assert faulty_store.counts["away"]
    # What was not staged is not committed.
    assert count_read(store_world) == 2000
    faulty_store.faults = Faults(refused=0.05, unanswered=0.05)
    wait_for(lambda: count_read(store_world) == 4000)
    faulty_store.faults = Faults()
    stream.send_signal(signal.SIGTERM)
    code, _, err = finish(stream)
    assert code == 0, err
    assert f"cannot write to the lake {store_world.url}: the store does not answer" in err
    check_oracle(store_world, before, meanwhile)


def test_a_store_still_away_at_the_signal_ends_with_3_and_loses_nothing(
    store_world: StoreWorld, faulty_store: FaultyStore
) -> None:
    before, meanwhile = store_world.folder / "before.csv", store_world.folder / "meanwhile.csv"
    store_world.run("simulate", *TRAFFIC, "--sent", str(before))
    stream = start_patched(store_world, HASTY, *RUN)
    wait_for(lambda: count_read(store_world) == 2000)
    faulty_store.faults = Faults(is_away=True)
    store_world.run("simulate", *TRAFFIC, "--seed", "2", "--sent", str(meanwhile))
    wait_for(lambda: faulty_store.counts["away"])
    stream.send_signal(signal.SIGTERM)
    code, _, err = finish(stream)
    assert code == 3, err
    faulty_store.faults = Faults()
    store_world.run(*DRAIN)
    check_oracle(store_world, before, meanwhile)


def test_every_command_says_that_the_store_is_away(
    store_world: StoreWorld, faulty_store: FaultyStore
) -> None:
    store_world.run("simulate", *TRAFFIC, "--sent", str(store_world.sent))
    store_world.run(*DRAIN)
    faulty_store.faults = Faults(is_away=True)
    for words in (DRAIN, ("batch", "--catch-up"), ("verify",), ("compact", "--catch-up"), ("status",)):
        code, out, err = finish(start_patched(store_world, HASTY, *words))
        assert code == 3, f"{words}: {out}{err}"
        assert f"the lake {store_world.url}: the store does not answer" in out + err


@pytest.mark.parametrize("words", [("verify",), ("batch", "--catch-up")])
def test_a_signal_ends_a_command_that_waits_for_the_store(
    store_world: StoreWorld, faulty_store: FaultyStore, words: tuple[str, ...]
) -> None:
    patient = "import antennactl.lake.opening as opening; opening._RETRIES['max_retries'] = 1000"
    faulty_store.faults = Faults(is_away=True)
    process = start_patched(store_world, patient, *words)
    wait_for(lambda: faulty_store.counts["away"] or process.poll() is not None)
    process.send_signal(signal.SIGINT)
    code, _, err = finish(process)
    assert code == 130, err


def test_a_committed_object_that_is_nowhere_ends_batch_with_4(store_world: StoreWorld) -> None:
    store_world.run("simulate", *TRAFFIC, "--sent", str(store_world.sent))
    killed = store_world.start(*DRAIN, env={"ANTENNACTL_FAILPOINT": "after_commit:kill"})
    assert finish(killed)[0] == -signal.SIGKILL
    staged = store_world.staged_files()
    contents = {path: path.read_bytes() for path in staged}
    for path in staged:
        path.unlink()
    told = store_world.run("batch", "--catch-up", "--allow-partial", code=4)
    assert f"is neither staged nor published under {store_world.url}" in told
    # Restored, it is published by whoever comes next.
    for path, content in contents.items():
        path.write_bytes(content)
    store_world.run(*DRAIN)
    check_oracle(store_world)


@pytest.mark.parametrize(
    ("lake", "env", "code", "told"),
    [
        ("s3://nobody-made-it/lake", {}, 2, "there is no such bucket"),
        (
            "s3://antenna/lake",
            {"AWS_SECRET_ACCESS_KEY": "wrong-one"},
            3,
            "403 Forbidden SignatureDoesNotMatch",
        ),
        ("s3://antenna/lake", {"AWS_ACCESS_KEY_ID": "stranger"}, 3, "check the store's variables"),
        ("s3://antenna/lake", {"AWS_ALLOW_HTTP": "false"}, 3, "AWS_ALLOW_HTTP=true"),
        ("ftp://antenna/lake", {}, 2, "is not a folder, or s3://BUCKET/PREFIX"),
        ("s3://", {}, 2, "is not a folder, or s3://BUCKET/PREFIX"),
        ("s3://key:hidden@antenna/lake", {}, 2, "credentials come from the store's own variables"),
        ("az://antenna/lake", {}, 2, "MissingAccount"),
    ],
)
def test_what_is_wrong_with_a_place_in_a_store_is_told_at_once(
    store_world: StoreWorld, lake: str, env: dict[str, str], code: int, told: str
) -> None:
    code_found, out, err = finish(
        store_world.start("stream", "--drain", env={**env, "ANTENNACTL_LAKE": lake})
    )
    assert code_found == code, err
    assert told in out + err
    secrets = [store_world.store.password, "wrong-one", "hidden"]
    assert not [secret for secret in secrets if secret in out + err]


def test_a_missing_client_names_the_extra(store_world: StoreWorld) -> None:
    patch = "import sys; sys.modules['obstore'] = None"
    code, _, err = finish(start_patched(store_world, patch, "status"))
    assert code == 2, err
    assert "pip install 'antennactl[object-store]'" in err


def test_a_lake_of_another_ledger_is_refused(store_world: StoreWorld) -> None:
    store_world.lake.mkdir(parents=True)
    (store_world.lake / "ledger.json").write_text('{"ledger": "another"}')
    assert "belongs to ledger another" in store_world.run(*DRAIN, code=2)


def test_data_of_nobody_is_not_taken_over(store_world: StoreWorld) -> None:
    (store_world.lake / "data").mkdir(parents=True)
    (store_world.lake / "data" / "part-0.parquet").write_bytes(b"")
    assert f"{store_world.url}/data holds data" in store_world.run(*DRAIN, code=2)
