"""Stretches of offsets in, the messages that the topic still has there out, decoded: for rebuilding what was lost."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl

from antennactl.decode import Decoded, decode_messages
from antennactl.errors import DataLossError, KafkaUnavailableError
from antennactl.schemas import EVENTS, REJECTS
from antennactl.sources.kafka import KafkaSource

_MESSAGES: Final = 10_000
_POLL_S: Final = 0.5
_SILENCE_S: Final = 30.0


@dataclass(frozen=True)
class Span:
    """Offsets [first_offset, next_offset) of a partition."""

    kafka_partition: int
    first_offset: int
    next_offset: int


def read_span(source: KafkaSource, span: Span) -> Iterator[Decoded]:
    """Yield what the topic has of a span, as events and rejects with their offsets, a chunk at a time.

    Reads for itself, in no group. Raises KafkaUnavailableError when nothing comes for 30 s.
    """
    source.assign({span.kafka_partition: span.first_offset})
    heard_at = time.monotonic()
    while True:
        polled = source.poll(_MESSAGES, _POLL_S)
        if polled.is_out_of_range:
            message = f"partition {span.kafka_partition} no longer has offset {span.first_offset}"
            raise DataLossError(message, hint="retention took it")
        if polled.payloads:
            heard_at = time.monotonic()
            decoded = decode_messages(polled.payloads, polled.partitions, polled.offsets, int(time.time()))
            is_inside = pl.col("kafka_offset") < span.next_offset
            yield Decoded(decoded.events.filter(is_inside), decoded.rejects.filter(is_inside))
        position = source.positions().get(span.kafka_partition, -1)
        if position >= span.next_offset or span.kafka_partition in polled.ends:
            return
        if time.monotonic() - heard_at > _SILENCE_S:
            message = f"Kafka sent nothing of partition {span.kafka_partition} for {_SILENCE_S:.0f} s"
            raise KafkaUnavailableError(message)


def read_spans(source: KafkaSource, spans: list[Span]) -> tuple[Decoded, list[Span]]:
    """Return what the topic has of all spans, and the parts of them that retention took.

    Meant for what is little beside the lake: all of it is in memory at once.
    """
    events, rejects, gone = [EVENTS.to_frame()], [REJECTS.to_frame()], []
    log_starts = source.cluster.log_starts({span.kafka_partition for span in spans})
    for span in spans:
        start = max(span.first_offset, log_starts[span.kafka_partition])
        if start > span.first_offset:
            gone.append(Span(span.kafka_partition, span.first_offset, min(start, span.next_offset)))
        if start < span.next_offset:
            for decoded in read_span(source, Span(span.kafka_partition, start, span.next_offset)):
                events.append(decoded.events)
                rejects.append(decoded.rejects)
    source.unassign()
    return Decoded(pl.concat(events), pl.concat(rejects)), gone
