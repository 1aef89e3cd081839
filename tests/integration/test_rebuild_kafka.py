"""Stretches of a topic are read again exactly: committed messages inside of them, whatever lies around and between."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import product

import polars as pl
import pytest
from confluent_kafka import Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from antennactl.decode import Decoded
from antennactl.rules.stretches import STRETCHES
from antennactl.settings import Settings
from antennactl.sources import spans
from antennactl.sources.kafka import KafkaSource
from antennactl.sources.spans import find_first_read, read_stretches
from integration.test_kafka_source import PROTOCOLS
from services import TIMEOUT_S

EVENT = {"timestamp": 1_760_000_000, "id": "user-1", "antenna_id": "antenna-1", "bytes": 7, "app": "SKYPE"}
VALID, BAD = json.dumps(EVENT).encode(), b"{"


@pytest.fixture(params=["eager"])
def source(request: pytest.FixtureRequest, bootstrap_servers: str, topic: str) -> Iterator[KafkaSource]:
    """Give a reader in no group; a test may choose the protocol that groups have."""
    settings = Settings(
        bootstrap_servers=bootstrap_servers,
        topic=topic,
        group=topic,
        kafka_properties=dict(PROTOCOLS[request.param]),
    )
    with closing(KafkaSource(settings)) as reader:
        yield reader


def produce(bootstrap_servers: str, topic: str, payloads: Sequence[bytes], partition: int = 0) -> None:
    producer = Producer({"bootstrap.servers": bootstrap_servers})
    for payload in payloads:
        producer.produce(topic, payload, partition=partition)
    producer.flush()


def wanted(*rows: tuple[int, int, int]) -> pl.DataFrame:
    return pl.DataFrame([("t", *row) for row in rows], schema=STRETCHES, orient="row")


def places(found: Sequence[Decoded]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    key = ["kafka_partition", "kafka_offset"]
    return (
        sorted(pl.concat([part.events.select(key) for part in found]).rows()),
        sorted(pl.concat([part.rejects.select(key) for part in found]).rows()),
    )


@pytest.mark.parametrize(
    ("source", "near"), [*product(PROTOCOLS, [1]), ("eager", 5_000)], indirect=["source"]
)
def test_only_what_is_wanted_is_decoded(
    source: KafkaSource, bootstrap_servers: str, topic: str, near: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spans, "_NEAR", near)
    for partition in (0, 1):
        produce(bootstrap_servers, topic, [VALID if n % 3 else BAD for n in range(60)], partition)
    stretches = wanted((0, 5, 8), (0, 20, 21), (1, 58, 75), (1, 0, 2))
    events, rejects = places(list(read_stretches(source, stretches)))
    assert events == [(0, 5), (0, 7), (0, 20), (1, 1), (1, 58), (1, 59)]
    assert rejects == [(0, 6), (1, 0)]


def test_aborted_messages_and_control_records_are_no_messages(
    source: KafkaSource, bootstrap_servers: str, topic: str
) -> None:
    producer = Producer({"bootstrap.servers": bootstrap_servers, "transactional.id": topic})
    producer.init_transactions()
    for end in (producer.commit_transaction, producer.abort_transaction, producer.commit_transaction):
        producer.begin_transaction()
        for _ in range(3):
            producer.produce(topic, VALID, partition=0)
        producer.flush()
        end()
    # Three messages and a control record, three times; nothing comes after the last one.
    events, rejects = places(list(read_stretches(source, wanted((0, 2, 12)))))
    assert events == [(0, 2), (0, 8), (0, 9), (0, 10)]
    assert rejects == []


def test_what_retention_took_is_passed_over(
    source: KafkaSource, bootstrap_servers: str, topic: str, kafka_admin: AdminClient
) -> None:
    produce(bootstrap_servers, topic, [BAD] * 40)
    for future in kafka_admin.delete_records([TopicPartition(topic, 0, 25)]).values():
        future.result(TIMEOUT_S)
    _, rejects = places(list(read_stretches(source, wanted((0, 3, 9), (0, 20, 28)))) or [_nothing()])
    assert rejects == [(0, 25), (0, 26), (0, 27)]


@pytest.mark.parametrize(
    ("payloads", "first_read"),
    [
        ([BAD] * 30, 0),
        ([VALID] * 30, 30),
        ([VALID, *[BAD] * 29], 1),
        ([BAD, VALID, BAD, VALID, *[BAD] * 3, VALID], 8),
        ([], 0),
    ],
)
def test_reading_began_after_the_last_valid_message_that_is_no_row(
    source: KafkaSource,
    bootstrap_servers: str,
    topic: str,
    payloads: list[bytes],
    first_read: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(spans, "_LOOK_BACK", 2)
    produce(bootstrap_servers, topic, [*payloads, VALID])
    begin, rejects = find_first_read(source, ("t", 0), 0, len(payloads))
    assert begin == first_read
    assert rejects["kafka_offset"].sort().to_list() == list(range(first_read, len(payloads)))


def _nothing() -> Decoded:
    empty = pl.DataFrame(schema={"kafka_partition": pl.Int32, "kafka_offset": pl.Int64})
    return Decoded(empty, empty)
