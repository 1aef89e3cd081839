"""Findings about settings, services and ledger in, the one document of `status` out.

The document is what `status --json` prints: its keys are a contract, times are UTC and durations seconds.
"""

import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import Any, Final

import confluent_kafka

from antennactl import __version__
from antennactl.ledger.overview import Overview, Server
from antennactl.observe.settings_rows import settings_rows
from antennactl.rules.assignments import Claim, find_holders
from antennactl.rules.health import PartitionHealth, find_age_alarm, find_lag_alarm, stream_age_s
from antennactl.rules.hours import HourState, is_changed, why_incomplete
from antennactl.settings import Settings

_PACKAGES: Final = ("polars", "duckdb", "adbc-driver-postgresql", "confluent-kafka")


@dataclass(frozen=True)
class KafkaFindings:
    """The topic as the cluster has it now, with the end offset of each partition (read committed)."""

    state: str
    topic_id: str | None = None
    end_offsets: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class LakeFindings:
    """Whether the lake is there and whose it is."""

    state: str
    ledger: str | None = None


@dataclass(frozen=True)
class Findings:
    """Everything status looked at; None where PostgreSQL did not answer or is not provisioned."""

    now: datetime
    server: Server | None
    overview: Overview | None
    kafka: KafkaFindings
    lake: LakeFindings


def status_document(settings: Settings, findings: Findings) -> dict[str, Any]:
    """Return the whole report, without a secret in it."""
    overview = findings.overview
    return {
        "checked_at": findings.now,
        "settings": settings_rows(settings, "status", ["stream"])[0],
        "versions": _versions(findings),
        "services": _services(settings, findings),
        "workers": _workers(findings) if overview else [],
        "partitions": _partitions(findings),
        "last_micro_batch": _last_micro_batch(findings),
        "health": _health(settings, findings),
        "hours": _hours(settings, findings, overview) if overview else [],
        "dead_letters": overview.dead_letters.to_dicts() if overview else [],
    }


def find_alarms(settings: Settings, findings: Findings) -> list[str]:
    """Return a line for each limit of --max-lag and --max-age that is exceeded.

    What a service that is away hides is no alarm: that service is a problem of its own.
    """
    alarms = []
    if settings.max_lag is not None and findings.overview and findings.kafka.end_offsets:
        alarms.append(find_lag_alarm(_partition_health(findings), settings.max_lag))
    if settings.max_age_s is not None and findings.overview:
        batch = findings.overview.last_micro_batch
        committed_at = batch["committed_at"] if batch else None
        alarms.append(
            find_age_alarm(findings.now, committed_at, _partition_health(findings), settings.max_age_s)
        )
    return [alarm for alarm in alarms if alarm is not None]


def _health(settings: Settings, findings: Findings) -> dict[str, Any]:
    """Return what the limits are held against: the largest lag, and the age of the stream's last work."""
    partitions = _partition_health(findings)
    lags = [item.lag for item in partitions if item.lag is not None]
    batch = findings.overview.last_micro_batch if findings.overview else None
    return {
        "lag": max(lags) if lags and len(lags) == len(partitions) else None,
        "max_lag": settings.max_lag,
        "age_s": stream_age_s(findings.now, batch["committed_at"] if batch else None, partitions),
        "max_age_s": settings.max_age_s,
    }


def _partition_health(findings: Findings) -> list[PartitionHealth]:
    return [
        PartitionHealth(row["kafka_partition"], row["lag"], row["caught_up_at"])
        for row in _partitions(findings)
    ]


def _versions(findings: Findings) -> dict[str, str | None]:
    return {
        "antennactl": __version__,
        "python": platform.python_version(),
        **{package: version(package) for package in _PACKAGES},
        "librdkafka": confluent_kafka.libversion()[0],
        "postgresql": findings.server.server_version if findings.server else None,
    }


def _services(settings: Settings, findings: Findings) -> dict[str, dict[str, Any]]:
    server, overview, kafka, lake = findings.server, findings.overview, findings.kafka, findings.lake
    return {
        "postgresql": {
            "state": ("ready" if overview else "not ready") if server else "unreachable",
            "database": server.database if server else None,
            "role": server.role if server else None,
            "ledger": overview.ledger if overview else None,
            "window_s": overview.window_s if overview else None,
        },
        "kafka": {
            "state": kafka.state,
            "topic": settings.topic,
            "topic_id": kafka.topic_id,
            "partitions": len(kafka.end_offsets) or None,
        },
        "lake": {"state": lake.state, "path": str(settings.lake), "ledger": lake.ledger},
    }


def _workers(findings: Findings) -> list[dict[str, Any]]:
    assert findings.overview is not None  # noqa: S101 - asked for only where there is one
    holders = _holders(findings.overview)
    rows = []
    for row in findings.overview.workers.to_dicts():
        held = [partition for partition in row["partitions"] if holders.get(partition) == row["worker"]]
        age_s = _seconds(findings.now, row["heartbeat_at"])
        rows.append({**row, "partitions": held, "heartbeat_age_s": age_s})
    return rows


def _holders(overview: Overview) -> dict[int, str]:
    return find_holders(
        Claim(row["worker"], tuple(row["partitions"]), row["assigned_at"])
        for row in overview.workers.iter_rows(named=True)
    )


def _partitions(findings: Findings) -> list[dict[str, Any]]:
    """Return a row a partition of the ledger or the topic; its lag is the offsets still to read.

    Its worker is None where nobody has it, as before the first stream and between an end and the next dealing.
    """
    ends = findings.kafka.end_offsets
    holders = _holders(findings.overview) if findings.overview else {}
    progress: dict[int, dict[str, Any]] = {}
    if findings.overview:
        progress = {row["kafka_partition"]: row for row in findings.overview.offsets.to_dicts()}
    rows = []
    for partition in sorted({*ends, *progress}):
        row = progress.get(partition, {})
        following, end = row.get("next_offset"), ends.get(partition)
        rows.append(
            {
                "kafka_partition": partition,
                "next_offset": following,
                "end_offset": end,
                "lag": None if following is None or end is None else max(0, end - following),
                "max_event_time": row.get("max_event_time"),
                "caught_up_at": row.get("caught_up_at"),
                "worker": holders.get(partition),
            },
        )
    return rows


def _last_micro_batch(findings: Findings) -> dict[str, Any] | None:
    batch = findings.overview.last_micro_batch if findings.overview else None
    if batch is None:
        return None
    return {
        **batch,
        "duration_ms": json.loads(batch["duration_ms"]),
        "age_s": _seconds(findings.now, batch["committed_at"]),
    }


def _hours(settings: Settings, findings: Findings, overview: Overview) -> list[dict[str, Any]]:
    rows = []
    for state in overview.hours:
        waits_for = why_incomplete(state.hour, findings.now, settings.lateness_s, overview.progress)
        word = _hour_word(state, complete=waits_for is None)
        if word is not None:
            run_rows = state.run.n_rows if state.run else None
            row = {"hour": state.hour, "state": word, "lake_rows": state.n_rows, "run_rows": run_rows}
            rows.append({**row, "waits_for": waits_for})
    return rows


def _hour_word(state: HourState, *, complete: bool) -> str | None:
    if is_changed(state):
        return "changed"
    if state.run is None:
        return ("missing" if complete else "open") if state.n_rows else None
    return "partial" if state.run.partial else None


def _seconds(now: datetime, moment: datetime) -> float:
    return max(0.0, (now - moment).total_seconds())
