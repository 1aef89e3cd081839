"""The document of `status` in, tables on stdout out; times of recent events as ages."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import polars as pl

from antennactl.observe.output import format_time, print_table
from antennactl.observe.settings_rows import print_settings
from antennactl.rules.assignments import write_partitions

# A year of hours never run would bury the rest of the tables; the document has them all.
_MOST_HOURS: Final = 24


def print_status(report: Mapping[str, Any]) -> None:
    """Print the document as tables on stdout."""
    now = report["checked_at"]
    settings = report["settings"]
    print_settings("Settings", [row for row in settings if row["command"] != "stream"])
    print_settings("Settings of stream", [row for row in settings if row["command"] == "stream"])
    _print("Versions", [{"part": part, "version": number} for part, number in report["versions"].items()])
    _print("Services", _service_rows(report["services"]))
    _print("Workers", [_worker_row(row, now) for row in report["workers"]])
    _print("Partitions", [_partition_row(row, now) for row in report["partitions"]])
    _print("Last micro-batch", _batch_rows(report["last_micro_batch"], now))
    hours = report["hours"]
    newest = hours[-_MOST_HOURS:]
    count = f" (the newest {len(newest)} of {len(hours)})" if len(hours) > len(newest) else ""
    _print(f"Hours without a current batch run{count}", [_hour_row(row) for row in newest])
    _print("Open dead letters", report["dead_letters"])


def _print(title: str, rows: list[dict[str, Any]]) -> None:
    print_table(title, pl.DataFrame(rows, infer_schema_length=None))


def _service_rows(services: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    return [
        {"service": name, "what": what, "value": str(value)}
        for name, found in services.items()
        for what, value in found.items()
        if value is not None
    ]


def _worker_row(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    heartbeat, started = _age(now, row["heartbeat_at"]), _age(now, row["started_at"])
    about = {"host": row["host"], "pid": row["pid"], "started": started, "heartbeat": heartbeat}
    return {**about, "partitions": write_partitions(row["partitions"])}


def _partition_row(row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        "partition": row["kafka_partition"],
        "next": row["next_offset"],
        "end": row["end_offset"],
        "lag": row["lag"],
        "newest event": format_time(row["max_event_time"]) if row["max_event_time"] else None,
        "caught up": _age(now, row["caught_up_at"]),
    }


def _hour_row(row: Mapping[str, Any]) -> dict[str, Any]:
    counts = {"rows": row["lake_rows"], "in run": row["run_rows"], "waits for": row["waits_for"]}
    return {"hour": f"{row['hour']:%Y-%m-%dT%H}", "state": row["state"], **counts}


def _batch_rows(batch: Mapping[str, Any] | None, now: datetime) -> list[dict[str, str]]:
    if batch is None:
        return []
    rows = {"committed": _age(now, batch["committed_at"]), "batch_id": batch["batch_id"]}
    rows |= {
        name: str(batch[name]) for name in ("n_events", "n_rejects", "n_late", "n_unknown_user", "sum_bytes")
    }
    rows |= {f"{stage} ms": f"{float(spent):.0f}" for stage, spent in batch["duration_ms"].items()}
    return [{"what": what, "value": value or "-"} for what, value in rows.items()]


def _age(now: datetime, moment: datetime | None) -> str | None:
    if moment is None:
        return None
    seconds = max(0.0, (now - moment).total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit} ago"
    return f"{seconds:.0f} s ago"
