"""One member of a consumer group in, raw messages with their offsets out; the topic's own facts beside them.

Rebalance callbacks only record. They answer the group with an empty assignment, so that nothing is fetched until the
loop has read the ledger and assigns with its offsets: Kafka's own copy of the offsets is never read.
"""

import contextlib
import logging
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Final, TypeVar

from confluent_kafka import (
    OFFSET_INVALID,
    Consumer,
    IsolationLevel,
    KafkaError,
    KafkaException,
    Message,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, OffsetSpec  # type: ignore[attr-defined]

from antennactl import failpoints
from antennactl.errors import AntennactlError, KafkaUnavailableError, UsageError
from antennactl.rules.kafka_names import refusal_hint
from antennactl.settings import Settings
from antennactl.sources.refusals import is_refusal, refusal

_log = logging.getLogger("antennactl.kafka")
# Every attempt to connect that fails would be a line, in commands that set no log up; what matters is raised.
_log.setLevel(logging.CRITICAL)

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
_LOST_ERRORS: Final = frozenset({KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE})


@dataclass(frozen=True)
class Topic:
    """A topic as the cluster knows it now. Deleted and made again under the same name it has another id."""

    name: str
    topic_id: str
    partitions: tuple[int, ...]


@dataclass
class Polled:
    """What one poll brought: three parallel lists, and the partitions whose end was met (with the offset there)."""

    payloads: list[bytes | None] = field(default_factory=list)
    partitions: list[int] = field(default_factory=list)
    offsets: list[int] = field(default_factory=list)
    ends: dict[int, int] = field(default_factory=dict)
    is_out_of_range: bool = False


# Typed as optional, for messages that were never sent; those of a consumer have both.
_partition: Callable[[Message], int] = Message.partition  # type: ignore[assignment]
_offset: Callable[[Message], int] = Message.offset  # type: ignore[assignment]


class KafkaSource:
    """Reads one topic as a member of a group, from offsets that the caller gives.

    Methods that talk to the cluster and wait for it raise KafkaUnavailableError.
    """

    def __init__(self, settings: Settings) -> None:
        self._topic = settings.topic
        self._assigned: set[int] = set()
        self._granted: set[int] = set()
        self._fatal: KafkaError | None = None
        self.is_rebalanced = False
        properties = _properties(settings)
        self._is_incremental = (
            properties.get("group.protocol") == "consumer"
            or properties.get("partition.assignment.strategy") == "cooperative-sticky"
        )
        if properties.get("group.protocol") == "consumer":
            properties.pop("partition.assignment.strategy", None)
        own = {
            "group.id": settings.group,
            "enable.auto.commit": "false",
            "enable.auto.offset.store": "false",
            "auto.offset.reset": "error",
            "enable.partition.eof": "true",
            "isolation.level": "read_committed",
        }
        try:
            self._consumer = Consumer({**properties, **own, "error_cb": self._on_error}, logger=_log)
        except (KafkaException, ValueError) as error:
            reason = _reason(error)
            raise UsageError(f"Kafka: {reason}", hint=refusal_hint(reason)) from error
        self.cluster = connect_cluster(settings)

    def subscribe(self) -> None:
        """Join the group."""
        self._consumer.subscribe(
            [self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    @property
    def granted(self) -> frozenset[int]:
        """The partitions that the group gave to this member, whether it reads them yet or not."""
        return frozenset(self._granted)

    def assign(self, offsets: Mapping[int, int]) -> None:
        """Read each partition from its offset, in place of whatever was read before."""
        self.unassign()
        partitions = [TopicPartition(self._topic, partition, offset) for partition, offset in offsets.items()]
        self._call(
            self._consumer.incremental_assign if self._is_incremental else self._consumer.assign, partitions
        )
        self._assigned = set(offsets)
        # A partition stays paused beyond its assignment: without this it is never fetched again.
        self.resume()

    def unassign(self) -> None:
        """Read nothing, but stay in the group."""
        if not self._assigned:
            return
        if self._is_incremental:
            self._call(self._consumer.incremental_unassign, self._partitions(self._assigned))
        else:
            self._call(self._consumer.assign, [])
        self._assigned = set()

    def poll(self, max_messages: int, timeout_s: float) -> Polled:
        """Return up to `max_messages` that came within `timeout_s`; serves the group's callbacks.

        Raises KafkaUnavailableError for what does not mend by waiting, such as refused credentials.
        """
        if self._fatal is not None:
            raise _unavailable(self._topic, self._fatal)
        messages = self._consumer.consume(max_messages, timeout_s)
        polled = Polled()
        if any(map(Message.error, messages)):
            messages = self._set_errors_apart(messages, polled)
        polled.payloads = list(map(Message.value, messages))
        polled.partitions = list(map(_partition, messages))
        polled.offsets = list(map(_offset, messages))
        return polled

    def positions(self) -> dict[int, int]:
        """Return the next offset of each partition being read, past control records where its end was met."""
        if not self._assigned:
            return {}
        found = self._call(self._consumer.position, self._partitions(self._assigned))
        return {
            item.partition: item.offset
            for item in found
            if item.offset != OFFSET_INVALID and item.offset >= 0
        }

    def pause(self) -> None:
        """Stop fetching, so that polling serves the group alone."""
        self._call(self._consumer.pause, self._partitions(self._assigned))

    def resume(self) -> None:
        """Fetch again."""
        self._call(self._consumer.resume, self._partitions(self._assigned))

    def commit(self, offsets: Mapping[int, int], *, wait: bool = False) -> None:
        """Tell Kafka how far the ledger is, for lag tools only. Never raises: nobody reads it back."""
        known = [
            TopicPartition(self._topic, p, offset) for p, offset in offsets.items() if p in self._granted
        ]
        if known:  # an empty list would commit whatever the consumer is at
            with contextlib.suppress(KafkaException):
                if wait:
                    self._consumer.commit(offsets=known, asynchronous=False)
                else:
                    self._consumer.commit(offsets=known, asynchronous=True)

    def close(self) -> None:
        """Leave the group."""
        with contextlib.suppress(KafkaException, RuntimeError):
            self._consumer.close()

    def _partitions(self, numbers: Iterable[int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, number) for number in sorted(numbers)]

    def _call(self, function: Callable[[list[TopicPartition]], _T], partitions: list[TopicPartition]) -> _T:
        try:
            return function(partitions)
        except KafkaException as error:
            raise _unavailable(self._topic, error.args[0]) from error

    def _set_errors_apart(self, messages: list[Message], polled: Polled) -> list[Message]:
        good = []
        for message in messages:
            error = message.error()
            if error is None:
                good.append(message)
            elif error.code() == KafkaError._PARTITION_EOF:
                polled.ends[_partition(message)] = _offset(message)
            elif error.code() in _LOST_ERRORS:
                polled.is_out_of_range = True
            else:
                self._on_error(error)
        return good

    def _on_error(self, error: KafkaError) -> None:
        if is_refusal(error) or error.fatal():
            self._fatal = error
        _log.debug("Kafka: %s", error.str())

    def _on_assign(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        if self._is_incremental:
            consumer.incremental_assign([])
            self._granted |= {item.partition for item in partitions}
        else:
            consumer.assign([])
            self._granted = {item.partition for item in partitions}
            self._assigned = set()
        self.is_rebalanced = True

    def _on_revoke(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        failpoints.reach("on_revoke")
        numbers = {item.partition for item in partitions}
        if self._is_incremental:
            consumer.incremental_unassign(self._partitions(numbers & self._assigned))
        else:
            consumer.unassign()
        self._assigned -= numbers
        self._granted -= numbers
        self.is_rebalanced = True

    def _on_lost(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        self._on_revoke(consumer, partitions)


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
            raise _unavailable(self._topic, error.args[0], self._servers) from error
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
                raise _unavailable(self._topic, error.args[0], self._servers) from error

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
    properties = {key: value for key, value in _properties(settings).items() if key not in consumer_only}
    try:
        return AdminClient({**properties, "error_cb": on_error}, logger=_log)  # type: ignore[dict-item]
    except (KafkaException, ValueError) as error:
        reason = _reason(error)
        raise UsageError(f"Kafka: {reason}", hint=refusal_hint(reason)) from error


def _properties(settings: Settings) -> dict[str, str]:
    return {**_TUNING, **settings.kafka_properties, "bootstrap.servers": settings.bootstrap_servers}


def _reason(error: Exception) -> str:
    first = error.args[0] if error.args else error
    return first.str() if isinstance(first, KafkaError) else str(first)


def _unavailable(topic: str, error: KafkaError, servers: str = "") -> AntennactlError:
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
