"""Metrics have the names, types and labels of the contract, can be read from outside, and never end the stream."""

import logging
import socket
import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.request import urlopen

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from antennactl import __version__
from antennactl.decode.reasons import REASONS
from antennactl.errors import KafkaUnavailableError, UsageError
from antennactl.observe.metrics.batch_metrics import batch_registry
from antennactl.observe.metrics.keeper import Keeper
from antennactl.observe.metrics.outlets import require_writable, serving, write_metrics
from antennactl.observe.metrics.stream_metrics import StreamMetrics
from antennactl.observe.progress import Progress

# Family → its type and labels: the contract.
STREAM = {
    "antennactl_messages_consumed": ("counter", set()),
    "antennactl_messages_rejected": ("counter", {"reason"}),
    "antennactl_messages_late": ("counter", set()),
    "antennactl_unknown_user_messages": ("counter", set()),
    "antennactl_consumer_lag_messages": ("gauge", {"topic", "partition"}),
    "antennactl_microbatch_duration_seconds": ("histogram", {"stage"}),
    "antennactl_event_time_seconds": ("gauge", set()),
    "antennactl_lake_files": ("counter", set()),
    "antennactl_build_info": ("gauge", {"version", "command"}),
}
BATCH = {
    "antennactl_hourly_last_success_timestamp_seconds": ("gauge", set()),
    "antennactl_quota_violators": ("gauge", set()),
    "antennactl_build_info": ("gauge", {"version", "command"}),
}
EVENT_TIME = datetime(2026, 11, 24, 6, 30, tzinfo=UTC)
PROGRESS = Progress(
    batch_id="0",
    committed_at=EVENT_TIME,
    n_events=7,
    n_rejects=3,
    n_late=2,
    n_unknown_user=1,
    sum_bytes=700,
    n_totals=5,
    n_files=2,
    interval_s=1.0,
    processing_s=1.0,
    duration_ms={"poll": 900.0, "commit": 40.0},
    reject_reasons={"not_json": 3},
    event_time=(EVENT_TIME, EVENT_TIME),
    start_offsets={0: 0},
    end_offsets={0: 10},
)


def samples(registry: CollectorRegistry) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in registry.collect()
        for sample in family.samples
    }


def value(metrics: StreamMetrics, name: str, **labels: str) -> float | None:
    return metrics.registry.get_sample_value(f"antennactl_{name}", labels)


def filled() -> StreamMetrics:
    metrics = StreamMetrics("devices")
    metrics.observe(PROGRESS)
    metrics.set_lag({0: 4, 3: 0})
    return metrics


@pytest.mark.parametrize(
    ("registry", "contract"), [(filled().registry, STREAM), (batch_registry(1.0, 2), BATCH)]
)
def test_names_types_and_labels_are_those_of_the_contract(
    registry: CollectorRegistry, contract: Mapping[str, tuple[str, set[str]]]
) -> None:
    families = list(text_string_to_metric_families(generate_latest(registry).decode()))
    found = {
        family.name: (family.type, {label for sample in family.samples for label in sample.labels} - {"le"})
        for family in families
    }
    assert found == contract
    assert all(family.documentation.endswith(".") for family in families)


def test_micro_batches_add_up() -> None:
    metrics = filled()
    older = datetime(2026, 11, 24, 5, tzinfo=UTC)
    metrics.observe(replace(PROGRESS, event_time=(older, older), reject_reasons={"empty": 1, "not_json": 2}))
    metrics.observe(replace(PROGRESS, event_time=None, n_events=0, reject_reasons={}))
    assert value(metrics, "messages_consumed_total") == 23
    assert value(metrics, "messages_rejected_total", reason="not_json") == 5
    assert value(metrics, "messages_rejected_total", reason="empty") == 1
    assert value(metrics, "messages_late_total") == 6
    assert value(metrics, "unknown_user_messages_total") == 3
    assert value(metrics, "lake_files_total") == 6
    assert value(metrics, "microbatch_duration_seconds_count", stage="commit") == 3
    assert value(metrics, "microbatch_duration_seconds_sum", stage="poll") == pytest.approx(2.7)
    assert value(metrics, "event_time_seconds") == EVENT_TIME.timestamp()
    assert value(metrics, "build_info", version=__version__, command="stream") == 1


def test_what_cannot_be_counted_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "antennactl.metrics")
    metrics = filled()
    metrics.observe(replace(PROGRESS, batch_id="7", n_late=-1))
    (record,) = caplog.records
    assert record.getMessage().startswith("micro-batch 7 is not in the metrics (")
    metrics.observe(PROGRESS)
    assert value(metrics, "messages_late_total") == 4


