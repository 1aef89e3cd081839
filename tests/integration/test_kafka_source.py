"""A member of the group reads from the offsets that it is given, whatever it did with the partitions before."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from types import MappingProxyType

import pytest
from confluent_kafka import Producer

from antennactl.settings import Settings
from antennactl.sources.kafka import KafkaSource

PROTOCOLS: dict[str, Mapping[str, str]] = {
    "eager": MappingProxyType({}),
    "cooperative": MappingProxyType({"partition.assignment.strategy": "cooperative-sticky"}),
    "consumer": MappingProxyType({"group.protocol": "consumer"}),
}


@pytest.fixture(params=PROTOCOLS)
def source(request: pytest.FixtureRequest, bootstrap_servers: str, topic: str) -> Iterator[KafkaSource]:
    """Join a group of one's own that was given the topic's four partitions; partition 0 has 20 messages."""
    producer = Producer({"bootstrap.servers": bootstrap_servers})
    for number in range(20):
        producer.produce(topic, b"%d" % number, partition=0)
    producer.flush()
    properties = dict(PROTOCOLS[request.param])
    settings = Settings(
        bootstrap_servers=bootstrap_servers, topic=topic, group=topic, kafka_properties=properties
    )
    with closing(KafkaSource(settings)) as joined:
        joined.subscribe()
        poll_until(joined, lambda _: len(joined.granted) == 4)
        yield joined


def test_a_partition_that_was_paused_is_read_again_after_a_new_assignment(source: KafkaSource) -> None:
    source.assign({0: 0, 1: 0})
    assert poll_until(source, lambda offsets: len(offsets) >= 20)[:20] == list(range(20))
    source.pause()
    source.unassign()
    source.poll(1, 0.1)
    source.assign({0: 5})
    assert poll_until(source, lambda offsets: len(offsets) >= 15)[:15] == list(range(5, 20))


def test_an_empty_assignment_reads_nothing(source: KafkaSource) -> None:
    source.assign({0: 0})
    source.assign({})
    assert source.positions() == {}
    assert not source.poll(10, 0.5).payloads


def poll_until(source: KafkaSource, is_done: Callable[[list[int]], bool], timeout_s: float = 30) -> list[int]:
    """Poll until the offsets that came satisfy `is_done`, and return them."""
    offsets: list[int] = []
    deadline = time.monotonic() + timeout_s
    while not is_done(offsets):
        assert time.monotonic() < deadline, f"waited in vain; came: {offsets}"
        offsets += source.poll(10, 0.1).offsets
    return offsets
