"""The disaster drill: PostgreSQL lost and the lake kept, or an hour of the lake lost and Kafka kept."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stub hides it

from e2e.antennactl_process import World, check_oracle, finish
from services import PARTITIONS, TIMEOUT_S, made_database

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
    with new_database(world, postgres_server, postgres_template) as made:
        yield made


@contextmanager
def new_database(world: World, server: str, template: str) -> Iterator[World]:
    """Give a world with the same lake and topic, and a new database."""
    with made_database(server, template) as dsn:
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


def test_a_batch_that_was_half_published_at_the_loss_is_whole_again(world: World, second: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    finish(world.start(*DRAIN, env={"ANTENNACTL_FAILPOINT": "between_renames:kill:2"}))
    second.run("rebuild")
    second.run(*DRAIN)
    check_oracle(second)


@pytest.mark.parametrize("step", ["after_fsync", "inside_recovery"])
def test_a_batch_whose_files_are_all_gone_is_read_again_from_kafka(
    world: World, second: World, step: str
) -> None:
    """Killed with its files staged, before the commit or after it, it is as good as one that was not."""
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.run(*DRAIN, "--max-rows", "300")
    # One that lies between others in every partition: what is missing at the end is read again anyway.
    lose_batch(world, "bool_and(r.first_offset > 0 AND r.next_offset < o.next_offset)")
    code, _, _ = finish(second.start("rebuild", env={"ANTENNACTL_FAILPOINT": f"{step}:kill"}))
    assert code == -9
    if step == "after_fsync":
        assert second.document("rebuild")["events_from_kafka"] > 0
    second.run(*DRAIN)
    check_oracle(second)


def lose_batch(world: World, condition: str) -> None:
    (batch_id,) = world.query(
        "SELECT r.batch_id::text FROM antennactl.offset_range r "
        "JOIN antennactl.stream_offset o USING (topic_id, kafka_partition) GROUP BY r.batch_id "
        f"HAVING {condition} ORDER BY 1 LIMIT 1"
    ).row(0)
    for path in (world.lake / "data").rglob(f"part-{batch_id}.parquet"):
        path.unlink()


def test_rows_before_the_first_ones_come_back_when_that_is_asked_for(
    world: World, second: World, postgres_server: str, postgres_template: str
) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.run(*DRAIN, "--max-rows", "300")
    lose_batch(world, "bool_or(r.first_offset = 0)")
    left = second.document("rebuild")["left"]
    assert any("--from-kafka" in row["why"] and row["from"] == 0 for row in left)
    second.run("verify")
    with new_database(world, postgres_server, postgres_template) as third:
        assert third.document("rebuild", "--from-kafka")["events_from_kafka"] > 0
        third.run(*DRAIN)
        check_oracle(third)
        # No range names a micro-batch now: an hour that is lost is looked for in all of them.
        hour, folder = newest_hour(third)
        shutil.rmtree(folder)
        third.run("rebuild", "--hour", hour, "--from-kafka")
        check_oracle(third)


def test_what_retention_took_is_said_and_everything_else_is_right(
    world: World, second: World, kafka_admin: AdminClient
) -> None:
    world.run("simulate", *TRAFFIC)
    world.run(*DRAIN)
    before = world.table("bytes", "1, 2, 4")
    ends = world.query("SELECT kafka_partition, next_offset FROM antennactl.stream_offset").rows()
    delete_records(kafka_admin, world.topic, {partition: end // 2 for partition, end in ends})
    document = second.document("rebuild")
    assert document["dead_letters_from_kafka"] > 0
    assert {row["why"] for row in document["left"]} == {"gone from the topic"}
    assert second.table("bytes", "1, 2, 4") == before
    second.run("verify")
    # Reading goes on after the lake's last row, unless the topic has lost that too.
    delete_records(kafka_admin, world.topic, dict(ends))
    _, folder = newest_hour(second)
    hour = second.query(
        "SELECT to_char(min(hour) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24') AS hour FROM antennactl.lake_file"
    ).item()
    files = second.table("antennactl.lake_file", "path")
    for path in folder.parent.rglob("*.parquet"):
        path.unlink()
    message = second.run("rebuild", "--hour", str(hour), "--from-kafka", code=5)
    assert "gone from the topic: partition 0 offsets 0 to" in message
    assert second.table("antennactl.lake_file", "path") == files
    assert second.staged_files() == []


def delete_records(admin: AdminClient, topic: str, before: dict[int, int]) -> None:
    wanted = [TopicPartition(topic, partition, offset) for partition, offset in before.items()]
    for future in admin.delete_records(wanted).values():
        future.result(TIMEOUT_S)


def test_a_topic_that_was_made_again_is_not_taken_for_the_lakes(
    world: World, second: World, kafka_admin: AdminClient
) -> None:
    world.run("simulate", *TRAFFIC)
    world.run(*DRAIN)
    before = world.table("bytes", "1, 2, 4")
    kafka_admin.delete_topics([world.topic])[world.topic].result(TIMEOUT_S)
    kafka_admin.create_topics([NewTopic(world.topic, PARTITIONS)])[world.topic].result(TIMEOUT_S)
    world.run("simulate", "--messages", "100")
    document = second.document("rebuild")
    assert document["events_from_kafka"] == document["dead_letters_from_kafka"] == 0
    assert {row["why"] for row in document["left"]} == {"another topic id"}
    assert second.table("bytes", "1, 2, 4") == before
    second.run("verify")
    assert "--accept-new-topic" in second.run(*DRAIN, code=5)
    second.run(*DRAIN, "--accept-new-topic")
    second.run("verify")


@pytest.mark.parametrize("damage", ["truncated", "compacted"])
def test_a_lost_hour_is_read_again_from_kafka(world: World, damage: str) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.run(*DRAIN)
    world.run("batch", "--catch-up")
    before = world.lake_rows()
    hour, folder = newest_hour(world)
    if damage == "compacted":
        world.run("compact", "--hour", hour)
        shutil.rmtree(folder)
    else:
        cut_short(folder)
    world.run("verify", code=5)
    world.run("rebuild", "--hour", hour, "--from-kafka")
    assert world.lake_rows() == before
    check_oracle(world)
    assert world.document("rebuild", "--hour", hour, "--from-kafka")["replaced"] == []
    kept = [path for path in (world.lake / "quarantine").rglob("*") if path.is_file()]
    assert len(kept) == (damage == "truncated")


@pytest.mark.parametrize("step", ["after_fsync", "between_renames"])
def test_a_lost_hour_is_whole_again_after_a_kill(world: World, step: str) -> None:
    """Staged, committed, or renamed: run again, or left to recovery, no row is there twice and none is missing."""
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.run(*DRAIN)
    hour, folder = newest_hour(world)
    cut_short(folder)
    words = ("rebuild", "--hour", hour, "--from-kafka")
    code, _, _ = finish(world.start(*words, env={"ANTENNACTL_FAILPOINT": f"{step}:kill"}))
    assert code == -9
    if step == "after_fsync":
        world.run("verify", code=5)
        world.run(*words)
    check_oracle(world)


def newest_hour(world: World) -> tuple[str, Path]:
    """Give the newest hour in the lake and its folder."""
    hour = world.query(
        "SELECT to_char(max(hour) AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24') AS hour FROM antennactl.lake_file"
    ).item()
    newest = "SELECT path FROM antennactl.lake_file WHERE hour = (SELECT max(hour) FROM antennactl.lake_file)"
    (folder,) = {(world.lake / path).parent for path in world.query(newest)["path"]}
    return str(hour), folder


def cut_short(folder: Path) -> None:
    file = max(folder.glob("*.parquet"))
    file.write_bytes(file.read_bytes()[:-7])


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
