"""`antennactl stream`: the speed layer, from Kafka to the lake and the live totals, until stopped or drained."""

import contextlib
import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from antennactl.commands.metrics_outlets import keep_stream_metrics, open_stream_metrics
from antennactl.commands.stream_view import open_view, show_view
from antennactl.errors import (
    AntennactlError,
    KafkaRefusedError,
    PostgresRefusedError,
    RegistryRefusedError,
    ServiceUnavailableError,
    StorageRefusedError,
    TopicRecreatedError,
    UsageError,
)
from antennactl.lake.identity import check_lake
from antennactl.lake.layout import Lake
from antennactl.lake.opening import open_lake
from antennactl.ledger.connection import Database, RetryableLedgerError, Transaction
from antennactl.ledger.offsets import insert_offsets, read_offsets, read_topics
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, WINDOW_S, read_setting, write_setting
from antennactl.ledger.stream import StreamLedger
from antennactl.ledger.workers import Worker, new_worker
from antennactl.observe.log import configure_log
from antennactl.observe.output import note, print_document
from antennactl.observe.progress import Progress
from antennactl.observe.service_manager import ServiceManager
from antennactl.pipeline.assembly import Assembly, AssemblyPlan
from antennactl.pipeline.commit import Commit
from antennactl.pipeline.decoding import Decoding
from antennactl.pipeline.exchange import Exchange
from antennactl.pipeline.intake import Intake, IntakePlan
from antennactl.pipeline.run import Stages, run_stages
from antennactl.pipeline.transform import Transform
from antennactl.pipeline.watchdog import Watchdog
from antennactl.rules.offsets import OffsetRange
from antennactl.settings import Settings
from antennactl.settings.written import write_duration
from antennactl.sources.cluster import Cluster, Topic
from antennactl.sources.formats import check_services, choose_decoder
from antennactl.sources.kafka import KafkaSource
from antennactl.sources.users import UserCache

if TYPE_CHECKING:
    from antennactl.observe.live.stream_view import StreamView
    from antennactl.observe.metrics.stream_metrics import StreamMetrics

AWAIT_S = 30.0
_DEFAULT_WINDOW_S = 300.0
_REFUSED = (KafkaRefusedError, PostgresRefusedError, RegistryRefusedError, StorageRefusedError)
_T = TypeVar("_T")


class _StoppedError(Exception):
    """A signal came before the first poll."""


def run(settings: Settings, stop: threading.Event) -> int:
    """Run the stream until stopped, drained or failed, and return its exit code."""
    configure_log(settings)
    lake = open_lake(settings.lake, absolute=False)
    decode = choose_decoder(settings)
    manager = ServiceManager.of()
    with (
        open_stream_metrics(settings) as metrics,
        Watchdog(stop) as watchdog,
        Database(settings.dsn) as database,
        Database(settings.dsn) as commits,
        Database(settings.dsn) as users,
    ):
        for each in (database, commits, users):
            watchdog.watch(each)
        source = KafkaSource(settings)
        try:
            window_s = _await(lambda: _open_ledger(database, settings, lake), stop)
            _await(partial(check_services, settings), stop)
            topic = _await(source.cluster.describe_topic, stop)
            _await(lambda: _open_topic(database, source.cluster, topic, settings), stop)
            # The clock first: what comes in later than the end offsets is not in them.
            opened_at = datetime.now(UTC)
            ends = partial(source.cluster.end_offsets, topic.partitions)
            targets = _await(ends, stop) if settings.drain else None
            ledger = StreamLedger(database, lake, topic)
            worker = _await(lambda: _register(ledger), stop)
        except _StoppedError:
            source.close()
            return 0
        exchange = Exchange(worker)

        def positions() -> Mapping[int, int]:
            return exchange.positions

        view = open_view(settings, topic.name, positions, targets)
        plan = IntakePlan(
            topic, settings.interval_s, settings.max_rows, targets, settings.on_data_loss == "record"
        )
        assembly_plan = AssemblyPlan(topic, window_s, settings.lateness_s)
        assembly = Assembly(lake, UserCache(users, time.monotonic), assembly_plan)
        stages = Stages(
            Intake(source, ledger, exchange, plan),
            Decoding(exchange, settings.max_reject_ratio, decode=decode),
            Transform(exchange, assembly),
            Commit(exchange, StreamLedger(commits, lake, topic), _reporter(settings, metrics, manager, view)),
        )
        note(settings, f"reading topic {topic.name} ({len(topic.partitions)} partitions) into {lake.name}")
        source.subscribe()
        watchdog.has_started = True
        try:
            with (
                show_view(settings, view, positions),
                keep_stream_metrics(settings, metrics, positions),
            ):
                run_stages(stages, exchange, stop, manager)
            if targets is not None and not stop.is_set():
                _mark_drained(ledger, source.cluster, targets, opened_at)
        finally:
            with Database(settings.dsn) as own:  # a thread that still hangs may be using the others
                watchdog.watch(own)
                _leave(source, StreamLedger(own, lake, topic), exchange)
    return 0


