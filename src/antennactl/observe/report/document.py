"""A report's facts in, the document that the page's script draws from out: plain lists, no larger than the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from antennactl.observe.output import escape
from antennactl.observe.report.facts import DELAYS_S, MOST_ANTENNAS, MOST_APPS, SHARES, Facts
from antennactl.observe.report.span import choose_batch_bin
from antennactl.observe.report.words import age, short_labels

_MOST_BATCH_BINS: Final = 120


@dataclass(frozen=True)
class Matrix:
    """Bytes of a few keys by hour: a row a key, a value an hour of the span, None where a key had no traffic.

    The last row may stand for `n_others` keys that are not named.
    """

    names: list[str]
    n_others: int
    rows: list[list[int | None]]

    @property
    def sums(self) -> list[int]:
        """The bytes of each row."""
        return [sum(value or 0 for value in row) for row in self.rows]


def make_document(facts: Facts) -> dict[str, Any]:
    """Return the document; times are seconds since 1970, text of outside is escaped for reading, not for HTML."""
    hours = facts.span.hours
    antennas = antenna_matrix(facts)
    apps = app_matrix(facts)
    return {
        "hours": [_epoch(hour) for hour in hours],
        "states": [facts.states.get(hour) for hour in hours],
        "antennas": _keys(antennas, "antennas"),
        "apps": _keys(apps, "apps"),
        "bins": _bins(facts, antennas),
        "speed": _speed(facts, antennas),
        "quota": _quota(facts),
        "batches": batch_bins(facts.micro_batches)
        .with_columns(pl.col("at").dt.epoch("s"))
        .to_dict(as_series=False),
        "arrivals": dict(zip(("labels", "rows"), arrival_counts(facts), strict=True)),
    }


def antenna_matrix(facts: Facts) -> Matrix:
    """Return the antennas' bytes, the busiest first."""
    return _matrix(facts.antennas, facts.span.hours, MOST_ANTENNAS)


def app_matrix(facts: Facts) -> Matrix:
    """Return the apps' bytes, the busiest first."""
    return _matrix(facts.apps, facts.span.hours, MOST_APPS)


def batch_bins(batches: pl.DataFrame) -> pl.DataFrame:
    """Return at (start of the bin), bin_s, n, events, rejects, late, unknown, busy_ms (median) and slowest_ms."""
    moments = batches["committed_at"]
    length = max(moments) - min(moments) if len(moments) else timedelta()
    width = choose_batch_bin(length, _MOST_BATCH_BINS)
    return (
        batches.with_columns(pl.col("committed_at").dt.truncate(f"{int(width.total_seconds())}s").alias("at"))
        .group_by("at")
        .agg(
            pl.len().alias("n"),
            pl.col("n_events").sum().alias("events"),
            pl.col("n_rejects").sum().alias("rejects"),
            pl.col("n_late").sum().alias("late"),
            pl.col("n_unknown_user").sum().alias("unknown"),
            pl.col("busy_ms").median().round(1),
            pl.col("busy_ms").max().round(1).alias("slowest_ms"),
        )
        .sort("at")
        .with_columns(pl.lit(int(width.total_seconds())).alias("bin_s"))
    )


def arrival_counts(facts: Facts) -> tuple[list[str], list[int]]:
    """Return a label and the events of each delay after the end of the hour."""
    counted = dict(facts.arrivals.select("delay", "n_rows").iter_rows())
    edges = [age(edge) for edge in DELAYS_S[1:]]
    labels = ["within the hour", *(f"to {edge} after" for edge in edges), f"over {edges[-1]} after"]
    return labels, [counted.get(position, 0) for position in range(len(labels))]


def share_labels() -> list[str]:
    """Return a label for each share of the quota that users are counted by."""
    ends = [f"{edge:.0%}".replace("%", " %") for edge in SHARES]
    return [f"to {ends[0]}", *(f"to {end}" for end in ends[1:]), f"over {ends[-1]}"]


def _matrix(totals: pl.DataFrame, hours: Sequence[datetime], most: int) -> Matrix:
    position = {hour: number for number, hour in enumerate(hours)}
    named: dict[int, str] = {}
    rows: dict[int, list[int | None]] = {}
    n_others = 0
    for hour, rank, key, value, n_ids in totals.iter_rows():
        row = rows.setdefault(rank, [None] * len(hours))
        row[position[hour]] = value
        if rank > most:
            n_others = max(n_others, n_ids)
        else:
            named[rank] = key
    ranks = sorted(rows)
    return Matrix([named[rank] for rank in ranks if rank in named], n_others, [rows[rank] for rank in ranks])


def _keys(matrix: Matrix, word: str) -> dict[str, Any]:
    return {
        "names": [escape(name) for name in matrix.names],
        "labels": short_labels(matrix.names),
        "others": f"all other {word}" if matrix.n_others else None,
        "rows": matrix.rows,
    }


def _bins(facts: Facts, antennas: Matrix) -> dict[str, Any]:
    """Return traffic over time: by the bin, or by the hour, from the hours' own totals."""
    if facts.bins is None:
        return {"at": [_epoch(hour) for hour in facts.span.hours], "bin_s": 3600, "rows": antennas.rows}
    n_bins = len(facts.span.hours) * 3600 // facts.bin_s
    row_of = {name: number for number, name in enumerate(antennas.names)}
    rows: list[list[int | None]] = [[None] * n_bins for _ in antennas.rows]
    for moment, key, value in facts.bins.iter_rows():
        # The last row is that of the others.
        number = row_of[key] if key is not None else len(rows) - 1
        rows[number][int((moment - facts.span.first).total_seconds()) // facts.bin_s] = value
    at = [_epoch(facts.span.first) + facts.bin_s * number for number in range(n_bins)]
    return {"at": at, "bin_s": facts.bin_s, "rows": rows}


def _speed(facts: Facts, antennas: Matrix) -> dict[str, list[int | None]]:
    """Return bytes by hour of the batch and of the live totals, None where there is no run or no comparison."""
    runs = {row["hour"]: row for row in facts.runs.iter_rows(named=True)}
    found: dict[str, list[int | None]] = {"batch": [], "speed": [], "rows": [], "user": [], "app": []}
    for number, hour in enumerate(facts.span.hours):
        run: Mapping[str, Any] = runs.get(hour, {})
        batch, drift = run.get("sum_bytes"), run.get("drift_antenna")
        live = sum(row[number] or 0 for row in antennas.rows) if hour in facts.states else None
        found["batch"].append(batch)
        found["speed"].append(live if not run else None if batch is None or drift is None else batch + drift)
        found["rows"].append(run.get("n_rows"))
        found["user"].append(run.get("drift_user"))
        found["app"].append(run.get("drift_app"))
    return found


def _quota(facts: Facts) -> dict[str, Any]:
    """Return users near or over their quota and how many had which share, for the hours that were looked into."""
    position = {hour: number for number, hour in enumerate(facts.span.hours)}
    shares = {position[hour]: [0] * (len(SHARES) + 1) for hour in facts.user_hours}
    for hour, share, n_users in facts.quota_shares.iter_rows():
        shares[position[hour]][share] = n_users
    users = [
        [position[hour], escape(name or ""), escape(email or ""), usage, quota]
        for hour, name, email, usage, quota in facts.quota_use.iter_rows()
    ]
    over = {row["hour"]: row["n_violators"] for row in facts.runs.iter_rows(named=True)}
    return {
        "users": users,
        "labels": share_labels(),
        "shares": shares,
        "over": [over.get(hour) for hour in facts.span.hours],
    }


def _epoch(moment: datetime) -> int:
    return int(moment.timestamp())
