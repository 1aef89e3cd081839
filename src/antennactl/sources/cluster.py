"""Settings in, what a cluster says of the topic out: its id, partitions and offsets; refusals as errors of ours."""

import logging
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, wait
from dataclasses import dataclass
from typing import Final, TypeVar

from confluent_kafka import (
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from antennactl.errors import AntennactlError, KafkaUnavailableError, UsageError
from antennactl.rules.kafka_names import refusal_hint
from antennactl.settings import Settings
from antennactl.sources.refusals import is_refusal, refusal

log = logging.getLogger("antennactl.kafka")
# Every attempt to connect that fails would be a line, in commands that set no log up; what matters is raised.
log.setLevel(logging.CRITICAL)

_T = TypeVar("_T")
_ADMIN_TIMEOUT_S: Final = 5.0

# Defaults a user may replace with -X. The back-off: with the default of 1 s a partition whose queue is full is not
# fetched for that long. The sizes count compressed bytes: very compressible data takes many times as much memory,
# and an answer of the broker for many partitions is as large as fetch.max.bytes lets it be.
_TUNING: Final = {
    "fetch.queue.backoff.ms": "10",
    "queued.min.messages": "100000",
    "queued.max.messages.kbytes": "16384",
    "fetch.message.max.bytes": "262144",
    "fetch.max.bytes": "2097152",
    "fetch.error.backoff.ms": "200",
    "reconnect.backoff.max.ms": "2000",
    "topic.metadata.refresh.interval.ms": "10000",
    "partition.assignment.strategy": "range",
    "client.id": "antennactl",
}
_MOVING_ERRORS: Final = frozenset(
    {KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE, KafkaError.UNKNOWN_TOPIC_OR_PART}
)
_MOVING_PAUSE_S: Final = 0.1
_LISTEN_S: Final = 0.1


@dataclass(frozen=True)
class Topic:
    """A topic as the cluster knows it now. Deleted and made again under the same name it has another id."""

    name: str
    topic_id: str
    partitions: tuple[int, ...]


class Cluster:
    """The topic's own facts: its id, partitions and offsets. Every method waits for the cluster, 5 s at most.

    `heard` is what the admin's error callback adds to: that the cluster refuses us is told nowhere else. It ends the
    waiting at once.
    """

    def __init__(self, settings: Settings, admin: AdminClient, heard: list[KafkaError]) -> None:
        self._heard = heard
        self._topic = settings.topic
        self._servers = settings.bootstrap_servers
        self._admin = admin

    def describe_topic(self) -> Topic:
        """Return the topic. Raises KafkaUnavailableError when it does not exist or the cluster does not answer."""
        return self.await_topic(self.ask_topic())

    def ask_topic(self) -> "Future[object]":
        """Start asking for the topic; `await_topic` has the answer."""
        asked = self._admin.describe_topics(TopicCollection([self._topic]), request_timeout=_ADMIN_TIMEOUT_S)
        return asked[self._topic]

    def await_topic(self, asked: "Future[object]") -> Topic:
        """Return the answer to `ask_topic`."""
        try:
            found = self._wait(asked)
        except KafkaException as error:
            raise unavailable(self._topic, error.args[0], self._servers) from error
        partitions = tuple(sorted(item.id for item in found.partitions))  # type: ignore[attr-defined]
        return Topic(self._topic, str(found.topic_id), partitions)  # type: ignore[attr-defined]

    def log_starts(self, partitions: Iterable[int]) -> dict[int, int]:
        """Return the oldest offset that each partition still has."""
        return self._list_known(partitions, OffsetSpec.earliest())  # type: ignore[no-untyped-call]

    def end_offsets(self, partitions: Iterable[int]) -> dict[int, int]:
        """Return the offset after the last one that a read-committed consumer gets from each partition."""
        return self._list_known(partitions, OffsetSpec.latest())  # type: ignore[no-untyped-call]

    def offsets_at(self, partitions: Iterable[int], timestamp_ms: int) -> dict[int, int]:
        """Return the first offset whose record timestamp is not before `timestamp_ms`; the end where there is none."""
        numbers = list(partitions)
        found = self._list_offsets(numbers, OffsetSpec.for_timestamp(timestamp_ms))
        missing = [partition for partition in numbers if found[partition] < 0]
        return {**found, **(self.end_offsets(missing) if missing else {})}

    def _list_known(self, partitions: Iterable[int], spec: OffsetSpec) -> dict[int, int]:
        """Return offsets that a partition always has. A broker that is starting may answer that there is none."""
        found = self._list_offsets(partitions, spec)
        if any(offset < 0 for offset in found.values()):
            raise KafkaUnavailableError(
                f"Kafka at {self._servers} does not know the offsets of {self._topic} yet"
            )
        return found

    def _list_offsets(self, partitions: Iterable[int], spec: OffsetSpec) -> dict[int, int]:
        wanted = {TopicPartition(self._topic, partition): spec for partition in partitions}
        if not wanted:
            return {}
        deadline = time.monotonic() + _ADMIN_TIMEOUT_S
        while True:
            asked = self._admin.list_offsets(
                wanted, isolation_level=IsolationLevel.READ_COMMITTED, request_timeout=_ADMIN_TIMEOUT_S
            )
            try:
                return {item.partition: self._wait(future).offset for item, future in asked.items()}
            except KafkaException as error:
                # A topic that was just made, or a leader that just moved, is a matter of moments.
                if error.args[0].code() in _MOVING_ERRORS and time.monotonic() < deadline:
                    time.sleep(_MOVING_PAUSE_S)
                    continue
                raise unavailable(self._topic, error.args[0], self._servers) from error

    def _wait(self, asked: "Future[_T]") -> _T:
        """Return the answer; raise KafkaRefusedError as soon as the cluster is known to refuse us."""
        self._heard.clear()
        deadline = time.monotonic() + _ADMIN_TIMEOUT_S + 1
        while not wait([asked], _LISTEN_S).done:
            self._admin.poll(0)
            for error in self._heard:
                if is_refusal(error):
                    raise refusal(error, self._servers)
            if time.monotonic() > deadline:
                raise KafkaUnavailableError(f"cannot reach Kafka at {self._servers} (timed out)")
        return asked.result()


class TopicCheck:
    """Asks for the topic's id after a poll: having ours now, it had ours at every poll before. No id comes back."""

    def __init__(self, cluster: Cluster, check: Callable[[Topic], None]) -> None:
        self._cluster = cluster
        self._check = check
        self._asked = cluster.ask_topic()

    def confirm(self) -> None:
        """Return when the topic is the one we read; raise what `check` raises, or KafkaUnavailableError: ask again."""
        try:
            topic = self._cluster.await_topic(self._asked)
        except KafkaUnavailableError:
            self._asked = self._cluster.ask_topic()
            raise
        self._check(topic)


def connect_cluster(settings: Settings) -> Cluster:
    """Return the topic's facts, asked over a connection of their own."""
    heard: list[KafkaError] = []
    return Cluster(settings, _admin(settings, heard.append), heard)


def _admin(settings: Settings, on_error: Callable[[KafkaError], None]) -> AdminClient:
    consumer_only = {
        "fetch.queue.backoff.ms",
        "queued.min.messages",
        "queued.max.messages.kbytes",
        "fetch.message.max.bytes",
        "fetch.max.bytes",
        "fetch.error.backoff.ms",
        "partition.assignment.strategy",
        "group.instance.id",
        "group.protocol",
        "session.timeout.ms",
        "heartbeat.interval.ms",
        "max.poll.interval.ms",
    }
    properties = {
        key: value for key, value in consumer_properties(settings).items() if key not in consumer_only
    }
    try:
        return AdminClient({**properties, "error_cb": on_error}, logger=log)  # type: ignore[dict-item]
    except (KafkaException, ValueError) as error:
        reason = reason_of(error)
        raise UsageError(f"Kafka: {reason}", hint=refusal_hint(reason)) from error


def consumer_properties(settings: Settings) -> dict[str, str]:
    """Return librdkafka's properties for a consumer: ours, and over them the user's."""
    return {**_TUNING, **settings.kafka_properties, "bootstrap.servers": settings.bootstrap_servers}


def reason_of(error: Exception) -> str:
    """Return what librdkafka says of an error."""
    first = error.args[0] if error.args else error
    return first.str() if isinstance(first, KafkaError) else str(first)


def unavailable(topic: str, error: KafkaError, servers: str = "") -> AntennactlError:
    """Return the error of ours that says best what `error` means for the topic."""
    at = f" at {servers}" if servers else ""
    if error.code() == KafkaError.TOPIC_EXCEPTION:
        return UsageError(f"Kafka{at} takes no topic of the name {topic}", hint="check --topic")
    if error.code() == KafkaError.UNKNOWN_TOPIC_OR_PART:
        return KafkaUnavailableError(
            f"Kafka{at} has no topic {topic}", hint="make it, or start the traffic: antennactl simulate"
        )
    if is_refusal(error):
        return refusal(error, servers)
    return KafkaUnavailableError(
        f"cannot reach Kafka{at} ({error.str()})",
        hint="check --bootstrap-servers, or start with: antennactl demo",
    )
