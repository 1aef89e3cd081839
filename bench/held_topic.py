"""A topic in, a backlog in it that no reader of committed messages sees before it is let go out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

from confluent_kafka import Producer

_WAIT_S: Final = 30
# The most that the broker takes: the topic is filled and the workers are started meanwhile.
_HELD_MS: Final = 900_000


@contextmanager
def held(bootstrap_servers: str, topic: str, partitions: int) -> Iterator[Callable[[], None]]:
    """Hold back whatever is sent to the topic from now on, and give the function that lets all of it go at once.

    A transaction that is open in every partition keeps readers of committed messages at its first offset; it is
    aborted, so that nothing of its own is ever read.
    """
    properties = {
        "bootstrap.servers": bootstrap_servers,
        "transactional.id": f"bench-{uuid4().hex}",
        "transaction.timeout.ms": _HELD_MS,
        "log_level": 0,
    }
    producer = Producer(properties)
    producer.init_transactions(_WAIT_S)
    producer.begin_transaction()
    for partition in range(partitions):
        producer.produce(topic, b"held", partition=partition)
    producer.flush(_WAIT_S)
    is_held = True

    def release() -> None:
        nonlocal is_held
        if is_held:
            is_held = False
            producer.abort_transaction(_WAIT_S)

    try:
        yield release
    finally:
        release()
