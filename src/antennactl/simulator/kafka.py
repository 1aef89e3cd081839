"""Messages in, offsets out: a producer that hides no loss, and the topic it writes to."""

import gc
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final

import polars as pl
from confluent_kafka import KafkaError, KafkaException, Message, Producer
from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined] # its stub hides it

from antennactl.errors import KafkaRefusedError, KafkaUnavailableError, UsageError
from antennactl.rules.kafka_names import refusal_hint
from antennactl.simulator.sinks import Delivery
from antennactl.sources.refusals import is_refusal, refusal

N_PARTITIONS: Final = 4
"""Partitions of a topic that is made here, as in the exercise."""
_LOG: Final = logging.getLogger(__name__)
_SLICE_S: Final = 0.5
"""Longest single wait inside librdkafka: signals are handled between two of them."""
Report = int | KafkaError | None
"""The offset of a message that was acknowledged, or what went wrong; None: no report."""
_USAGE_ERRORS: Final = (KafkaError.TOPIC_EXCEPTION, KafkaError.POLICY_VIOLATION, KafkaError.INVALID_CONFIG)

# What goes wrong comes through error_cb and the reports; the log would repeat it at every attempt to connect.
_CONNECTION: Final = {"log_level": "2"}
# Measured on two cores that also ran the broker: lz4 is a little faster than zstd, a short linger no slower
# than none.
_PRODUCER: Final = {
    "linger.ms": "5",
    "batch.size": "1000000",
    "compression.type": "lz4",
    "queue.buffering.max.messages": "200000",
    "acks": "all",
    "enable.idempotence": "true",
}


