"""Progress records and the lag of each partition in, the metrics of `stream` out."""

import logging
from collections.abc import Iterator, Mapping
from typing import Final

from prometheus_client import Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from antennactl.decode.reasons import REASONS
from antennactl.observe.metrics.registry import PREFIX, new_registry
from antennactl.observe.progress import Progress

_log = logging.getLogger("antennactl.metrics")

_BUCKETS_S: Final = (0.005, 0.025, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)


class StreamMetrics:
    """What one process committed since its start. Threads of others may read while it is filled.

    Everything is counted when its micro-batch is committed: what is read and dropped again is not counted twice.
    """

    def __init__(self, topic: str) -> None:
        self.registry = new_registry("stream")
        self._consumed = self._counter("messages_consumed", "Messages committed, rejected ones among them.")
        self._rejected = self._counter(
            "messages_rejected", "Messages that were no events, by reason.", "reason"
        )
        for reason in REASONS:  # from zero on: else the first ones of a kind are no increase to Prometheus
            self._rejected.labels(reason)
        self._late = self._counter("messages_late", "Events that were late by more than --lateness.")
        self._unknown = self._counter(
            "unknown_user_messages", "Events of users who are not in user_metadata."
        )
        self._files = self._counter("lake_files", "Files committed to the lake.")
        self._durations = Histogram(
            f"{PREFIX}microbatch_duration_seconds",
            "Time that a micro-batch spent in a stage.",
            ["stage"],
            buckets=_BUCKETS_S,
            registry=self.registry,
        )
        self._state = _State(topic)
        self.registry.register(self._state)

    def observe(self, progress: Progress) -> None:
        """Count a micro-batch that was committed. Never raises: it is done in the middle of the stream's work."""
        try:
            self._count(progress)
        except Exception as error:  # noqa: BLE001 - whatever it is, the stream goes on without it
            _log.warning("micro-batch %s is not in the metrics (%s)", progress.batch_id, error)

    def _count(self, progress: Progress) -> None:
        self._consumed.inc(progress.n_rows)
        for reason, n in progress.reject_reasons.items():
            self._rejected.labels(reason).inc(n)
        self._late.inc(progress.n_late)
        self._unknown.inc(progress.n_unknown_user)
        self._files.inc(progress.n_files)
        for stage, spent_ms in progress.duration_ms.items():
            self._durations.labels(stage).observe(spent_ms / 1000)
        if progress.event_time is not None:
            newest_s = progress.event_time[1].timestamp()
            self._state.event_time_s = max(self._state.event_time_s or newest_s, newest_s)

    def set_lag(self, lag: Mapping[int, int]) -> None:
        """Show these partitions' messages that are not committed yet, and no other partition any more."""
        self._state.lag = dict(lag)

    def _counter(self, name: str, help_: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}{name}_total", help_, labels, registry=self.registry)


class _State(Collector):
    """Gauges that are not there before they are known: a time of 0 and a lag of 0 would be lies."""

    def __init__(self, topic: str) -> None:
        self._topic = topic
        self.lag: Mapping[int, int] = {}
        self.event_time_s: float | None = None

    def collect(self) -> Iterator[GaugeMetricFamily]:
        lag = GaugeMetricFamily(
            f"{PREFIX}consumer_lag_messages",
            "Messages of a partition of this worker that are not committed yet.",
            labels=["topic", "partition"],
        )
        for partition, n in sorted(self.lag.items()):
            lag.add_metric([self._topic, str(partition)], n)
        yield lag
        if self.event_time_s is not None:
            yield GaugeMetricFamily(
                f"{PREFIX}event_time_seconds",
                "Newest event time committed, in seconds since 1970.",
                value=self.event_time_s,
            )