def _leave(source: KafkaSource, ledger: StreamLedger, exchange: Exchange) -> None:
    """Leave group and ledger in good order, as far as they answer: what stays is cleaned up by the next start."""
    source.commit(exchange.take_committed(), wait=True)
    source.close()
    with contextlib.suppress(AntennactlError):
        ledger.leave(exchange.worker)


def _await(ask: Callable[[], _T], stop: threading.Event) -> _T:
    """Return what `ask` returns, asking again for AWAIT_S while a service or the topic is not there yet."""
    deadline = time.monotonic() + AWAIT_S
    while True:
        try:
            return ask()
        except (ServiceUnavailableError, RetryableLedgerError) as error:
            if isinstance(error, _REFUSED) or time.monotonic() > deadline:
                raise
        if stop.wait(0.5):
            raise _StoppedError


def _register(ledger: StreamLedger) -> Worker:
    """Enter a worker under a fresh name: an entry without an answer may have been made."""
    worker = new_worker()
    ledger.register(worker)
    return worker


def _open_ledger(database: Database, settings: Settings, lake: Lake) -> float:
    """Return the window in seconds, after making sure that schema, lake and window belong together."""
    with database.transaction() as transaction:
        require_schema(transaction)
        ledger_uuid = read_setting(transaction, LEDGER)
        window_s = _settle_window(transaction, settings.window_s)
        has_lake = bool(transaction.query("has_lake_files").item())
    # A ledger with files has its lake already: a new one here would be a wrong --lake.
    check_lake(lake, ledger_uuid or "", create=not has_lake)
    return window_s


def _settle_window(transaction: Transaction, wanted_s: float | None) -> float:
    stored = read_setting(transaction, WINDOW_S)
    if stored is None or (
        wanted_s is not None and float(stored) != wanted_s and not _has_totals(transaction)
    ):
        window_s = wanted_s or (float(stored) if stored else _DEFAULT_WINDOW_S)
        write_setting(transaction, WINDOW_S, f"{window_s:g}")
        return window_s
    if wanted_s is not None and float(stored) != wanted_s:
        has = write_duration(float(stored))
        message = f"--window {write_duration(wanted_s)}: this ledger's totals have windows of {has}"
        raise UsageError(message, hint="leave --window out; the window is fixed once data is there")
    return float(stored)


def _has_totals(transaction: Transaction) -> bool:
    return bool(transaction.query("has_totals").item())


def _open_topic(database: Database, cluster: Cluster, topic: Topic, settings: Settings) -> None:
    """Enter every partition of a topic that is read for the first time; refuse another topic than the ledger's."""
    with database.transaction() as transaction:
        known = read_topics(transaction)
        others = known.filter(known["topic"] != topic.name)
        if not others.is_empty():
            message = f"this ledger serves topic {others.item(0, 'topic')}, not {topic.name}"
            raise UsageError(
                message, hint="one ledger and one lake serve one topic: use another database and --lake"
            )
        if not known.is_empty() and topic.topic_id not in known["topic_id"] and not settings.accept_new_topic:
            stored = known.item(-1, "topic_id")
            message = f"topic {topic.name} was deleted and made again: stored={stored} seen={topic.topic_id}"
            raise TopicRecreatedError(message, hint="go on with the new topic: stream --accept-new-topic")
        if read_offsets(transaction, topic.topic_id).is_empty():
            insert_offsets(transaction, topic.topic_id, topic.name, _first_offsets(cluster, topic, settings))


def _first_offsets(cluster: Cluster, topic: Topic, settings: Settings) -> Mapping[int, int]:
    match settings.stream_start:
        case datetime() as moment:
            return cluster.offsets_at(topic.partitions, round(moment.timestamp() * 1000))
        case "latest":
            return cluster.end_offsets(topic.partitions)
        case _:
            return cluster.log_starts(topic.partitions)


def _reporter(
    settings: Settings, metrics: "StreamMetrics | None", manager: ServiceManager, view: "StreamView | None"
) -> Callable[[Progress], None]:
    def report(progress: Progress) -> None:
        if metrics is not None:
            metrics.observe(progress)
        manager.describe(progress.as_line())
        if view is not None:
            view.observe(progress)
        if settings.json:
            print_document(progress.as_document())
        elif view is None:
            note(settings, progress.as_line())

    return report


def _mark_drained(
    ledger: StreamLedger, cluster: Cluster, targets: Mapping[int, int], opened_at: datetime
) -> None:
    """Note for every partition up to when it is known to be read to its end: now, or else when the drain began."""
    now = datetime.now(UTC)
    ends = cluster.end_offsets(targets)
    rows = ledger.read_offsets().iter_rows(named=True)
    ledger.mark_caught_up(
        [
            OffsetRange(
                row["kafka_partition"],
                row["next_offset"],
                row["next_offset"],
                now if row["next_offset"] >= ends.get(row["kafka_partition"], 0) else opened_at,
            )
            for row in rows
        ]
    )