class KafkaSink:
    """Sends to the partition that each message names, key null, record timestamp left to the client.

    Event time stands in the JSON alone: a record timestamp in the past would have retention delete it in
    minutes. The producer is idempotent, unless the properties say otherwise: an acknowledged message is in
    the topic once, and in order within its partition if the queue holds a whole lot, as ours does.
    """

    def __init__(
        self,
        topic: str,
        bootstrap_servers: str,
        properties: Mapping[str, str],
        *,
        wait_s: float,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Connect, and make the topic with N_PARTITIONS if it is missing.

        `properties` are librdkafka's and override our defaults. Raises UsageError for a property or a topic
        name that Kafka refuses, KafkaRefusedError for refused credentials or an untrusted certificate, and
        KafkaUnavailableError after `wait_s` without an answer, or once `stopped`.
        """
        self._topic = topic
        self._wait_s = wait_s
        self._last_error = ""
        self._refusal: KafkaRefusedError | None = None
        self._servers = bootstrap_servers
        connection = _CONNECTION | {"bootstrap.servers": bootstrap_servers, **properties}
        limits = {"message.timeout.ms": str(max(1, int(wait_s * 1000)))}
        try:
            self._producer = Producer(_PRODUCER | limits | connection, error_cb=self._remember, logger=_LOG)
            admin = AdminClient(dict(connection), logger=_LOG)
        except KafkaException as error:
            reason = error.args[0].str()
            raise UsageError(f"Kafka refuses the properties: {reason}", hint=refusal_hint(reason)) from error
        self._deadline = time.monotonic() + wait_s
        self._stopped = stopped
        self.n_partitions: int = self._find_topic(admin) or self._create_topic(admin)

    def send(self, messages: pl.DataFrame) -> Delivery:
        """Send `messages`, wait for each one's report, and return those acknowledged with their offsets.

        Takes at most about `wait_s` when the broker is away. A message whose report is an error may be in the
        topic all the same.
        """
        reports: list[Report] = [None] * messages.height
        numbered = messages.select("kafka_partition", "payload").with_row_index("row")
        with _collection_paused():
            for (partition,), rows in numbered.partition_by("kafka_partition", as_dict=True).items():
                self._produce(_wrap(rows, reports), partition)
            while self._producer.flush(_SLICE_S):
                pass
        return self._deliver(messages, reports)

    def close(self) -> None:
        """Drop what is still queued and end the producer's threads."""
        self._producer.purge()
        self._producer.close()

    def _produce(self, envelopes: list[dict[str, Any]], partition: int) -> None:
        """Queue one partition's messages; those that a full queue refuses go after the others."""
        while envelopes:
            self._producer.produce_batch(self._topic, envelopes, partition=partition)
            refused = [item for item in envelopes if "_error" in item]
            for item in refused:
                error = item.pop("_error")
                if error.code() != KafkaError._QUEUE_FULL:  # noqa: SLF001 - librdkafka's public names begin so
                    item["callback"](error, None)
                    item["settled"] = True
            envelopes = [item for item in refused if "settled" not in item]
            self._producer.poll(_SLICE_S if envelopes else 0)

    def _deliver(self, messages: pl.DataFrame, reports: Sequence[Report]) -> Delivery:
        offsets = [report if isinstance(report, int) else None for report in reports]
        arrived = messages.with_columns(pl.Series("kafka_offset", offsets, dtype=pl.Int64))
        failed = [report for report in reports if not isinstance(report, int)]
        if not failed:
            return Delivery(arrived)
        reason = self._last_error or (failed[0].str() if failed[0] is not None else "no report")
        error = KafkaUnavailableError(
            f"Kafka did not acknowledge {len(failed):,} of {len(reports):,} messages: {reason}",
            hint="the log of sent messages names only what was acknowledged",
        )
        return Delivery(arrived.drop_nulls("kafka_offset"), error)

    def _find_topic(self, admin: AdminClient) -> int | None:
        """Return the topic's number of partitions, None if there is no such topic.

        Waits for a broker that answers, and for a leader of every partition.
        """
        while True:
            try:
                # Naming the topic here would make the broker create it, with its own number of partitions.
                topics = admin.list_topics(timeout=min(_SLICE_S * 4, self._wait_s)).topics
            except KafkaException as error:
                if is_refusal(error.args[0]):
                    raise refusal(error.args[0], self._servers) from error
                self._wait_on(error.args[0].str())
                continue
            found = topics.get(self._topic)
            if found is None:
                return None
            if found.partitions and all(partition.leader >= 0 for partition in found.partitions.values()):
                return len(found.partitions)
            self._wait_on(f"topic {self._topic} has partitions without a leader")

    def _create_topic(self, admin: AdminClient) -> int:
        """Make the topic and return its number of partitions once the metadata shows it."""
        wanted = NewTopic(self._topic, num_partitions=N_PARTITIONS)
        try:
            admin.create_topics([wanted])[self._topic].result(self._wait_s)
        except TimeoutError as error:
            message = f"no answer to the creation of the topic {self._topic}"
            raise KafkaUnavailableError(message) from error
        except KafkaException as error:
            reason: KafkaError = error.args[0]
            if is_refusal(reason):
                raise refusal(reason, self._servers) from error
            if reason.code() != KafkaError.TOPIC_ALREADY_EXISTS:
                message = f"cannot create the topic {self._topic}: {reason.str()}"
                kind = UsageError if reason.code() in _USAGE_ERRORS else KafkaUnavailableError
                raise kind(message) from error
        while (found := self._find_topic(admin)) is None:
            self._wait_on(f"topic {self._topic} was made and is not visible yet")
        return found

    def _wait_on(self, reason: str) -> None:
        """Let a moment pass. Raises KafkaUnavailableError when the time is up or a stop was asked for."""
        self._producer.poll(0.1)
        if self._refusal is not None:
            raise self._refusal
        if time.monotonic() > self._deadline or self._stopped():
            message = f"cannot reach Kafka: {self._last_error or reason}"
            raise KafkaUnavailableError(message, hint="check --bootstrap-servers and the -X properties")

    def _remember(self, error: KafkaError) -> None:
        """Keep the reason: failures of authentication and of the whole cluster are told nowhere else."""
        if is_refusal(error):
            self._refusal = refusal(error, self._servers)
        if error.code() != KafkaError._ALL_BROKERS_DOWN or not self._last_error:  # noqa: SLF001 - as above
            self._last_error = error.str()


def _wrap(rows: pl.DataFrame, reports: list[Report]) -> list[dict[str, Any]]:
    """Return the envelopes of `rows` (row, payload) for `produce_batch`; each is reported at its place."""
    payloads = zip(rows["row"].to_list(), rows["payload"].to_list(), strict=True)
    return [{"value": value, "callback": partial(_report, reports, row)} for row, value in payloads]


def _report(reports: list[Report], row: int, error: KafkaError | None, message: Message | None) -> None:
    # An error is tested by identity: the truth of a KafkaError is not ours to rely on.
    reports[row] = error if error is not None else message.offset() if message is not None else None


@contextmanager
def _collection_paused() -> Iterator[None]:
    """Keep the cycle collector away: it costs a third of the throughput, and there are no cycles to find."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
