"""What the native library's queue receives: messages of the partitions that were directed to it last, in order."""

import time
from collections.abc import Iterator
from contextlib import closing

import pytest
from confluent_kafka import Consumer, KafkaError, Producer, TopicPartition

from antennactl.native import MessageQueue, Messages, make_queue, plugin_property

_N = 20


@pytest.fixture
def consumer(bootstrap_servers: str, topic: str) -> Iterator[Consumer]:
    """Make a consumer of a topic whose partitions 0 and 1 have 20 messages each."""
    producer = Producer({"bootstrap.servers": bootstrap_servers})
    for partition in range(2):
        for number in range(_N):
            producer.produce(topic, b"%d" % number, partition=partition)
    producer.flush()
    own = {"bootstrap.servers": bootstrap_servers, "group.id": topic, "enable.partition.eof": "true"}
    made = Consumer({**own, **plugin_property()})
    yield made
    made.close()


@pytest.fixture
def queue(consumer: Consumer) -> Iterator[MessageQueue]:
    made = make_queue(consumer)
    assert made is not None
    with closing(made):
        yield made


def test_what_a_partition_fetches_while_it_is_not_directed_waits_in_order(
    consumer: Consumer, queue: MessageQueue, topic: str
) -> None:
    """A partition that stayed directed could take the messages of all others with it when it goes."""
    queue.direct(topic, [0, 1])
    queue.direct(topic, [1])
    consumer.assign([TopicPartition(topic, partition, 0) for partition in range(2)])
    assert _take_to_end(queue, 1) == [(1, offset) for offset in range(_N)]
    assert consumer.consume(_N, 0) == []
    queue.direct(topic, [0, 1])
    assert _take_to_end(queue, 0) == [(0, offset) for offset in range(_N)]


def _take_to_end(queue: MessageQueue, partition: int) -> list[tuple[int, int]]:
    """Take until the end of a partition was met; return the places of all messages that came."""
    came: list[tuple[int, int]] = []
    deadline = time.monotonic() + 30
    while True:
        assert time.monotonic() < deadline, f"waited in vain; came: {came}"
        taken = queue.take(100, 0.1)
        came += zip(taken.partitions, taken.offsets, strict=True)
        if _has_end(taken, partition):
            return came


def _has_end(taken: Messages, partition: int) -> bool:
    end = KafkaError._PARTITION_EOF  # noqa: SLF001 - a public name of librdkafka
    return any(event.code == end and event.partition == partition for event in taken.events)
