"""The disaster drill: PostgreSQL lost and the lake kept, or an hour of the lake lost and Kafka kept."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from e2e.antennactl_process import World, check_oracle, finish
from services import made_database

TRAFFIC = (
    "--messages",
    "6000",
    "--late",
    "0.02",
    "--malformed",
    "0.02",
    "--unknown",
    "0.02",
    "--duplicates",
    "0.01",
)
DRAIN = ("stream", "--drain", "--interval", "300ms", "--max-rows", "1500", "-X", "group.instance.id=w")
TABLES = {
    "bytes": "1, 2, 4",
    "bytes_hourly": "1, 2, 4",
    "user_quota_limit": "4, 1",
}
KEPT = {
    "letters": "SELECT kafka_partition, kafka_offset, reason, detail, payload, payload_bytes "
    "FROM antennactl.dead_letter ORDER BY 1, 2",
    "offsets": "SELECT topic_id, kafka_partition, next_offset, max_event_time "
    "FROM antennactl.stream_offset ORDER BY 1, 2",
    "first": "SELECT kafka_partition, min(first_offset), sum(n_events)::bigint AS n_events, "
    "sum(n_rejects)::bigint AS n_rejects "
    "FROM antennactl.offset_range GROUP BY 1 ORDER BY 1",
}


@pytest.fixture
def second(world: World, postgres_server: str, postgres_template: str) -> Iterator[World]:
    """Give a world with the same lake and topic, and a new database."""
    with made_database(postgres_server, postgres_template) as dsn:
        made = World(dsn, world.bootstrap_servers, world.topic, world.folder)
        made.run("provision")
        yield made


def everything(world: World) -> dict[str, object]:
    tables = {name: world.table(name, order) for name, order in TABLES.items()}
    return tables | {name: world.query(statement).rows() for name, statement in KEPT.items()}


def test_a_lost_database_is_made_again_from_the_lake(world: World, second: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.run(*DRAIN)
    world.run("batch", "--catch-up")
    before = everything(world)
    document = second.document("rebuild")
    assert document["events_from_kafka"] == 0
    second.run(*DRAIN)
    second.run("batch", "--catch-up")
    assert everything(second) == before
    check_oracle(second)
    assert "not empty" in second.run("rebuild", code=2)


@pytest.mark.parametrize("step", ["after_commit", "between_renames"])
def test_a_batch_that_was_half_published_at_the_loss_is_whole_again(
    world: World, second: World, step: str
) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    finish(world.start(*DRAIN, env={"ANTENNACTL_FAILPOINT": f"{step}:kill:2"}))
    second.run("rebuild")
    second.run(*DRAIN)
    check_oracle(second)


def test_a_batch_whose_files_are_all_gone_is_read_again_from_kafka(world: World, second: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.run(*DRAIN, "--max-rows", "300")
    # One that lies between others in every partition: what is missing at the end is read again anyway.
    (batch_id,) = world.query(
        "SELECT r.batch_id::text FROM antennactl.offset_range r "
        "JOIN antennactl.stream_offset o USING (topic_id, kafka_partition) GROUP BY r.batch_id "
        "HAVING bool_and(r.first_offset > 0 AND r.next_offset < o.next_offset) ORDER BY 1 LIMIT 1"
    ).row(0)
    for path in (world.lake / "data").rglob(f"part-{batch_id}.parquet"):
        path.unlink()
    assert second.document("rebuild")["events_from_kafka"] > 0
    second.run(*DRAIN)
    check_oracle(second)


def test_without_kafka_the_holes_are_recorded_and_the_totals_are_right(world: World, second: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.run(*DRAIN)
    bytes_before = world.table("bytes", "1, 2, 4")
    printed = second.run("rebuild", env={"ANTENNACTL_BOOTSTRAP_SERVERS": "127.0.0.1:1"})
    assert "offsets skipped" in printed
    assert second.table("bytes", "1, 2, 4") == bytes_before
    skipped = second.query("SELECT sum(n_skipped)::bigint, min(reason) FROM antennactl.offset_range").row(0)
    assert skipped[0] > 0
    assert skipped[1] == "rebuilt"
    second.run("verify")


def test_a_broken_file_is_named_and_nothing_is_written(world: World, second: World) -> None:
    world.run("simulate", *TRAFFIC)
    world.run(*DRAIN)
    broken = next((world.lake / "data").rglob("*.parquet"))
    whole = broken.read_bytes()
    broken.write_bytes(whole[:-100])
    assert broken.name in second.run("rebuild", code=5)
    assert second.table("bytes", "1") == []
    assert second.table("antennactl.lake_file", "1") == []
    broken.write_bytes(whole)
    second.run("rebuild")
    second.run(*DRAIN)
    second.run("verify")
    assert second.lake_rows() == world.lake_rows()


def test_a_kill_in_the_middle_leaves_nothing_and_the_next_one_finishes(world: World, second: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.run(*DRAIN)
    killed = second.start("rebuild")
    assert killed.stderr is not None
    assert "files" in killed.stderr.readline()
    killed.kill()
    finish(killed)
    second.run("rebuild")
    second.run(*DRAIN)
    check_oracle(second)


@pytest.mark.parametrize("damage", ["removed", "truncated", "folder gone"])
def test_a_lost_hour_is_read_again_from_kafka(world: World, damage: str) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.run(*DRAIN)
    world.run("batch", "--catch-up")
    before = world.lake_rows()
    hour = str(
        world.query(
            "SELECT to_char(max(hour) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24') AS hour "
            "FROM antennactl.lake_file"
        ).item()
    )
    newest = "SELECT path FROM antennactl.lake_file WHERE hour = (SELECT max(hour) FROM antennactl.lake_file)"
    (folder,) = {(world.lake / path).parent for path in world.query(newest)["path"]}
    harm(folder, damage)
    world.run("verify", code=5)
    world.run("rebuild", "--hour", hour, "--from-kafka")
    assert world.lake_rows() == before
    check_oracle(world)
    assert world.document("rebuild", "--hour", hour, "--from-kafka")["replaced"] == []


def harm(folder: Path, damage: str) -> None:
    files = sorted(folder.glob("*.parquet"))
    if damage == "removed":
        files[0].unlink()
    elif damage == "truncated":
        files[-1].write_bytes(files[-1].read_bytes()[:-7])
    else:
        shutil.rmtree(folder)


def test_an_hour_that_kafka_no_longer_has_is_left_as_it_is(world: World) -> None:
    world.run("simulate", *TRAFFIC)
    world.run(*DRAIN)
    world.query("UPDATE antennactl.lake_file SET n_rows = n_rows + 1 RETURNING path")
    path, hour = world.query(
        "SELECT path, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24') "
        "FROM antennactl.lake_file ORDER BY hour DESC LIMIT 1"
    ).row(0)
    (world.lake / path).unlink()
    assert "stored=" in world.run("rebuild", "--hour", hour, "--from-kafka", code=5)
    assert (
        world.query("SELECT count(*) AS n FROM antennactl.lake_file WHERE removed_at IS NOT NULL").item() == 0
    )
