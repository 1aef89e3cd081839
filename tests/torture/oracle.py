"""The one oracle of the torture: what an independent reader finds in the topic, against all that antennactl kept."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import polars as pl
from confluent_kafka import Consumer, KafkaError, TopicPartition

from e2e.antennactl_process import World


@dataclass
class Truth:
    """The topic as read by a plain consumer: valid events and bad messages by (partition, offset)."""

    events: dict[tuple[int, int], tuple[int, str, str, int, str]] = field(default_factory=dict)
    bad: dict[tuple[int, int], str] = field(default_factory=dict)


def read_topic(bootstrap_servers: str, topic: str, bad: dict[tuple[int, int], str]) -> Truth:
    """Read every committed message to the ends of all partitions; those at the places of `bad` are bad."""
    consumer = Consumer(
        {
            "bootstrap.servers": bootstrap_servers,
            "group.id": "oracle",
            "enable.auto.commit": False,
            "auto.offset.reset": "earliest",
            "enable.partition.eof": True,
            "isolation.level": "read_committed",
        }
    )
    partitions = list(consumer.list_topics(topic, 30).topics[topic].partitions)
    consumer.assign([TopicPartition(topic, number, 0) for number in partitions])
    truth, open_partitions = Truth(), set(partitions)
    while open_partitions:
        for message in consumer.consume(10_000, 1.0):
            error = message.error()
            if error is not None:
                if error.code() == KafkaError._PARTITION_EOF:  # noqa: SLF001 - its only name
                    open_partitions.discard(message.partition())
                continue
            place = (message.partition() or 0, message.offset() or 0)
            if place in bad:
                truth.bad[place] = bad[place]
            else:
                event = json.loads(message.value() or b"")
                truth.events[place] = (
                    event["timestamp"], event["id"], event["antenna_id"], event["bytes"], event["app"],
                )  # fmt: skip
    consumer.close()
    return truth


def find_violations(world: World, truth: Truth) -> dict[str, int]:
    """Return how many rows are twice, lost, wrong, and every other disagreement by name; all 0 when all is well."""
    rows = world.lake_rows()
    places = [(int(str(row[6])), int(str(row[7]))) for row in rows]
    found = Counter(places)
    kept = {
        place: (int(str(row[0])) // 1_000_000, *row[1:5]) for place, row in zip(places, rows, strict=True)
    }
    letters = {
        (partition, offset): reason
        for partition, offset, reason in world.query(
            "SELECT kafka_partition::bigint, kafka_offset, reason FROM antennactl.dead_letter"
        ).iter_rows()
    }
    return {
        "duplicates": sum(count - 1 for count in found.values()),
        "losses": len(truth.events.keys() - found.keys()) + len(truth.bad.keys() - letters.keys()),
        "strangers": len(found.keys() - truth.events.keys()) + len(letters.keys() - truth.bad.keys()),
        "wrong rows": sum(truth.events.get(place) != row for place, row in kept.items()),
        "wrong reasons": sum(truth.bad.get(place) != reason for place, reason in letters.items()),
        "wrong totals": _wrong_totals(world, truth),
        "wrong violators": _wrong_violators(world, truth),
        "staged files": len(world.staged_files()),
    }


def _sum(truth: Truth, width_s: int) -> dict[tuple[int, str, str], int]:
    sums: Counter[tuple[int, str, str]] = Counter()
    for second, user, antenna, size, app in truth.events.values():
        start = second // width_s * width_s
        sums[start, "user_total_bytes", user] += size
        sums[start, "antenna_total_bytes", antenna] += size
        sums[start, "app_total_bytes", app] += size
    return dict(sums)


def _wrong_totals(world: World, truth: Truth) -> int:
    wrong = 0
    for table, width_s in (("bytes", 300), ("bytes_hourly", 3600)):
        rows = world.query(
            f"SELECT extract(epoch FROM timestamp)::bigint, type, id, value FROM public.{table}"
        )
        found = {(start, kind, key): value for start, kind, key, value in rows.iter_rows()}
        expected = _sum(truth, width_s)
        wrong += sum(found.get(key) != expected.get(key) for key in found.keys() | expected.keys())
    return wrong


def _wrong_violators(world: World, truth: Truth) -> int:
    users = {
        user: (email, quota)
        for user, email, quota in world.query("SELECT id, email, quota FROM user_metadata").iter_rows()
    }
    expected = {
        (users[key][0], start, value)
        for (start, kind, key), value in _sum(truth, 3600).items()
        if kind == "user_total_bytes" and key in users and value > users[key][1]
    }
    rows = world.query("SELECT email, extract(epoch FROM timestamp)::bigint, usage FROM user_quota_limit")
    return len(expected ^ set(rows.iter_rows()))


def bad_of(logs: list[Path]) -> dict[tuple[int, int], str]:
    """Return place → reason of every malformed message in the producers' logs."""
    bad = {}
    for path in logs:
        if not path.exists() or path.stat().st_size == 0:
            continue  # the end came before this producer began
        sent = pl.read_csv(path, infer_schema=False).filter(pl.col("kind") == "malformed")
        for partition, offset, reason in sent.select("kafka_partition", "kafka_offset", "reason").iter_rows():
            bad[int(partition), int(offset)] = reason
    return bad


def count_files(lake: Path) -> int:
    """Return how many files stand in the lake."""
    with duckdb.connect() as session:
        ((n,),) = session.execute(
            "SELECT count(*) FROM glob(?)", [str(lake / "data/*/*/*/*/*.parquet")]
        ).fetchall()
    return int(n)
