"""Every exit code of the contract, with an error that says what, where and what next, and never a secret."""

import json
import signal
from datetime import UTC, datetime, timedelta

import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stub hides it

from e2e.antennactl_process import World, check_oracle, finish, wait_for

FRESH = ("--messages", "200")
# The next worker takes a killed one's place at once, instead of after the session time-out.
STATIC = ("stream", "-X", "group.instance.id=w")


def test_0_with_the_result_alone_on_stdout(world: World) -> None:
    world.run("simulate", *FRESH, "--sent", str(world.sent))
    lines = world.run("stream", "--drain", "--json").splitlines()
    documents = [json.loads(line) for line in lines]
    assert sum(document["num_input_rows"] for document in documents) == 200
    assert {
        "batch_id",
        "input_rows_per_second",
        "processed_rows_per_second",
        "duration_ms",
        "event_time",
    } <= set(documents[0])
    assert json.loads(world.run("batch", "--catch-up", "--json"))
    assert json.loads(world.run("verify", "--json"))["ok"] is True


@pytest.mark.parametrize(
    "words",
    [
        ("stream", "--interval", "soon"),
        ("stream", "--window", "7m"),
        ("stream", "--nonsense"),
        ("batch", "--hour", "noon"),
        ("batch", "--hour", "2026-11-24T06", "--catch-up"),
        ("batch", "--from", "2026-11-24T06"),
        ("batch", "--queries", "/nowhere", "--hour", "2026-11-24T06"),
        ("provision", "--users", "/nowhere.csv"),
        ("simulate", "--malformed", "2"),
        ("stream", "-X", "plugin.library.paths=x"),
        ("stream", "-X", "no.such.property=x"),
        ("stream", "--config", "/nowhere.toml"),
        ("nonsense",),
    ],
    ids=" ".join,
)
def test_2_for_usage_and_configuration(world: World, words: tuple[str, ...]) -> None:
    assert "rror" in world.run(*words, code=2)


def test_2_for_a_database_that_is_not_provisioned(world: World, empty_postgres_dsn: str) -> None:
    for words in (("stream",), ("batch", "--catch-up"), ("verify",)):
        printed = world.run(*words, "--dsn", empty_postgres_dsn, code=2)
        assert "antennactl provision" in printed


def test_2_for_a_lake_of_another_ledger(world: World) -> None:
    world.lake.mkdir()
    (world.lake / "ledger.json").write_text('{"ledger": "another"}')
    assert "belongs to ledger another" in world.run("stream", "--drain", code=2)


def test_2_for_another_topic_than_the_ledgers(world: World) -> None:
    world.run("simulate", *FRESH)
    world.run("stream", "--drain")
    other = f"{world.topic}-other"
    world.run("simulate", *FRESH, "--topic", other)
    assert "one ledger and one lake serve one topic" in world.run(
        "stream", "--drain", "--topic", other, code=2
    )


@pytest.mark.parametrize("command", ["provision", "batch", "verify", "status"])
def test_3_for_a_postgresql_that_is_away(world: World, command: str) -> None:
    away = "postgresql://antenna:hunter2@127.0.0.1:1/telecom"
    printed = world.run(command, "--dsn", away, code=3)
    assert "127.0.0.1:1" in printed
    assert "hunter2" not in printed


def test_3_for_a_wrong_password_without_printing_it(world: World) -> None:
    wrong = world.dsn.replace("postgres:", "postgres:hunter2", 1)
    printed = world.run("stream", "--dsn", wrong, code=3)
    assert "password authentication failed" in printed
    assert "hunter2" not in printed


def test_4_for_an_hour_that_is_not_complete(world: World) -> None:
    world.run("simulate", *FRESH)
    world.run("stream", "--drain")
    hour = datetime.now(UTC).strftime("%Y-%m-%dT%H")
    printed = world.run("batch", "--hour", hour, code=4)
    assert "--allow-partial" in printed


