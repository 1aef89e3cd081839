"""One member of a consumer group in, raw messages with their offsets out.

Rebalance callbacks only record. They answer the group with an empty assignment, so that nothing is fetched until the
loop has read the ledger and assigns with its offsets: Kafka's own copy of the offsets is never read.
"""

import contextlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar

from confluent_kafka import (
    OFFSET_INVALID,
    Consumer,
    KafkaError,
    KafkaException,
    Message,
    TopicPartition,
)

from antennactl import failpoints
from antennactl.errors import UsageError
from antennactl.native import MessageQueue, Messages, make_queue, plugin_property
from antennactl.rules.kafka_names import refusal_hint
from antennactl.settings import Settings
from antennactl.sources.cluster import (
    connect_cluster,
    consumer_properties,
    log,
    reason_of,
    unavailable,
)
from antennactl.sources.refusals import end_of_client, is_end, is_refusal

_T = TypeVar("_T")
# What the consumer itself may hold beside a queue of ours: errors of no partition.
_FEW: Final = 100
_LOST_ERRORS: Final = frozenset({KafkaError._AUTO_OFFSET_RESET, KafkaError.OFFSET_OUT_OF_RANGE})


@dataclass
class Polled:
    """What one poll brought: three parallel lists, and the partitions whose end was met (with the offset there)."""

    payloads: Sequence[bytes | None] = ()
    partitions: Sequence[int] = ()
    offsets: Sequence[int] = ()
    ends: dict[int, int] = field(default_factory=dict)
    is_out_of_range: bool = False

    @property
    def n_bytes(self) -> int:
        """The size of all payloads."""
        if isinstance(self.payloads, Messages):
            return self.payloads.n_bytes
        return sum(map(len, filter(None, self.payloads)))


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
        properties = consumer_properties(settings)
        self._instance = properties.get("group.instance.id")
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
            plugin = {} if settings.pure else plugin_property()
            self._consumer = Consumer({**properties, **own, **plugin, "error_cb": self._on_error}, logger=log)
        except (KafkaException, ValueError) as error:
            reason = reason_of(error)
            raise UsageError(f"Kafka: {reason}", hint=refusal_hint(reason)) from error
        self._queue = make_queue(self._consumer) if plugin else None
        self.cluster = connect_cluster(settings)

    def subscribe(self) -> None:
        """Join the group."""
        self._consumer.subscribe(
            [self._topic], on_assign=self._on_assign, on_revoke=self._on_revoke, on_lost=self._on_lost
        )

    @property
    def is_native(self) -> bool:
        """Whether messages come by the native library."""
        return self._queue is not None

    @property
    def granted(self) -> frozenset[int]:
        """The partitions that the group gave to this member, whether it reads them yet or not."""
        return frozenset(self._granted)

    def assign(self, offsets: Mapping[int, int]) -> None:
        """Read each partition from its offset, in place of whatever was read before."""
        self.unassign()
        partitions = [TopicPartition(self._topic, partition, offset) for partition, offset in offsets.items()]
        if self._queue is not None:
            self._queue.direct(self._topic, offsets)
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
            if is_end(self._fatal):
                raise end_of_client(self._fatal, self._instance)
            raise unavailable(self._topic, self._fatal)
        polled = Polled()
        if self._queue is None:
            self._consume(polled, max_messages, timeout_s)
        elif not self._assigned:
            self._consume(polled, 1, timeout_s)  # callbacks alone, which come to the consumer
        else:
            self._consume(polled, _FEW, 0)
            if polled.payloads:  # not by the queue: read it all again, directed anew
                return Polled(is_out_of_range=True)
            self._take(self._queue, polled, max_messages, 0 if self.is_rebalanced else timeout_s)
        return polled

    def _consume(self, polled: Polled, max_messages: int, timeout_s: float) -> None:
        messages = self._consumer.consume(max_messages, timeout_s)
        if any(map(Message.error, messages)):
            messages = self._set_errors_apart(messages, polled)
        polled.payloads = list(map(Message.value, messages))
        polled.partitions = list(map(_partition, messages))
        polled.offsets = list(map(_offset, messages))

    def _take(self, queue: MessageQueue, polled: Polled, max_messages: int, timeout_s: float) -> None:
        messages = queue.take(max_messages, timeout_s)
        for event in messages.events:
            error = KafkaError(event.code, event.text)
            self._note_error(polled, error, event.partition, event.offset)
        polled.payloads = messages
        polled.partitions, polled.offsets = messages.partitions, messages.offsets

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
        if self._queue is not None:
            self._queue.close()
            self._queue = None
        with contextlib.suppress(KafkaException, RuntimeError):
            self._consumer.close()

    def _partitions(self, numbers: Iterable[int]) -> list[TopicPartition]:
        return [TopicPartition(self._topic, number) for number in sorted(numbers)]

    def _call(self, function: Callable[[list[TopicPartition]], _T], partitions: list[TopicPartition]) -> _T:
        try:
            return function(partitions)
        except KafkaException as error:
            raise unavailable(self._topic, error.args[0]) from error

    def _set_errors_apart(self, messages: list[Message], polled: Polled) -> list[Message]:
        good = []
        for message in messages:
            error = message.error()
            if error is None:
                good.append(message)
            else:
                self._note_error(polled, error, _partition(message), _offset(message))
        return good

    def _note_error(self, polled: Polled, error: KafkaError, partition: int, offset: int) -> None:
        if error.code() == KafkaError._PARTITION_EOF:
            polled.ends[partition] = offset
        elif error.code() in _LOST_ERRORS:
            polled.is_out_of_range = True
        else:
            self._on_error(error)

    def _on_error(self, error: KafkaError) -> None:
        if is_refusal(error) or is_end(error):
            self._fatal = error
        log.debug("Kafka: %s", error.str())

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
