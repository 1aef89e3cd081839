"""`antennactl rebuild`: a lake whose database was lost in, the ledger and every live total again out.

All of the ledger is written in one transaction, so that a rebuild that ends early leaves the database empty.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from antennactl.commands.rebuild_hour import rebuild_hour
from antennactl.errors import InconsistentError, KafkaUnavailableError, UsageError
from antennactl.lake.identity import read_owner
from antennactl.lake.layout import Lake
from antennactl.lake.recover import recover_lake
from antennactl.lake.stage import StagedFile, stage_events
from antennactl.lake.survey import settle_staging, survey_hours
from antennactl.ledger import rebuild as ledger
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.micro_batch import new_batch_id
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, WINDOW_S, read_setting, write_setting
from antennactl.ledger.workers import Worker, delete_worker, new_worker, register_worker
from antennactl.observe.log import configure_log
from antennactl.observe.output import note, print_document, print_table, warn
from antennactl.rules.stretches import (
    PLACE,
    STRETCHES,
    find_holes,
    find_overlaps,
    find_stretches,
    join_near,
    keep_inside,
)
from antennactl.schemas import EVENTS, REJECTS, TIMESTAMP
from antennactl.settings import Settings
from antennactl.sources.kafka import KafkaSource, Topic
from antennactl.sources.spans import Span, read_spans
from antennactl.transforms.totals import aggregate_totals

_DEFAULT_WINDOW_S = 300.0
# Reading on over a few thousand messages is quicker than a new beginning.
_NEAR = 5_000


@dataclass
class Rebuilt:
    """What a rebuild found and wrote."""

    n_files: int = 0
    n_rows: int = 0
    sum_bytes: int = 0
    n_published: int = 0
    n_dropped: int = 0
    n_letters: int = 0
    n_events_from_kafka: int = 0
    n_skipped: int = 0
    n_before: int = 0
    stretches: pl.DataFrame = field(default_factory=STRETCHES.to_frame)
    newest: dict[tuple[str, int], datetime] = field(default_factory=dict)


def run(settings: Settings, stop: threading.Event) -> int:  # noqa: ARG001 - all or nothing: a signal ends it at once
    """Make the ledger and the live totals again from the lake; or with --hour one lost hour of the lake."""
    configure_log(settings)
    if settings.hour is not None or settings.from_kafka:
        return rebuild_hour(settings)
    lake = Lake(settings.lake)
    owner = read_owner(lake)
    if owner is None:
        message = f"there is no lake at {lake.root} (no {lake.identity_file.name})"
        raise UsageError(message, hint="--lake names the lake that was kept")
    worker = new_worker()
    with Database(settings.dsn) as database:
        with database.transaction() as tx:
            require_schema(tx)
            ledger.require_empty(tx)
            register_worker(tx, worker)
        source, topic = _find_topic(settings)
        rebuilt = Rebuilt()
        rebuilt.n_published, rebuilt.n_dropped = settle_staging(lake)
        with database.transaction() as tx:
            ledger.require_empty(tx)
            write_setting(tx, LEDGER, owner)
            window_s = _settle_window(tx)
            _write_lake(tx, lake, rebuilt, window_s, settings)
            _write_partitions(tx, lake, worker, rebuilt, window_s, settings, source, topic)
        with database.transaction() as tx:
            delete_worker(tx, worker.name)
        recover_lake(database, lake)
    if source is not None:
        source.close()
    _print(settings, rebuilt, topic)
    return 0


def _find_topic(settings: Settings) -> tuple[KafkaSource | None, Topic | None]:
    """Return a reader of the topic and its facts; nothing, with a warning, when Kafka does not answer."""
    source = KafkaSource(settings)
    try:
        return source, source.cluster.describe_topic()
    except KafkaUnavailableError as error:
        warn(f"{error}: dead letters are not refilled", settings)
        source.close()
        return None, None


def _settle_window(tx: Transaction) -> float:
    window_s = float(read_setting(tx, WINDOW_S) or _DEFAULT_WINDOW_S)
    write_setting(tx, WINDOW_S, f"{window_s:g}")
    return window_s


def _write_lake(tx: Transaction, lake: Lake, rebuilt: Rebuilt, window_s: float, settings: Settings) -> None:
    """Enter every file and its totals; remember which offsets they hold."""
    stretches = [rebuilt.stretches]
    for hour, files, rows in survey_hours(lake):
        note(settings, f"{hour:%Y-%m-%dT%HZ}: {len(files)} files, {rows.height} rows")
        ledger.insert_found_files(tx, files)
        ledger.merge_totals(tx, aggregate_totals(rows, window_s))
        stretches.append(find_stretches(rows))
        newest = rows.group_by(PLACE).agg(pl.col("timestamp").max())
        for topic_id, partition, moment in newest.iter_rows():
            rebuilt.newest[topic_id, partition] = max(
                moment, rebuilt.newest.get((topic_id, partition), moment)
            )
        rebuilt.n_files += len(files)
        rebuilt.n_rows += rows.height
        rebuilt.sum_bytes += sum(file.sum_bytes for file in files)
    rebuilt.stretches = pl.concat(stretches)
    overlaps = find_overlaps(rebuilt.stretches)
    if not overlaps.is_empty():
        _, partition, first, _ = overlaps.row(0)
        message = f"partition {partition} offset {first} stands in the lake twice"
        raise InconsistentError(
            message, hint="one of its files is a copy: move it out of the lake and run again"
        )


def _write_partitions(  # noqa: PLR0913, PLR0917 - all that was found comes together here
    tx: Transaction,
    lake: Lake,
    worker: Worker,
    rebuilt: Rebuilt,
    window_s: float,
    settings: Settings,
    source: KafkaSource | None,
    topic: Topic | None,
) -> None:
    """Enter each topic's partitions, the one that is read now last; fill its holes from Kafka."""
    current = None if topic is None else topic.topic_id
    topic_ids = sorted(rebuilt.stretches["topic_id"].unique(), key=lambda one: (one == current, one))
    for topic_id in topic_ids:
        own = rebuilt.stretches.filter(pl.col("topic_id") == topic_id)
        rejects, events = REJECTS.to_frame(), EVENTS.to_frame()
        if source is not None and topic_id == current:
            rejects, events, own = _fill_holes(source, own, rebuilt)
            _write_events(tx, lake, worker, topic_id, events, window_s)
            ledger.insert_letters(tx, topic_id, settings.topic, rejects)
        _insert_partitions(tx, settings.topic, topic_id, own, rejects, events, rebuilt)
    if topic is not None and source is not None:
        unread = sorted(set(topic.partitions) - {key[1] for key in rebuilt.newest if key[0] == current})
        starts = source.cluster.log_starts(unread)
        rows = [(partition, starts[partition], starts[partition], 0, 0, None) for partition in unread]
        if rows:
            ledger.insert_partitions(tx, topic.topic_id, topic.name, _partition_frame(rows))


