"""`antennactl rebuild`: a lake whose database was lost in, the ledger and every live total again out.

All of the ledger is written in one transaction, so that a rebuild that ends early leaves the database empty.
"""

import contextlib
import threading
from collections.abc import Iterator
from typing import Final

import polars as pl

from antennactl.commands.rebuild_holes import Refill, fill_holes
from antennactl.commands.rebuild_hour import rebuild_hour
from antennactl.commands.rebuild_lake import LakeRead, enter_lake
from antennactl.commands.rebuild_results import Rebuilt, print_rebuilt
from antennactl.commands.rebuild_work import at_work, discarding
from antennactl.errors import KafkaRefusedError, KafkaUnavailableError, UsageError
from antennactl.lake.identity import read_owner
from antennactl.lake.layout import Lake
from antennactl.lake.opening import open_lake
from antennactl.lake.recover import recover_lake
from antennactl.lake.survey import list_staged, publish_committed
from antennactl.ledger import rebuild as ledger
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, WINDOW_S, read_setting, write_setting
from antennactl.ledger.workers import delete_worker, touch_worker
from antennactl.observe.bars import Bars
from antennactl.observe.log import configure_log
from antennactl.observe.output import warn
from antennactl.settings import Settings
from antennactl.sources.cluster import Topic
from antennactl.sources.kafka import KafkaSource

_DEFAULT_WINDOW_S: Final = 300.0
_Kafka = tuple[KafkaSource, Topic] | None


def run(settings: Settings, stop: threading.Event) -> int:
    """Make the ledger and the live totals again from the lake; or with --hour one lost hour of the lake. Return 0.

    Raises UsageError when the ledger is not empty or there is no lake, InconsistentError when the lake is broken:
    nothing is written then. Safe to end at any moment and to run again.
    """
    configure_log(settings)
    if settings.hour is not None:
        return rebuild_hour(settings, stop)
    lake = open_lake(settings.lake)
    owner = _require_owner(lake)
    rebuilt = Rebuilt()
    with (
        Database(settings.dsn) as database,
        at_work(database, _check) as worker,
        _open_kafka(settings) as kafka,
        Bars(settings) as bars,
    ):
        staged = list_staged(lake)
        with database.transaction() as tx:
            # (1) Alone, and the worker that stages is not declared gone meanwhile.
            ledger.require_empty(tx)
            touch_worker(tx, worker.name)
            # (2) Lake and database belong together again.
            write_setting(tx, LEDGER, owner)
            window_s = _settle_window(tx, settings.window_s)
            # (3) Files that were committed and not published any more, then all that stands in the lake.
            rebuilt.published = publish_committed(lake, staged)
            rebuilt.lake = enter_lake(tx, lake, window_s, settings, bars)
            # (4) What lies between, as far as Kafka has it; then where reading goes on.
            refill = None if kafka is None else Refill(tx, lake, worker.name, kafka[1], window_s, bars)
            with discarding(lake, [] if refill is None else refill.files):
                _enter_topics(tx, rebuilt, settings, kafka, refill)
        # (5) All of it is there: what is still staged was never committed.
        rebuilt.dropped = sorted(set(staged) - set(rebuilt.published))
        with database.transaction() as tx:
            delete_worker(tx, worker.name)
        recover_lake(database, lake)
    print_rebuilt(settings, rebuilt)
    return 0


def _require_owner(lake: Lake) -> str:
    owner = read_owner(lake)
    if owner is None:
        message = f"there is no lake at {lake.name} (no {lake.identity_file.name})"
        hint = (
            '--lake names the lake that was kept; was that file lost, one with {"ledger": "any uuid"} will do'
        )
        raise UsageError(message, hint=hint)
    return owner


def _settle_window(tx: Transaction, wanted_s: float | None) -> float:
    window_s = wanted_s or float(read_setting(tx, WINDOW_S) or _DEFAULT_WINDOW_S)
    write_setting(tx, WINDOW_S, f"{window_s:g}")
    return window_s


def _check(tx: Transaction) -> None:
    require_schema(tx)
    ledger.require_empty(tx)