def test_nothing_is_said_before_it_is_known_and_every_reason_counts_from_zero() -> None:
    found = samples(StreamMetrics("devices").registry)
    assert {name for name, _ in found} == {
        "antennactl_messages_consumed_total",
        "antennactl_messages_rejected_total",
        "antennactl_messages_late_total",
        "antennactl_unknown_user_messages_total",
        "antennactl_lake_files_total",
        "antennactl_build_info",
    }
    rejected = {labels[0][1]: n for (name, labels), n in found.items() if "rejected" in name}
    assert rejected == dict.fromkeys(REASONS, 0.0)
    assert "quota_violators" not in generate_latest(batch_registry(1.0, None)).decode()


def test_a_partition_that_went_to_another_worker_is_shown_no_more() -> None:
    metrics = filled()
    assert value(metrics, "consumer_lag_messages", topic="devices", partition="0") == 4
    metrics.set_lag({3: 1})
    assert value(metrics, "consumer_lag_messages", topic="devices", partition="0") is None
    assert value(metrics, "consumer_lag_messages", topic="devices", partition="3") == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_metrics_are_served_until_the_end(host: str) -> None:
    with serving(filled().registry, (host, 0)) as url, urlopen(url) as answer:  # noqa: S310 - our own
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        assert b"antennactl_messages_consumed_total 10.0" in answer.read()
    with pytest.raises(OSError, match="refused"), urlopen(url):  # noqa: S310 - our own
        pass


def test_an_address_that_cannot_be_had_is_named() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with (
            pytest.raises(UsageError, match=f"--metrics-addr 127.0.0.1:{port}: Address already in use"),
            serving(CollectorRegistry(), ("127.0.0.1", port)),
        ):
            pass
    for host in ("192.0.2.1", "a" * 70):  # an address of nobody, and a label longer than names can have
        with (
            pytest.raises(UsageError, match=f"--metrics-addr {host}:0: "),
            serving(CollectorRegistry(), (host, 0)),
        ):
            pass


def test_a_file_that_cannot_be_written_is_named_and_one_that_can_is_left_as_it_is(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone" / "a.prom", Path("/proc/a.prom")):
        with pytest.raises(UsageError, match=f"--metrics-file {path}: ."):
            require_writable(path)
    kept = tmp_path / "a.prom"
    kept.write_text("old")
    require_writable(kept)
    assert kept.read_text() == "old"
    assert list(tmp_path.iterdir()) == [kept]


def test_a_reader_of_the_file_sees_the_old_or_the_new_one_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.prom"
    metrics = filled()
    write_metrics(metrics.registry, path)
    with path.open() as old:
        metrics.observe(PROGRESS)
        write_metrics(metrics.registry, path)
        assert "antennactl_messages_consumed_total 10.0" in old.read()
    assert "antennactl_messages_consumed_total 20.0" in path.read_text()
    assert list(tmp_path.iterdir()) == [path]


class Ends:
    """End offsets as a cluster tells them, or fails to; says when it was asked."""

    def __init__(self) -> None:
        self.is_away = False
        self.asked = threading.Semaphore(0)

    def __call__(self, _partitions: object) -> dict[int, int]:
        self.asked.release()
        if self.is_away:
            raise KafkaUnavailableError("cannot reach Kafka at k1:9092")
        return {0: 15, 1: 3}

    def await_rounds(self, n: int) -> None:
        for _ in range(n):
            assert self.asked.acquire(timeout=60)


def test_what_keeps_lag_and_file_goes_on_through_failures_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "antennactl.rounds")
    folder = tmp_path / "metrics"
    metrics, ends, path = filled(), Ends(), folder / "a.prom"
    ends.is_away = True
    keeper = Keeper(metrics, path, lambda: {0: 10, 1: 4, 2: 8}, ends, every_s=0.01)
    ends.await_rounds(4)
    assert value(metrics, "consumer_lag_messages", topic="devices", partition="3") == 0
    lag, file = (record.getMessage() for record in caplog.records)
    assert lag == "the lag cannot be kept up to date (cannot reach Kafka at k1:9092)"
    assert file.startswith("the file of metrics cannot be kept up to date ([Errno 2] No such file")
    folder.mkdir()
    ends.is_away = False
    ends.await_rounds(4)
    keeper.close()
    lags = {p: value(metrics, "consumer_lag_messages", topic="devices", partition=p) for p in "0123"}
    assert lags == {"0": 5, "1": 0, "2": None, "3": None}
    assert len(caplog.records) == 4
    assert 'antennactl_consumer_lag_messages{partition="0",topic="devices"} 5.0' in path.read_text()


def test_closing_writes_what_was_counted_last(tmp_path: Path) -> None:
    metrics, path = filled(), tmp_path / "a.prom"
    keeper = Keeper(metrics, path, dict, Ends(), every_s=3600)
    metrics.observe(PROGRESS)
    keeper.close()
    assert "antennactl_messages_consumed_total 20.0" in path.read_text()
