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
def properties(request: pytest.FixtureRequest) -> dict[str, str]:
    return dict(PROTOCOLS[request.param])


@pytest.fixture(params=["native", "pure"])
def source(
    request: pytest.FixtureRequest, properties: dict[str, str], bootstrap_servers: str, topic: str
) -> Iterator[KafkaSource]:
    """Join a group of one's own that was given the topic's four partitions; partition 0 has 20 messages."""
    producer = Producer({"bootstrap.servers": bootstrap_servers})
    for number in range(20):
        producer.produce(topic, b"%d" % number, partition=0)
    producer.flush()
    settings = Settings(
        bootstrap_servers=bootstrap_servers,
        topic=topic,
        group=topic,
        kafka_properties=properties,
        pure=request.param == "pure",
    )
    with closing(KafkaSource(settings)) as joined:
        assert joined.is_native == (request.param == "native")
        joined.subscribe()
        poll_until(joined, lambda _: len(joined.granted) == 4)
        # From here on as the stream's loop does: it has seen the change.
        joined.is_rebalanced = False
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


def test_messages_come_with_their_places_and_the_end_of_their_partition(
    source: KafkaSource, bootstrap_servers: str, topic: str
) -> None:
    producer = Producer({"bootstrap.servers": bootstrap_servers})
    producer.produce(topic, None, partition=1, key=b"tombstone")
    producer.produce(topic, b"", partition=1)
    producer.produce(topic, b"\xff" * 100_000, partition=1)
    producer.flush()
    source.assign({0: 18, 1: 0})
    came: dict[tuple[int, int], bytes | None] = {}
    ends: dict[int, int] = {}
    deadline = time.monotonic() + 30
    while len(came) < 5 or len(ends) < 2:
        assert time.monotonic() < deadline
        polled = source.poll(10, 0.1)
        places = zip(polled.partitions, polled.offsets, strict=True)
        came |= dict(zip(places, polled.payloads, strict=True))
        assert polled.n_bytes == sum(len(payload or b"") for payload in polled.payloads)
        ends |= polled.ends
    assert came == {(0, 18): b"18", (0, 19): b"19", (1, 0): None, (1, 1): b"", (1, 2): b"\xff" * 100_000}
    assert ends == {0: 20, 1: 3}
    assert source.positions() == {0: 20, 1: 3}


def test_an_offset_that_the_topic_does_not_have_is_out_of_range(source: KafkaSource) -> None:
    source.assign({0: 1000})
    deadline = time.monotonic() + 30
    while not source.poll(10, 0.1).is_out_of_range:
        assert time.monotonic() < deadline


def test_what_was_fetched_before_an_assignment_does_not_come_after_it(source: KafkaSource) -> None:
    source.assign({0: 0})
    assert list(poll_until(source, lambda offsets: len(offsets) > 0, most=1)) == [0]
    source.assign({0: 10})
    assert poll_until(source, lambda offsets: len(offsets) >= 10) == list(range(10, 20))


def poll_until(
    source: KafkaSource, is_done: Callable[[list[int]], bool], timeout_s: float = 30, most: int = 10
) -> list[int]:
    """Poll until the offsets that came satisfy `is_done`, and return them."""
    offsets: list[int] = []
    deadline = time.monotonic() + timeout_s
    while not is_done(offsets):
        assert time.monotonic() < deadline, f"waited in vain; came: {offsets}"
        offsets += source.poll(most, 0.1).offsets
    return offsets
