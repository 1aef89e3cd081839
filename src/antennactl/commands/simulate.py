"""`antennactl simulate`: options in, seeded device messages out to a sink, and a log of what arrived."""

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import Final

import polars as pl

from antennactl.observe.bars import Bars
from antennactl.settings import Settings
from antennactl.simulator.encode import EXERCISE, Encoding
from antennactl.simulator.formats import choose_encoding
from antennactl.simulator.kafka import KafkaSink
from antennactl.simulator.kinds import KINDS
from antennactl.simulator.options import SimulateOptions, time_line
from antennactl.simulator.pace import Pacer
from antennactl.simulator.sent_log import SentLog
from antennactl.simulator.sinks import LinesSink, Sink
from antennactl.simulator.traffic import BLOCK, Traffic

Progress = Callable[[int, int | None], None]


@dataclass
class SimulateSummary:
    """What arrived: how many messages of each kind, and the sums a reader must find."""

    n_sent: int = 0
    n_events: int = 0  # everything but the malformed
    sum_bytes: int = 0
    kinds: dict[str, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    first_event_s: int | None = None  # epoch seconds
    last_event_s: int | None = None
    duration_s: float = 0.0

    def add(self, messages: pl.DataFrame) -> None:
        """Count `messages` (schema MESSAGES)."""
        events = messages.filter(pl.col("fault").is_null())
        self.n_sent += messages.height
        self.n_events += events.height
        self.sum_bytes += int(events["bytes"].sum())
        for kind, n in messages["kind"].value_counts().iter_rows():
            self.kinds[kind] += n
        if events.height:
            first, last = events.select(pl.min("timestamp"), pl.max("timestamp").alias("last")).row(0)
            self.first_event_s = min(first, first if self.first_event_s is None else self.first_event_s)
            self.last_event_s = max(last, last if self.last_event_s is None else self.last_event_s)


def _now() -> datetime:
    return datetime.now(UTC)


def simulate(  # noqa: PLR0913 - what is sent, and the world it is sent into
    options: SimulateOptions,
    *,
    stopped: Callable[[], bool] = lambda: False,
    progress: Progress = lambda _done, _total: None,
    now: Callable[[], datetime] = _now,
    make_pacer: Callable[[float], Pacer] = Pacer,
    encoding: Encoding = EXERCISE,
) -> SimulateSummary:
    """Send the messages of `options` and return what arrived.

    The same options, seed, `start`, encoding and number of partitions give the same bytes in the same partitions. When
    `stopped` the lot in hand is finished, acknowledged and logged. `progress` gets (done, total or None)
    after each lot. Raises UsageError, KafkaUnavailableError (after the log was brought up to date),
    StorageUnavailableError, and BrokenPipeError when the reader of stdout is gone.
    """
    summary, began = SimulateSummary(), time.monotonic()
    with (
        SentLog(options.sent) as log,
        closing(_open_sink(options, stopped)) as sink,
        ThreadPoolExecutor(1) as maker,
    ):
        traffic = Traffic(options, time_line(options, now()), sink.n_partitions, encoding)
        pacer = make_pacer(options.pace) if options.pace is not None else None
        lots = _Lots(traffic, maker)
        while not stopped() and (options.total is None or summary.n_sent < options.total):
            limit = BLOCK if pacer is None else pacer.wait_for_due(summary.n_sent)
            if limit == 0:
                continue
            delivery = sink.send(lots.take(summary.n_sent, limit))
            log.append(delivery.arrived)
            summary.add(delivery.arrived)
            if delivery.error is not None:
                raise delivery.error
            progress(summary.n_sent, options.total)
    summary.duration_s = round(time.monotonic() - began, 3)
    return summary


class _Lots:
    """Cuts the traffic into lots; a thread makes the next block while the broker takes the one in hand."""

    def __init__(self, traffic: Traffic, maker: Executor) -> None:
        self._traffic = traffic
        self._maker = maker
        self._number = -1
        self._block = pl.DataFrame()
        self._next: Future[pl.DataFrame] = maker.submit(traffic.make_block, 0)

    def take(self, first: int, limit: int) -> pl.DataFrame:
        """Return at least one and at most `limit` messages from `first` on, none beyond its block.

        `first` never jumps over a block.
        """
        number, place = divmod(first, BLOCK)
        if number != self._number:
            self._number, self._block = number, self._next.result()
            self._next = self._maker.submit(self._traffic.make_block, number + 1)
        return self._block.slice(place, limit)


def _open_sink(options: SimulateOptions, stopped: Callable[[], bool]) -> Sink:
    if options.out is not None:
        return LinesSink(options.out)
    return KafkaSink(
        options.topic,
        options.bootstrap_servers,
        options.kafka_properties,
        wait_s=options.wait_s,
        stopped=stopped,
    )


_SHARED: Final = (
    "messages",
    "rate",
    "span_s",
    "users",
    "antennas",
    "late",
    "malformed",
    "unknown",
    "duplicates",
    "seed",
    "out",
    "sent",
    "topic",
    "bootstrap_servers",
    "kafka_properties",
)


def run(settings: Settings, stop: threading.Event) -> int:
    """Simulate as `settings` say, print the summary and return 0.

    With `--out -` stdout belongs to the messages, and the summary goes to stderr.
    """
    options = SimulateOptions(
        start=settings.simulate_start, **{name: getattr(settings, name) for name in _SHARED}
    )
    # Only is_set: a signal handler that sets the event while this thread waits on it could deadlock.
    # Messages on the same terminal leave no place for a bar.
    with Bars(replace(settings, quiet=settings.quiet or options.out == "-")) as bars:
        summary = simulate(
            options,
            stopped=stop.is_set,
            progress=partial(bars, "messages"),
            encoding=choose_encoding(settings),
        )
    out = sys.stderr if options.out == "-" else sys.stdout
    if not (settings.quiet and out is sys.stderr):
        print(json.dumps(asdict(summary)) if settings.json else _as_text(summary), file=out)
    return 0


def _as_text(summary: SimulateSummary) -> str:
    odd = ", ".join(f"{n:,} {kind}" for kind, n in summary.kinds.items() if n and kind != "event")
    rate = summary.n_sent / summary.duration_s if summary.duration_s else 0.0
    return (
        f"sent {summary.n_sent:,} messages{f' ({odd})' if odd else ''} in {summary.duration_s:.1f} s "
        f"({rate:,.0f}/s); {summary.sum_bytes:,} bytes in {summary.n_events:,} events"
    )
