"""Group and topic disturbed: members asleep, coming and going, aborted transactions, new partitions."""

import json
import signal

import polars as pl
import pytest
from confluent_kafka import Message, Producer
from confluent_kafka.admin import AdminClient, NewPartitions  # type: ignore[attr-defined] # its stub hides it

from e2e.antennactl_process import World, check_oracle, finish, wait_for
from e2e.fault_scenes import DRAIN, RUN, count_batches, count_members, count_read, stays
from e2e.test_exit_codes import make_again

TRAFFIC = ("--late", "0.02", "--malformed", "0.01", "--unknown", "0.02")
# The columns of the producer's own log, which `simulate --sent` writes.
_LOG = (
    *("kind", "fault", "reason", "kafka_partition", "kafka_offset"),
    *("timestamp", "id", "antenna_id", "bytes", "app", "payload"),
)
PROTOCOLS = {
    "eager": ("-X", "session.timeout.ms=6000"),
    "consumer": ("-X", "group.protocol=consumer"),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_worker_asleep_past_its_session_wakes_and_doubles_nothing(
    world: World, kafka_admin: AdminClient, protocol: str
) -> None:
    words = ("stream", "--interval", "200ms", "--max-rows", "500", *PROTOCOLS[protocol])
    sleeper, other = world.start(*words), world.start(*words)
    producer = world.start("simulate", "--rate", "1500/s", *TRAFFIC, "--sent", str(world.sent))
    wait_for(lambda: len(_workers(world)) == 2)
    sleeper.send_signal(signal.SIGSTOP)
    wait_for(lambda: count_members(kafka_admin, world) == 1)
    sleeper.send_signal(signal.SIGCONT)
    wait_for(lambda: count_members(kafka_admin, world) == 2)
    producer.send_signal(signal.SIGTERM)
    assert finish(producer)[0] == 0
    for worker in (sleeper, other):
        worker.send_signal(signal.SIGTERM)
    for worker in (sleeper, other):
        code, _, err = finish(worker)
        assert code == 0, err
    world.run("stream", "--drain", *PROTOCOLS[protocol])
    check_oracle(world)


def test_workers_that_come_and_go_every_2_s_lose_and_double_nothing(world: World) -> None:
    stays_on = world.start(*RUN)
    producer = world.start(
        "simulate", "--messages", "12000", "--rate", "1000/s", *TRAFFIC, "--sent", str(world.sent)
    )
    while producer.poll() is None:
        guest = world.start(*RUN)
        stays(guest, 2.0)
        guest.send_signal(signal.SIGTERM)
        assert finish(guest)[0] in {0, -signal.SIGTERM}
    assert finish(producer)[0] == 0
    stays_on.send_signal(signal.SIGTERM)
    code, _, err = finish(stays_on)
    assert code == 0, err
    world.run(*DRAIN)
    check_oracle(world)


def test_partitions_added_while_streaming_are_read_from_their_beginning(
    world: World, kafka_admin: AdminClient
) -> None:
    before, after = world.folder / "before.csv", world.folder / "after.csv"
    stream = world.start(*RUN, "-X", "topic.metadata.refresh.interval.ms=500")
    world.run("simulate", "--messages", "2000", *TRAFFIC, "--sent", str(before))
    wait_for(lambda: count_batches(world))
    kafka_admin.create_partitions([NewPartitions(world.topic, 7)])[world.topic].result(30)
    _wait_for_partitions(kafka_admin, world.topic, 7)
    world.run("simulate", "--messages", "4000", *TRAFFIC, "--seed", "2", "--sent", str(after))
    assert world.sent_log(after)["kafka_partition"].n_unique() == 7
    wait_for(lambda: len(_partitions_read(world)) == 7)
    stream.send_signal(signal.SIGTERM)
    code, _, err = finish(stream)
    assert code == 0, err
    world.run(*DRAIN)
    check_oracle(world, before, after)


def test_aborted_transactions_leave_gaps_and_no_rows(world: World) -> None:
    log = _send_transactions(world, 30)
    stream = world.start(*RUN)
    wait_for(lambda: count_batches(world))
    stream.kill()
    finish(stream)
    world.run(*DRAIN)
    check_oracle(world, world.sent)
    skipped = world.query("SELECT sum(n_skipped)::bigint AS n FROM antennactl.offset_range").item()
    # The aborted messages, and a control record in each partition that a transaction wrote to.
    assert skipped > 30 // 3 * 40
    assert log.height == 20 * 40


def test_a_transaction_left_open_holds_nothing_up_once_it_is_ended(world: World) -> None:
    log = _send_transactions(world, 3)
    open_one = _transactional(world, "left-open")
    open_one.begin_transaction()
    for _ in range(40):
        open_one.produce(world.topic, b"never to be seen")
    open_one.flush(30)
    world.run(*DRAIN)
    check_oracle(world, world.sent)
    open_one.abort_transaction(30)
    more = world.folder / "more.csv"
    world.run("simulate", "--messages", "500", "--seed", "2", "--sent", str(more))
    world.run(*DRAIN)
    check_oracle(world, world.sent, more)
    assert log.height == 2 * 40


def test_a_topic_made_again_under_a_running_stream_is_exit_5(world: World, kafka_admin: AdminClient) -> None:
    world.run("simulate", "--messages", "900", "--sent", str(world.sent))
    stream = world.start(*RUN)
    wait_for(lambda: count_read(world) == 900)
    kafka_admin.delete_topics([world.topic])[world.topic].result(30)
    make_again(kafka_admin, world.topic)
    # Shorter than the old one: an offset alone could not tell.
    world.run("simulate", "--messages", "50", "--seed", "2")
    code, _, err = finish(stream)
    assert code == 5, err
    assert "made again" in err
    check_oracle(world)
    world.run("stream", "--drain", "--accept-new-topic")
    assert len(world.lake_rows()) == 950
    world.run("verify")


def _send_transactions(world: World, n: int) -> pl.DataFrame:
    """Send transactions of 40 messages, every third of them aborted, and keep the log of those committed."""
    producer, rows = _transactional(world, "several"), []
    for number in range(n):
        sent: list[tuple[dict[str, object], Message]] = []
        producer.begin_transaction()
        for index in range(40):
            event = {
                "timestamp": 1_790_000_000 + 60 * number,
                "id": f"user-{index % 7}",
                "antenna_id": f"antenna-{index % 3}",
                "bytes": 1000 * number + index,
                "app": "TX",
            }
            producer.produce(
                world.topic,
                json.dumps(event).encode(),
                on_delivery=lambda _, message, event=event, sent=sent: sent.append((event, message)),  # type: ignore[misc]
            )
        producer.flush(30)
        if number % 3 == 2:
            producer.abort_transaction(30)
        else:
            producer.commit_transaction(30)
            rows += [
                {**event, "kafka_partition": message.partition(), "kafka_offset": message.offset()}
                for event, message in sent
            ]
    log = pl.DataFrame(rows).with_columns(
        kind=pl.lit("event"), fault=pl.lit(""), reason=pl.lit(""), payload=pl.lit("")
    )
    log.select(_LOG).write_csv(world.sent)
    return log


def _transactional(world: World, name: str) -> Producer:
    producer = Producer(
        {
            "bootstrap.servers": world.bootstrap_servers,
            "transactional.id": f"{world.topic}-{name}",
            "log_level": 0,
        }
    )
    producer.init_transactions(30)
    return producer


def _workers(world: World) -> set[str]:
    return set(world.query("SELECT DISTINCT worker FROM antennactl.micro_batch")["worker"])


def _partitions_read(world: World) -> set[int]:
    return set(world.query("SELECT DISTINCT kafka_partition FROM antennactl.offset_range").to_series())


def _wait_for_partitions(admin: AdminClient, topic: str, n: int) -> None:
    wait_for(
        lambda: (
            sum(p.leader >= 0 for p in admin.list_topics(topic, 10).topics[topic].partitions.values()) == n
        )
    )