def test_4_for_a_committed_file_that_is_not_on_this_host(world: World) -> None:
    world.run("simulate", *FRESH)
    world.start("stream", "--drain", env={"ANTENNACTL_FAILPOINT": "after_commit:kill"}).communicate(
        timeout=60
    )
    for path in world.staged_files():
        path.unlink()
    assert "neither staged nor published" in world.run("verify", code=4)


def test_5_for_a_difference_that_verify_finds(world: World) -> None:
    world.run("simulate", *FRESH)
    world.run("stream", "--drain")
    world.query("UPDATE bytes SET value = value + 1 WHERE ctid = (SELECT min(ctid) FROM bytes) RETURNING id")
    world.run("verify", code=5)


def test_5_for_a_topic_of_garbage(world: World) -> None:
    produce(world, [b"garbage"] * 20_000)
    printed = world.run("stream", "--drain", code=5)
    assert "not_json" in printed
    world.run("stream", "--drain", "--max-reject-ratio", "1")
    assert world.query("SELECT count(*) AS n FROM antennactl.dead_letter").item() == 20_000


def test_5_for_a_topic_that_was_made_again_until_it_is_accepted(
    world: World, kafka_admin: AdminClient
) -> None:
    world.run("simulate", *FRESH)
    world.run("stream", "--drain")
    kafka_admin.delete_topics([world.topic])[world.topic].result(30)
    make_again(kafka_admin, world.topic)
    world.run("simulate", "--messages", "900", "--seed", "2")
    assert "deleted and made again" in world.run("stream", "--drain", code=5)
    world.run("stream", "--drain", "--accept-new-topic")
    assert len(world.lake_rows()) == 1100
    world.run("verify")


def test_5_for_records_that_are_gone_until_the_loss_is_recorded(
    world: World, kafka_admin: AdminClient
) -> None:
    world.run("simulate", *FRESH)
    world.run("stream", "--drain")
    world.run("simulate", "--messages", "400", "--seed", "2")
    ends = {row[1]: row[3] for row in world.table("antennactl.stream_offset", "kafka_partition")}
    gone = [
        TopicPartition(world.topic, int(str(partition)), int(str(end)) + 10)
        for partition, end in ends.items()
    ]
    for future in kafka_admin.delete_records(gone).values():
        future.result(30)
    assert "--on-data-loss record" in world.run("stream", "--drain", code=5)
    world.run("stream", "--drain", "--on-data-loss", "record")
    assert (
        world.query("SELECT sum(n_skipped)::bigint FROM antennactl.offset_range WHERE reason = 'lost'").item()
        == 40
    )
    world.run("verify")


def produce(world: World, payloads: list[bytes]) -> None:
    producer = Producer({"bootstrap.servers": world.bootstrap_servers})
    for number, payload in enumerate(payloads):
        producer.produce(world.topic, payload, partition=number % 4)
    assert producer.flush(30) == 0


def make_again(admin: AdminClient, topic: str) -> None:
    """Make a topic of the same name, as soon as the old one is gone."""
    deadline = datetime.now(UTC) + timedelta(seconds=30)
    while True:
        try:
            admin.create_topics([NewTopic(topic, 4)])[topic].result(30)
        except Exception:  # noqa: BLE001 - still being deleted
            assert datetime.now(UTC) < deadline
        else:
            return


def test_130_for_a_second_signal(world: World) -> None:
    world.run("simulate", *FRESH, "--sent", str(world.sent))
    note = world.folder / "reached"
    process = world.start(
        *STATIC, "--interval", "200ms", env={"ANTENNACTL_FAILPOINT": f"before_commit:hang:1:{note}"}
    )
    wait_for(note.exists)
    # Two numbers, because a second one of the same number may be merged with the first.
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGTERM)
    code, _, _ = finish(process)
    assert code == 130
    world.run(*STATIC, "--drain")
    check_oracle(world)
