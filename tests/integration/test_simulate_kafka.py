"""What `simulate` logs as sent is what a reader of the topic finds, message by message."""

import base64
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from confluent_kafka import TIMESTAMP_CREATE_TIME, Consumer, Message, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stub hides it

from antennactl.commands.simulate import simulate
from antennactl.decode.message import Event, Reject, parse_message
from antennactl.errors import KafkaUnavailableError, UsageError
from antennactl.simulator.options import SimulateOptions
from antennactl.simulator.sent_log import read_sent

START = datetime(2026, 11, 24, 6, tzinfo=UTC)
NOW_S = int(START.timestamp()) + 7200
TIMEOUT_S = 30.0

Reader = Callable[[str], dict[tuple[int, int], Message]]


@pytest.fixture
def options(bootstrap_servers: str, topic: str, tmp_path: Path) -> SimulateOptions:
    """Three thousand messages of every kind, with a log."""
    return SimulateOptions(
        messages=3_000,
        start=START,
        late=0.05,
        malformed=0.1,
        unknown=0.05,
        duplicates=0.05,
        sent=tmp_path / "sent.csv",
        topic=topic,
        bootstrap_servers=bootstrap_servers,
    )


@pytest.fixture
def read_topic(bootstrap_servers: str) -> Reader:
    """Read a whole topic, by (partition, offset)."""

    def read(topic: str) -> dict[tuple[int, int], Message]:
        consumer = Consumer({"bootstrap.servers": bootstrap_servers, "group.id": "reader"})
        try:
            partitions = consumer.list_topics(topic, TIMEOUT_S).topics[topic].partitions
            ends = {
                p: consumer.get_watermark_offsets(TopicPartition(topic, p), TIMEOUT_S)[1] for p in partitions
            }
            consumer.assign([TopicPartition(topic, p, 0) for p in partitions])
            found: dict[tuple[int, int], Message] = {}
            deadline = time.monotonic() + TIMEOUT_S
            while len(found) < sum(ends.values()) and time.monotonic() < deadline:
                for message in consumer.consume(1000, 0.2):
                    assert message.error() is None
                    found[message.partition() or 0, message.offset() or 0] = message
            assert len(found) == sum(ends.values())
            return found
        finally:
            consumer.close()

    return read


def _sent(options: SimulateOptions) -> pl.DataFrame:
    assert options.sent is not None
    return read_sent(options.sent)


def _payloads(messages: dict[tuple[int, int], Message]) -> dict[tuple[int, int], bytes | None]:
    return {place: _payload(message) for place, message in messages.items()}


def _payload(message: Message) -> bytes | None:
    value = message.value()
    assert value is None or isinstance(value, bytes)
    return value


def test_the_log_says_what_stands_at_each_offset(options: SimulateOptions, read_topic: Reader) -> None:
    """Every message of the topic is in the log at its partition and offset, and nothing else is."""
    summary = simulate(options)
    found = _payloads(read_topic(options.topic))
    sent = _sent(options)
    assert summary.n_sent == sent.height == len(found) == 3_000
    for row in sent.iter_rows(named=True):
        payload = found.pop((row["kafka_partition"], row["kafka_offset"]))
        outcome = parse_message(payload, NOW_S)
        if isinstance(outcome, Reject):
            assert outcome.reason == row["reason"]
            assert base64.b64decode(row["payload"] or "") == (payload or b"")
            assert (payload is None) == (row["fault"] == "tombstone")
        else:
            assert outcome == Event(row["timestamp"], row["id"], row["antenna_id"], row["bytes"], row["app"])
    assert not found
    assert sent["bytes"].sum() == summary.sum_bytes


def test_the_same_options_fill_two_topics_alike(options: SimulateOptions, read_topic: Reader) -> None:
    """Same bytes, same partitions, same order; the topic that was missing is made with 4 partitions."""
    twin = replace(options, topic=f"{options.topic}-made", sent=None)
    simulate(options)
    simulate(twin)
    first, second = _payloads(read_topic(options.topic)), _payloads(read_topic(twin.topic))
    assert first == second
    assert {partition for partition, _ in second} == {0, 1, 2, 3}


