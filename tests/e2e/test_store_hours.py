"""Closed hours of a lake in an object store: compact and prune killed anywhere; every command that reads the lake."""

import json
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from e2e.antennactl_process import check_oracle, finish
from e2e.store_world import StoreWorld
from faulty_store import Faults, FaultyStore

# Where an hour's objects are replaced, and what a plain reader then finds of it before anybody has mended it.
PLACES = {
    "compact_before_commit": "all",
    "compact_after_commit": "all",
    "compact_before_exchange": "all",
    "store_after_removal": "none",
    "after_copy": "all",
    "compact_after_exchange": "all",
    "compact_before_cleanup": "all",
}
DRAIN = ("stream", "--drain", "--interval", "300ms", "--max-rows", "300")


def hours_ago(number: int) -> str:
    return f"{datetime.now(UTC) - timedelta(hours=number):%Y-%m-%dT%H}"


@pytest.fixture
def hour(store_world: StoreWorld) -> str:
    """Give a past hour with the files of several micro-batches."""
    hour = hours_ago(3)
    words = ("--start", hour, "--span", "50m", "--malformed", "0.02", "--sent", str(store_world.sent))
    store_world.run("simulate", "--messages", "1200", *words)
    store_world.run(*DRAIN)
    assert len(store_world.store.files(f"{store_world.prefix}/data")) > 2
    return hour


@pytest.mark.parametrize("place", PLACES)
def test_a_compaction_killed_here_never_doubles_a_row_and_is_finished(
    store_world: StoreWorld, faulty_store: FaultyStore, hour: str, place: str
) -> None:
    rows = store_world.lake_rows()
    faulty_store.faults = Faults(refused=0.1, late=0.1)
    note = store_world.folder / "reached"
    killed = store_world.start(
        "compact", "--hour", hour, env={"ANTENNACTL_FAILPOINT": f"{place}:kill:1:{note}"}
    )
    code, _, err = finish(killed)
    assert code == -signal.SIGKILL, err
    assert note.read_text() == place
    objects = store_world.store.files(f"{store_world.prefix}/data")
    assert (store_world.lake_rows() if objects else []) == (rows if PLACES[place] == "all" else [])
    # Who asks the ledger misses nothing, whether or not somebody has mended it before.
    done = store_world.document("batch", "--hour", hour, "--compact")
    assert done["runs"][0]["n_rows"] == len(rows)
    assert store_world.lake_rows() == rows
    assert len(store_world.store.files(f"{store_world.prefix}/data")) == 1
    assert store_world.store.files(f"{store_world.prefix}/exchange") == []
    faulty_store.faults = Faults()
    check_oracle(store_world)


def test_a_prune_killed_before_it_removed_an_object_is_finished_by_the_next(store_world: StoreWorld) -> None:
    store_world.run("simulate", "--messages", "600", "--start", hours_ago(80), "--span", "77h")
    store_world.run("stream", "--drain")
    kept = [row for row in store_world.lake_rows() if _is_after(row, hours_ago(60))]
    words = ("prune", "--keep", "24h", "--keep-lake", "60h")
    killed = store_world.start(*words, env={"ANTENNACTL_FAILPOINT": "prune_before_removal:kill"})
    assert finish(killed)[0] == -signal.SIGKILL
    store_world.run(*words)
    assert store_world.lake_rows() == kept
    assert kept
    store_world.run("verify")


def test_every_command_that_reads_the_lake_reads_it_in_the_store(
    store_world: StoreWorld, hour: str, empty_postgres_dsn: str
) -> None:
    world = store_world
    world.run("batch", "--hour", hour, "--compact")
    assert len(world.store.files(f"{world.prefix}/data")) == 1
    words = ("trace", "--type", "app_total_bytes", "--id", "SKYPE", "--hour", hour)
    traced = world.document(*words)
    assert (traced["verdict"], traced["n_files"]) == ("agrees", 1)
    user = world.query("SELECT id FROM bytes_hourly WHERE type = 'user_total_bytes' ORDER BY value DESC, id")
    explained = world.document("quota", "--hour", hour, "--explain", user.item(0, 0))
    assert explained["usage"]["lake"] == explained["usage"]["final"]
    assert world.document("status")["services"]["lake"]["path"] == world.url
    world.run("report", "--out", str(world.folder / "report.html"))
    _replay_everything(world)
    check_rows = world.lake_rows()
    # The lake is all that is left: the ledger is made again from it.
    anew = replace(world, dsn=empty_postgres_dsn)
    anew.run("provision")
    anew.run("rebuild")
    anew.run(*DRAIN)
    assert anew.lake_rows() == check_rows
    anew.run("batch", "--hour", hour, "--allow-partial")
    anew.run("verify")


