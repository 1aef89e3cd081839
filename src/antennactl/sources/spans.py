"""Stretches of offsets in, the messages that the topic still has there out, decoded: for rebuilding what was lost."""

import time
from collections.abc import Iterator
from typing import Final

import polars as pl

from antennactl.decode import Decode, Decoded, decode_messages
from antennactl.errors import KafkaUnavailableError
from antennactl.rules.stretches import PLACE, join_near, keep_inside
from antennactl.schemas import EVENTS, MIN_TIMESTAMP_S, REJECTS
from antennactl.sources.kafka import KafkaSource, Polled

_MESSAGES: Final = 10_000
_POLL_S: Final = 0.1
_SILENCE_S: Final = 30.0
# Reading on over this many messages is quicker than a new beginning.
_NEAR: Final = 5_000
# How far before a partition's first row the last message that was not read is looked for at first.
_LOOK_BACK: Final = 1_000


def read_stretches(
    source: KafkaSource, wanted: pl.DataFrame, decode: Decode = decode_messages
) -> Iterator[Decoded]:
    """Yield what the topic still has at the offsets of `wanted`, as events and rejects, a chunk at a time.

    `wanted`: STRETCHES of this topic that do not overlap. Offsets that retention took are passed over. Reads for
    itself, in no group. Raises KafkaUnavailableError when nothing comes for 30 s.
    """
    for _, partition, first, end in join_near(wanted, _NEAR).iter_rows():
        for polled in _read_on(source, partition, first, end):
            decoded = _decode_inside(polled, wanted, decode)
            if decoded is not None:
                yield decoded
    source.unassign()


def find_first_read(
    source: KafkaSource,
    place: tuple[str, int],
    start: int,
    first: int,
    decode: Decode = decode_messages,
) -> tuple[int, pl.DataFrame]:
    """Return the offset that reading of a partition began at, before `first` of its rows, and REJECTS from there on.

    `place` is (topic_id, kafka_partition), `start` the oldest offset that the topic has of it. A valid message says
    that reading began after it, since it would be a row otherwise.
    """
    rejects, end, width = [REJECTS.to_frame()], first, _LOOK_BACK
    while end > start:
        begin = max(start, end - width)
        wanted = pl.DataFrame(
            [(*place, begin, end)], schema=[*PLACE, "first_offset", "next_offset"], orient="row"
        )
        found = list(read_stretches(source, wanted.cast({"kafka_partition": pl.Int32}), decode))
        newest = pl.concat([EVENTS.to_frame(), *(part.events for part in found)])["kafka_offset"].max()
        rejects.extend(part.rejects for part in found)
        if newest is not None:
            start = int(str(newest)) + 1
        end, width = begin, width * 8
    return start, pl.concat(rejects).filter(pl.col("kafka_offset") >= start)


def _read_on(source: KafkaSource, partition: int, first: int, end: int) -> Iterator[Polled]:
    """Yield polls of a partition until the consumer is past `end`, or at the partition's own."""
    position = max(first, source.cluster.log_starts([partition])[partition])
    if position >= end:
        return
    source.assign({partition: position})
    heard_at = time.monotonic()
    while position < end:
        polled = source.poll(min(_MESSAGES, end - position), _POLL_S)
        if polled.is_out_of_range:
            # Retention came by since it was asked.
            yield from _read_on(source, partition, position, end)
            return
        if polled.payloads:
            heard_at = time.monotonic()
            yield polled
        if partition in polled.ends:
            return
        position = max(position, source.positions().get(partition, -1))
        if time.monotonic() - heard_at > _SILENCE_S:
            message = f"Kafka sent nothing of partition {partition} for {_SILENCE_S:.0f} s"
            raise KafkaUnavailableError(message)


def _decode_inside(polled: Polled, wanted: pl.DataFrame, decode: Decode) -> Decoded | None:
    """Decode what lies in `wanted`, and that alone: it may be one message of a thousand that were read over."""
    columns = {"kafka_partition": polled.partitions, "kafka_offset": polled.offsets}
    schema = {"kafka_partition": pl.Int32(), "kafka_offset": pl.Int64()}
    read = (
        pl.DataFrame(columns, schema=schema)
        .with_row_index("place")
        .with_columns(topic_id=pl.lit(wanted.item(0, "topic_id")))
    )
    inside = keep_inside(read, wanted).sort("place")
    if inside.is_empty():
        return None
    payloads = [polled.payloads[place] for place in inside["place"]]
    partitions, offsets = inside["kafka_partition"].to_list(), inside["kafka_offset"].to_list()
    return decode(payloads, partitions, offsets, int(time.time()), MIN_TIMESTAMP_S)
