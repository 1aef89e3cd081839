"""The queue of a consumer's messages and its end; no broker is needed for it."""

import threading
from collections.abc import Iterator

import pytest
from confluent_kafka import Consumer

from antennactl.errors import UsageError
from antennactl.native import MessageQueue, make_queue, plugin_property
from antennactl.settings import Settings
from antennactl.sources.kafka import KafkaSource

_NOWHERE = "127.0.0.1:1"


@pytest.fixture
def queue() -> Iterator[MessageQueue]:
    consumer = Consumer({"bootstrap.servers": _NOWHERE, "group.id": "g", **plugin_property()})
    made = make_queue(consumer)
    assert made is not None
    made.direct("topic", [0, 1])
    yield made
    made.close()
    consumer.close()


def test_a_queue_belongs_to_the_consumer_made_last_and_is_given_once(queue: MessageQueue) -> None:
    assert len(queue.take(10, 0)) == 0
    assert make_queue(object()) is None


def test_a_closed_queue_says_so(queue: MessageQueue) -> None:
    queue.close()
    queue.close()
    with pytest.raises(RuntimeError, match="closed"):
        queue.take(10, 0)
    with pytest.raises(RuntimeError, match="closed"):
        queue.direct("topic", [0])


def test_a_queue_may_be_closed_while_another_thread_takes(queue: MessageQueue) -> None:
    has_begun = threading.Event()
    ends: list[str] = []

    def take_on() -> None:
        try:
            while True:
                has_begun.set()
                queue.take(10, 0.01)
        except RuntimeError as error:
            ends.append(str(error))

    thread = threading.Thread(target=take_on)
    thread.start()
    assert has_begun.wait(30)
    queue.close()
    thread.join(30)
    assert ends == ["the queue is closed"]


def test_a_consumer_that_could_not_be_made_is_not_taken_for_the_next_one() -> None:
    tls = {"security.protocol": "ssl", "ssl.ca.location": "/nonexistent"}
    refused = Settings(bootstrap_servers=_NOWHERE, topic="t", group="g", kafka_properties=tls)
    with pytest.raises(UsageError):
        KafkaSource(refused)
    source = KafkaSource(Settings(bootstrap_servers=_NOWHERE, topic="t", group="g", pure=True))
    assert not source.is_native
    source.close()
    source.close()