def test_an_object_of_nobody_is_named_and_moved_aside(store_world: StoreWorld, hour: str) -> None:
    world = store_world
    known = world.store.files(f"{world.prefix}/data")[0]
    stranger = known.with_name("part-of-nobody.parquet")
    stranger.write_bytes(known.read_bytes())
    named = world.run("verify", code=5)
    assert f"hour={int(hour[-2:])}/part-of-nobody.parquet" in named
    world.run("verify", "--quarantine")
    assert not stranger.exists()
    assert [path.name for path in world.store.files(f"{world.prefix}/quarantine")] == [stranger.name]
    check_oracle(world)


def test_a_lost_and_a_damaged_object_are_named_and_read_again_from_kafka(
    store_world: StoreWorld, hour: str
) -> None:
    world = store_world
    rows = world.lake_rows()
    lost, damaged, *_ = world.store.files(f"{world.prefix}/data")
    lost.unlink()
    damaged.write_bytes(damaged.read_bytes()[:-9])
    assert damaged.name in world.run("verify", code=5)
    told = world.run("batch", "--hour", hour, code=4)
    assert f"is not in {world.url}" in told
    world.run("rebuild", "--hour", hour, "--from-kafka")
    assert world.lake_rows() == rows
    check_oracle(world)


def test_a_broken_object_is_named_by_its_place_in_the_store(store_world: StoreWorld, hour: str) -> None:
    world = store_world
    damaged = world.store.files(f"{world.prefix}/data")[0]
    damaged.write_bytes(damaged.read_bytes()[:-9])
    told = world.run("batch", "--hour", hour, code=5)
    path = damaged.relative_to(world.lake).as_posix()
    assert f"{world.url}/{path} is no sound Parquet file" in told


def test_an_hour_that_another_writer_put_in_the_store_is_read_unmanaged(store_world: StoreWorld) -> None:
    world = store_world
    hour = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=5)
    folder = world.lake / f"data/year={hour:%Y}/month={hour:%m}/day={hour:%d}/hour={hour:%H}"
    folder.mkdir(parents=True)
    events = {"timestamp": [hour] * 3, "id": ["a", "b", "a"], "antenna_id": ["x"] * 3, "app": ["SKYPE"] * 3}
    pl.DataFrame({**events, "bytes": [1, 2, 3]}).write_parquet(folder / "part-0.parquet")
    (folder / "_SUCCESS").touch()
    world.run("batch", "--hour", f"{hour:%Y-%m-%dT%H}", "--unmanaged")
    total = world.query("SELECT value FROM bytes_hourly WHERE type = 'app_total_bytes'")
    assert total.rows() == [(6,)]


def _replay_everything(world: StoreWorld) -> None:
    lines = [json.loads(line) for line in world.run("rejects", "--export", "-").splitlines()]
    like = world.sent_log().filter(pl.col("kind") != "malformed").row(0, named=True)
    event = {name: like[name] for name in ("id", "antenna_id", "app")}
    for line in lines:
        line["text"] = json.dumps(event | {"bytes": 7, "timestamp": int(like["timestamp"])})
    fixed = Path(world.folder / "fixed.jsonl")
    fixed.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    n_rows = len(world.lake_rows())
    world.run("rejects", "--replay", "--fixed", str(fixed))
    assert lines
    assert len(world.lake_rows()) == n_rows + len(lines)
    world.run("verify")


def _is_after(row: tuple[object, ...], hour: str) -> bool:
    micros = row[0]
    assert isinstance(micros, int)
    return micros >= datetime.fromisoformat(f"{hour}:00:00+00:00").timestamp() * 1_000_000