@contextlib.contextmanager
def _open_kafka(settings: Settings) -> Iterator[_Kafka]:
    """Give a reader of the topic and its facts; None, with a warning, when Kafka does not answer."""
    source = KafkaSource(settings)
    try:
        yield _ask_topic(source, settings)
    finally:
        source.close()


def _ask_topic(source: KafkaSource, settings: Settings) -> _Kafka:
    try:
        return source, source.cluster.describe_topic()
    except KafkaRefusedError:
        raise
    except KafkaUnavailableError as error:
        text = "dead letters, and events of lost files, are not read again; to have them, run it anew with Kafka up"
        warn(f"{error}: {text}", settings)
        return None


def _enter_topics(
    tx: Transaction, rebuilt: Rebuilt, settings: Settings, kafka: _Kafka, refill: Refill | None
) -> None:
    """Enter the partitions of every topic that the lake has rows of, the one that was read last at the end."""
    lake = rebuilt.lake
    newest = lake.newest.group_by("topic_id").agg(pl.col("max_event_time").max())
    known = newest.sort("max_event_time")["topic_id"].to_list()
    current = kafka[1].topic_id if kafka is not None else None
    if current is not None and known and current not in known:
        text = "its id is not the one in the lake: nothing is read again from it, and stream will ask"
        warn(f"the topic {settings.topic} was made again: {text}", settings)
    for topic_id in sorted(known, key=lambda one: one == current):
        own = lake.stretches.filter(pl.col("topic_id") == topic_id)
        if kafka is not None and refill is not None and topic_id == current:
            fill_holes(refill, kafka[0], own, settings)
            partitions = _count_partitions(lake, own, refill)
            rebuilt.add_filled(partitions, refill, kafka[0].cluster.log_starts(kafka[1].partitions))
        else:
            partitions = _count_partitions(lake, own, None)
            rebuilt.add_unfilled(
                topic_id, partitions, "Kafka was not asked" if kafka is None else "another topic id"
            )
        ledger.insert_partitions(tx, topic_id, settings.topic, partitions)
        if kafka is not None and topic_id == current:
            _enter_unread(tx, kafka, own)


def _count_partitions(lake: LakeRead, own: pl.DataFrame, refill: Refill | None) -> pl.DataFrame:
    """Return PARTITIONS of one topic's STRETCHES, with what was refilled."""
    counted = own.group_by("topic_id", "kafka_partition").agg(
        pl.col("first_offset").min(),
        pl.col("next_offset").max(),
        n_events=(pl.col("next_offset") - pl.col("first_offset")).sum(),
    )
    counted = counted.join(lake.newest, on=["topic_id", "kafka_partition"], how="left").with_columns(
        n_rejects=pl.lit(0, pl.Int64)
    )
    if refill is not None:
        partition = pl.col("kafka_partition")
        begin = partition.replace_strict(refill.begins, default=None, return_dtype=pl.Int64)
        newest = pl.Series(
            "newest", [refill.newest.get(one) for one in counted["kafka_partition"]], pl.Datetime("us", "UTC")
        )
        counted = counted.with_columns(
            pl.coalesce(begin, "first_offset").alias("first_offset"),
            pl.max_horizontal("max_event_time", newest),
            n_events=pl.col("n_events")
            + partition.replace_strict(dict(refill.n_events), default=0, return_dtype=pl.Int64),
            n_rejects=partition.replace_strict(dict(refill.n_rejects), default=0, return_dtype=pl.Int64),
        )
    return (
        counted.select(ledger.PARTITIONS.names()).match_to_schema(ledger.PARTITIONS).sort("kafka_partition")
    )


def _enter_unread(tx: Transaction, kafka: tuple[KafkaSource, Topic], own: pl.DataFrame) -> None:
    """Let reading of the partitions that the lake has no row of begin where the topic does."""
    source, topic = kafka
    starts = source.cluster.log_starts(sorted(set(topic.partitions) - set(own["kafka_partition"])))
    rows = [(partition, start, start, 0, 0, None) for partition, start in starts.items()]
    if rows:
        partitions = pl.DataFrame(rows, schema=ledger.PARTITIONS, orient="row")
        ledger.insert_partitions(tx, topic.topic_id, topic.name, partitions)