def test_an_existing_topic_keeps_its_partitions(options: SimulateOptions, read_topic: Reader) -> None:
    """Messages go to as many partitions as there are."""
    narrow = replace(options, topic=f"{options.topic}-narrow")
    admin = AdminClient({"bootstrap.servers": narrow.bootstrap_servers})
    admin.create_topics([NewTopic(narrow.topic, num_partitions=2)])[narrow.topic].result(TIMEOUT_S)
    simulate(narrow)
    assert {partition for partition, _ in read_topic(narrow.topic)} == {0, 1}


def test_record_times_are_now_and_keys_are_null(options: SimulateOptions, read_topic: Reader) -> None:
    """An old record time would have retention delete the message; event time stands in the JSON alone."""
    before_ms = time.time() * 1000 - 1000
    simulate(replace(options, start=datetime(2020, 1, 1, tzinfo=UTC)))
    for message in read_topic(options.topic).values():
        kind, record_ms = message.timestamp()
        assert kind == TIMESTAMP_CREATE_TIME
        assert before_ms <= record_ms <= time.time() * 1000 + 1000
        assert message.key() is None


def test_a_small_queue_loses_nothing(options: SimulateOptions, read_topic: Reader) -> None:
    """Messages that the full queue refuses are offered again."""
    simulate(replace(options, kafka_properties={"queue.buffering.max.messages": "100"}))
    found = read_topic(options.topic)
    assert set(_sent(options).select("kafka_partition", "kafka_offset").iter_rows()) == set(found)
    assert len(found) == 3_000


def test_a_stop_leaves_a_log_that_is_complete(options: SimulateOptions, read_topic: Reader) -> None:
    """A run without end that is stopped returns normally, and its log holds what the topic holds."""
    told: list[int] = []
    endless = replace(options, messages=None, rate=200.0)
    summary = simulate(endless, stopped=lambda: len(told) >= 3, progress=lambda done, _: told.append(done))
    assert summary.n_sent == told[-1] == _sent(options).height == len(read_topic(options.topic))


def test_the_log_holds_only_what_was_acknowledged(options: SimulateOptions, read_topic: Reader) -> None:
    """Messages that are refused are an error, and the log names the others."""
    refusing = replace(options, kafka_properties={"message.max.bytes": "2000", "batch.size": "2000"})
    with pytest.raises(KafkaUnavailableError, match="did not acknowledge"):
        simulate(refusing)
    sent, found = _sent(options), read_topic(options.topic)
    assert 2_900 < sent.height < 3_000
    assert set(sent.select("kafka_partition", "kafka_offset").iter_rows()) == set(found)


def test_a_broker_that_is_away_is_reported_after_the_wait(options: SimulateOptions) -> None:
    """Nothing listens at the address; exit code 3, with the address and the reason."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(KafkaUnavailableError, match="refused") as raised:
            simulate(replace(options, bootstrap_servers=address, wait_s=1.0))
    assert raised.value.exit_code == 3


def test_a_failed_login_is_reported_without_the_password(options: SimulateOptions) -> None:
    """A login that the broker does not understand ends with exit code 3 as well."""
    login = {
        "security.protocol": "SASL_PLAINTEXT",
        "sasl.mechanism": "PLAIN",
        "sasl.username": "someone",
        "sasl.password": "open-sesame",
    }
    with pytest.raises(KafkaUnavailableError) as raised:
        simulate(replace(options, kafka_properties=login, wait_s=1.0))
    assert "open-sesame" not in f"{raised.value} {raised.value.hint} {options!r}"


@pytest.mark.parametrize("wrong", [{"nonsense": "1"}, {"acks": "1"}])
def test_a_property_that_kafka_refuses_is_a_usage_error(
    options: SimulateOptions, wrong: dict[str, str]
) -> None:
    """Before anything is sent; the idempotent producer does not go with fewer acknowledgements."""
    with pytest.raises(UsageError, match="refuses"):
        simulate(replace(options, kafka_properties=wrong))


def test_a_topic_name_that_kafka_refuses_is_a_usage_error(options: SimulateOptions) -> None:
    """The broker names the reason."""
    with pytest.raises(UsageError, match="cannot create the topic"):
        simulate(replace(options, topic="no spaces!"))
