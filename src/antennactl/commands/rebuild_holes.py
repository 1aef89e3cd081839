"""Holes in a lake's offsets in; what Kafka still has there out: dead letters, and events that no file has."""

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import polars as pl

from antennactl.decode import Decode, Decoded
from antennactl.lake.layout import Lake
from antennactl.lake.stage import StagedFile, stage_events
from antennactl.ledger import rebuild as ledger
from antennactl.ledger.connection import Transaction
from antennactl.ledger.micro_batch import new_batch_id
from antennactl.ledger.totals import merge_totals
from antennactl.observe.bars import Bars
from antennactl.observe.output import note
from antennactl.rules.stretches import STRETCHES, count_offsets, cut_below, find_holes
from antennactl.schemas import EVENTS
from antennactl.settings import Settings
from antennactl.sources.cluster import Topic
from antennactl.sources.formats import choose_decoder
from antennactl.sources.kafka import KafkaSource
from antennactl.sources.spans import find_first_read, read_stretches
from antennactl.transforms.totals import aggregate_totals

_FILE_ROWS: Final = 500_000
_NOTE_S: Final = 10.0


@dataclass
class Refill:
    """Takes what Kafka has and writes it: rejects as dead letters, events to staged files and totals.

    The counts are by partition. `begins` has the offset that reading of a partition began at; `gone` STRETCHES of
    the holes that retention took, `before` those of messages that reading began after.
    """

    tx: Transaction
    lake: Lake
    worker: str
    topic: Topic
    window_s: float
    bars: Bars
    files: list[StagedFile] = field(default_factory=list)
    n_events: Counter[int] = field(default_factory=Counter)
    n_rejects: Counter[int] = field(default_factory=Counter)
    newest: dict[int, datetime] = field(default_factory=dict)
    begins: dict[int, int] = field(default_factory=dict)
    gone: pl.DataFrame = field(default_factory=STRETCHES.to_frame)
    before: pl.DataFrame = field(default_factory=STRETCHES.to_frame)
    _held: list[pl.DataFrame] = field(default_factory=list)

    @property
    def n_messages(self) -> int:
        """How many messages were taken in."""
        return self.n_rejects.total() + self.n_events.total()

    def add(self, decoded: Decoded) -> None:
        """Write a chunk; events are held back until they are worth a file."""
        self.n_events.update(dict(decoded.events.group_by("kafka_partition").len().iter_rows()))
        self.n_rejects.update(dict(decoded.rejects.group_by("kafka_partition").len().iter_rows()))
        ledger.insert_letters(self.tx, self.topic.topic_id, self.topic.name, decoded.rejects)
        if decoded.events.height:
            self._held.append(decoded.events)
        if sum(events.height for events in self._held) >= _FILE_ROWS:
            self.flush()

    def flush(self) -> None:
        """Stage the events that are held back, as a micro-batch of their own."""
        if not self._held:
            return
        events = pl.concat([EVENTS.to_frame(), *self._held])
        self._held.clear()
        batch_id = new_batch_id()
        staged = stage_events(self.lake, self.worker, batch_id, self.topic.topic_id, events)
        self.files.extend(staged)
        ledger.insert_staged_files(self.tx, batch_id, staged)
        merge_totals(self.tx, aggregate_totals(events, self.window_s))
        for partition, moment in (
            events.group_by("kafka_partition").agg(pl.col("timestamp").max()).iter_rows()
        ):
            self.newest[partition] = max(moment, self.newest.get(partition, moment))


def fill_holes(refill: Refill, source: KafkaSource, own: pl.DataFrame, settings: Settings) -> None:
    """Refill what lies between the STRETCHES of the topic that the lake has, and before them.

    A valid message between two rows was committed, so that its file is lost: it is an event again. Before a
    partition's first row, valid messages say that reading began after them; with `from_kafka` they are lost rows too.
    After the last row, reading goes on.
    """
    firsts = dict(
        own.group_by("kafka_partition").agg(pl.col("first_offset").min()).sort("kafka_partition").iter_rows()
    )
    starts = source.cluster.log_starts(firsts)
    decode = choose_decoder(settings)
    holes = find_holes(own)
    refill.gone = cut_below(holes, starts)
    heads = _stretches(refill, {p: (starts[p], first) for p, first in firsts.items() if starts[p] < first})
    if settings.from_kafka:
        refill.begins = dict(heads.select("kafka_partition", "first_offset").iter_rows())
        holes = pl.concat([holes, heads])
    else:
        _read_heads(refill, source, heads, decode)
    _read_holes(refill, source, holes, settings, decode)
    refill.flush()


def _read_heads(refill: Refill, source: KafkaSource, heads: pl.DataFrame, decode: Decode) -> None:
    for topic_id, partition, start, first in heads.iter_rows():
        begin, rejects = find_first_read(source, (topic_id, partition), start, first, decode)
        refill.begins[partition] = begin
        refill.add(Decoded(EVENTS.to_frame(), rejects))
    refill.before = cut_below(heads, refill.begins)


def _read_holes(
    refill: Refill, source: KafkaSource, holes: pl.DataFrame, settings: Settings, decode: Decode
) -> None:
    if holes.height:
        note(settings, f"asking Kafka for {count_offsets(holes)} offsets that the lake has no rows of")
    noted_at, before = time.monotonic(), refill.n_messages
    for decoded in read_stretches(source, holes, decode):
        refill.add(decoded)
        refill.bars("messages from Kafka", refill.n_messages - before, count_offsets(holes))
        if time.monotonic() - noted_at > _NOTE_S:
            noted_at = time.monotonic()
            note(
                settings, f"{refill.n_rejects.total()} dead letters, {refill.n_events.total()} events so far"
            )


def _stretches(refill: Refill, spans: Mapping[int, tuple[int, int]]) -> pl.DataFrame:
    rows = [(refill.topic.topic_id, partition, *span) for partition, span in spans.items()]
    return pl.DataFrame(rows, schema=STRETCHES, orient="row")