def _fill_holes(
    source: KafkaSource, own: pl.DataFrame, rebuilt: Rebuilt
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Return rejects and events that Kafka has in the holes of a topic, and its stretches, the leading ones with them.

    Before a partition's first row only rejects may lie: what an earlier valid message there says is that reading
    began after it.
    """
    holes = find_holes(own)
    firsts = own.group_by(PLACE).agg(pl.col("first_offset").min().alias("next_offset"))
    starts = source.cluster.log_starts(firsts["kafka_partition"].to_list())
    leading = firsts.with_columns(
        first_offset=pl.col("kafka_partition").replace_strict(starts, return_dtype=pl.Int64)
    ).filter(pl.col("first_offset") < pl.col("next_offset"))
    wanted = pl.concat([holes, leading.select(STRETCHES.names()).match_to_schema(STRETCHES)])
    spans = [Span(partition, first, end) for _, partition, first, end in join_near(wanted, _NEAR).iter_rows()]
    found, _ = read_spans(source, spans)
    topic_id = pl.lit(own.item(0, "topic_id")).alias("topic_id")
    rejects = keep_inside(found.rejects.with_columns(topic_id), wanted)
    events = keep_inside(found.events.with_columns(topic_id), wanted)
    begins = _first_reads(events, leading)
    inside = pl.col("kafka_offset") >= pl.col("kafka_partition").replace_strict(
        begins, default=0, return_dtype=pl.Int64
    )
    rebuilt.n_before += events.filter(~inside).height
    extra = [(own.item(0, "topic_id"), partition, first, first) for partition, first in begins.items()]
    own = pl.concat([own, pl.DataFrame(extra, schema=STRETCHES, orient="row")])
    return (
        rejects.filter(inside).select(REJECTS.names()).sort("kafka_partition", "kafka_offset"),
        events.filter(inside).select(EVENTS.names()),
        own,
    )


def _first_reads(events: pl.DataFrame, leading: pl.DataFrame) -> dict[int, int]:
    """Return, of partitions with messages before their first row in the lake, the offset that reading began at."""
    begins = {}
    for row in leading.iter_rows(named=True):
        own = (pl.col("kafka_partition") == row["kafka_partition"]) & (
            pl.col("kafka_offset") < row["next_offset"]
        )
        valid = events.filter(own)["kafka_offset"].max()
        begins[row["kafka_partition"]] = row["first_offset"] if valid is None else int(str(valid)) + 1
    return begins


def _write_events(  # noqa: PLR0913, PLR0917 - as many things as a file of the lake is made of
    tx: Transaction, lake: Lake, worker: Worker, topic_id: str, events: pl.DataFrame, window_s: float
) -> list[StagedFile]:
    """Stage valid messages that the lake lacks, such as those of a micro-batch of which no file was published."""
    batch_id = new_batch_id()
    staged = stage_events(lake, worker.name, batch_id, topic_id, events) if events.height else []
    if staged:
        ledger.insert_staged_files(tx, batch_id, staged)
        ledger.merge_totals(tx, aggregate_totals(events, window_s))
    return staged


def _insert_partitions(  # noqa: PLR0913, PLR0917 - a row of the ledger is made of these
    tx: Transaction,
    topic: str,
    topic_id: str,
    own: pl.DataFrame,
    rejects: pl.DataFrame,
    events: pl.DataFrame,
    rebuilt: Rebuilt,
) -> None:
    n_rejects = dict(rejects.group_by("kafka_partition").len().iter_rows())
    n_extra = dict(events.group_by("kafka_partition").len().iter_rows())
    spans = own.group_by("kafka_partition", maintain_order=True).agg(
        pl.col("first_offset").min(),
        pl.col("next_offset").max(),
        n_events=(pl.col("next_offset") - pl.col("first_offset")).sum(),
    )
    rows = [
        (
            partition,
            first,
            end,
            n_events + n_extra.get(partition, 0),
            n_rejects.get(partition, 0),
            rebuilt.newest.get((topic_id, partition)),
        )
        for partition, first, end, n_events in spans.iter_rows()
    ]
    ledger.insert_partitions(tx, topic_id, topic, _partition_frame(rows))
    rebuilt.n_letters += rejects.height
    rebuilt.n_events_from_kafka += events.height
    rebuilt.n_skipped += sum(end - first - n_events - n_bad for _, first, end, n_events, n_bad, _ in rows)


def _partition_frame(rows: Sequence[tuple[int, int, int, int, int, datetime | None]]) -> pl.DataFrame:
    schema = pl.Schema(
        {
            "kafka_partition": pl.Int32(),
            "first_offset": pl.Int64(),
            "next_offset": pl.Int64(),
            "n_events": pl.Int64(),
            "n_rejects": pl.Int64(),
            "max_event_time": TIMESTAMP,
        }
    )
    return pl.DataFrame(rows, schema=schema, orient="row")


def _print(settings: Settings, rebuilt: Rebuilt, topic: Topic | None) -> None:
    counts = {
        "lake_files": rebuilt.n_files,
        "rows": rebuilt.n_rows,
        "bytes": rebuilt.sum_bytes,
        "staged_files_published": rebuilt.n_published,
        "staged_files_dropped": rebuilt.n_dropped,
        "events_from_kafka": rebuilt.n_events_from_kafka,
        "dead_letters_from_kafka": rebuilt.n_letters,
        "offsets_skipped": rebuilt.n_skipped,
    }
    if settings.json:
        print_document(counts)
    else:
        frame = pl.DataFrame(
            {"what": [name.replace("_", " ") for name in counts], "count": list(counts.values())}
        )
        print_table("Rebuilt", frame)
    if rebuilt.n_before:
        warn(
            f"{rebuilt.n_before} valid messages lie before the first ones in the lake and are left out: reading began "
            "after them, or the files that held them are lost",
            settings,
        )
    if rebuilt.n_skipped:
        why = "Kafka was not asked" if topic is None else "neither the lake nor Kafka has a message there"
        note(settings, f"{rebuilt.n_skipped} offsets are recorded as skipped (rebuilt): {why}")
    note(settings, "lost for good: which worker read what and when, and the times that letters were replayed")
    note(settings, "go on with: antennactl stream --drain; antennactl batch --catch-up; antennactl verify")
