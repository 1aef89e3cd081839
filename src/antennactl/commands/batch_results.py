"""Outcomes of hours in; a table or a JSON document on stdout and warnings on stderr out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

import polars as pl

from antennactl.commands.compact_hour import Compaction, compaction_table
from antennactl.engines.engine import HourResult
from antennactl.ledger.runs import BatchRun
from antennactl.observe.output import print_document, print_table, warn
from antennactl.settings import Settings

_COLUMNS: Final = pl.Schema(
    [
        ("hour", pl.Datetime("us", "UTC")),
        ("rows", pl.Int64),
        ("bytes", pl.Int64),
        ("totals", pl.Int64),
        ("over quota", pl.Int64),
        ("drift", pl.String),
        ("partial", pl.Boolean),
    ],
)


@dataclass(frozen=True)
class HourOutcome:
    """What became of one hour: its row of batch_run, the number of files read, and the results themselves."""

    run: BatchRun
    n_files: int
    result: HourResult


def warn_about(settings: Settings, outcome: HourOutcome) -> None:
    """Warn of rows that were left out, and of live totals that differ from the lake."""
    hour = f"{outcome.run.hour:%Y-%m-%dT%HZ}"
    counted = outcome.result.counted
    if counted.n_outside:
        warn(f"{hour}: {counted.n_outside} rows in the hour's folder lie in other hours, left out", settings)
    if counted.n_incomplete:
        warn(f"{hour}: {counted.n_incomplete} rows lack a time, a key or bytes, left out", settings)
    drifts = (outcome.run.drift_antenna, outcome.run.drift_user, outcome.run.drift_app)
    if any(drifts):
        antenna, user, app = drifts
        warn(
            f"{hour}: live totals differ from the lake (speed minus batch: antennas {antenna}, users {user}, "
            f"apps {app} bytes); find the cause with: antennactl verify",
            settings,
        )


def print_outcomes(
    settings: Settings,
    outcomes: Sequence[HourOutcome],
    left: Mapping[datetime, str],
    compacted: Sequence[Compaction],
) -> None:
    """Print one row an hour, and those that were compacted after their run.

    Who is over quota stands in user_quota_limit; only a dry run, which does not write it, shows the users.
    """
    if settings.json:
        print_document(
            {
                "dry_run": settings.dry_run,
                "runs": [_document(settings, outcome) for outcome in outcomes],
                "left": [{"hour": hour, "reason": why} for hour, why in left.items()],
                "compacted": list(map(vars, compacted)),
            },
        )
        return
    title = "batch (dry run: nothing was written)" if settings.dry_run else "batch"
    print_table(title, pl.DataFrame([_row(outcome) for outcome in outcomes], schema=_COLUMNS, orient="row"))
    if settings.compact:
        print_table("compact", compaction_table(compacted))
    if settings.dry_run and outcomes:
        print_table("users over quota", pl.concat([outcome.result.violators for outcome in outcomes]))


def _document(settings: Settings, outcome: HourOutcome) -> dict[str, object]:
    counts = {"n_files": outcome.n_files, "n_totals": outcome.result.totals.height}
    shown = {"violators": outcome.result.violators} if settings.dry_run else {}
    return asdict(outcome.run) | counts | shown


def _row(outcome: HourOutcome) -> tuple[object, ...]:
    run = outcome.run
    drifts = (run.drift_antenna, run.drift_user, run.drift_app)
    # One number when the three types agree, as they do unless the live totals were changed by hand.
    drift = str(drifts[0]) if len(set(drifts)) == 1 else "/".join(map(str, drifts))
    return (
        run.hour,
        run.n_rows,
        run.sum_bytes,
        outcome.result.totals.height,
        run.n_violators,
        None if drifts[0] is None else drift,
        run.partial,
    )
