"""Facts of a report, made by hand: small, complete, and with names that an attacker would choose."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from antennactl.observe.report.facts import Facts
from antennactl.observe.report.span import Span
from antennactl.schemas import TIMESTAMP

FIRST = datetime(2026, 11, 24, 6, tzinfo=UTC)
HOSTILE = (
    "</script><script>window.broken=1</script>",
    '"><img src=x onerror=window.broken=1>',
    "' onfocus='window.broken=1' autofocus='",
    "<!--<script>",
    "\u202egnp.exe",
    "עמית רדיו",
    "${window.broken=1}{{7*7}}",
    "line\nbreak\x00\u2028end",
)


def make_facts(names: tuple[str, ...] = ("north", "south"), **changes: Any) -> Facts:
    """Return facts of two hours; `names` are antennas, apps, users, e-mails, reasons and the topic."""
    hours = [FIRST, FIRST + timedelta(hours=1)]
    totals = pl.DataFrame(
        [
            (hour, rank, name, 1000 * rank + i, 1)
            for rank, name in enumerate(names, 1)
            for i, hour in enumerate(hours)
        ],
        schema={"hour": TIMESTAMP, "rank": pl.Int64, "id": pl.String, "value": pl.Int64, "n_ids": pl.Int64},
        orient="row",
    )
    made = Facts(
        now=FIRST + timedelta(hours=3),
        topic=names[0],
        span=Span(hours),
        states=dict.fromkeys(hours, "final"),
        antennas=totals,
        apps=totals.head(16),
        bins=None,
        bin_s=3600,
        n_users=len(names),
        user_hours=hours,
        quota_use=pl.DataFrame(
            [(hours[0], name, f"{name}@mail", 1000 + i, 1000) for i, name in enumerate(names)],
            schema={
                "hour": TIMESTAMP,
                "name": pl.String,
                "email": pl.String,
                "usage": pl.Int64,
                "quota": pl.Int64,
            },
            orient="row",
        ),
        quota_shares=pl.DataFrame(
            [(hours[0], 4, 1), (hours[0], 5, 1)],
            schema={"hour": TIMESTAMP, "share": pl.Int64, "n_users": pl.Int64},
            orient="row",
        ),
        violators=make_violators(names, hours[0]),
        runs=make_runs(hours),
        micro_batches=pl.DataFrame(
            [(FIRST + timedelta(minutes=20 * i), 1000 + i, 3, 5, 1, 40.0) for i in range(6)],
            schema={
                "committed_at": TIMESTAMP,
                "n_events": pl.Int64,
                "n_rejects": pl.Int64,
                "n_late": pl.Int64,
                "n_unknown_user": pl.Int64,
                "busy_ms": pl.Float64,
            },
            orient="row",
        ),
        arrivals=pl.DataFrame({"delay": [0, 3], "n_rows": [5000, 12]}),
        rejects=pl.DataFrame(
            [(names[-1], 4, 1, FIRST)],
            schema={
                "reason": pl.String,
                "n_open": pl.Int64,
                "n_replayed": pl.Int64,
                "first_rejected_at": TIMESTAMP,
            },
            orient="row",
        ),
        workers=pl.DataFrame({"worker": ["one"]}),
        lags={0: 0, 1: 0},
    )
    return replace(made, **changes)


def make_violators(names: tuple[str, ...], hour: datetime) -> pl.DataFrame:
    """Return each name as a user over quota."""
    return pl.DataFrame(
        [(name, f"{name}@mail", 1, hour, 1001 + i, 1000, len(names)) for i, name in enumerate(names)],
        schema={
            "name": pl.String,
            "email": pl.String,
            "n_hours": pl.Int64,
            "hour": TIMESTAMP,
            "usage": pl.Int64,
            "quota": pl.Int64,
            "n_violators": pl.Int64,
        },
        orient="row",
    )


def make_runs(hours: list[datetime], drift: int | None = 0) -> pl.DataFrame:
    """Return a batch run of each hour; the last one's live totals differ by `drift`."""
    drifts = [0] * (len(hours) - 1) + [drift]
    return pl.DataFrame(
        [(hour, 100, 3000, 2, by, by, by) for hour, by in zip(hours, drifts, strict=True)],
        schema={
            "hour": TIMESTAMP,
            **dict.fromkeys(
                ("n_rows", "sum_bytes", "n_violators", "drift_antenna", "drift_user", "drift_app"), pl.Int64
            ),
        },
        orient="row",
    )
