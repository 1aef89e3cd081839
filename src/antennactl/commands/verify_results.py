"""The account of `verify` in; tables or one JSON document on stdout out."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final

import polars as pl

from antennactl.ledger.proof import LedgerSide
from antennactl.observe.output import format_time, note, print_document, print_table
from antennactl.rules.findings import CHECKS, MAX_EXAMPLES, Difference, Findings
from antennactl.rules.totals_checks import HourPlan
from antennactl.settings import Settings

_SUMMARY: Final = {
    "hours": "hours compared",
    "current_hours": "of them with hourly totals",
    "pending_hours": "pending hours",
    "files": "lake files",
    "rows": "rows",
    "bytes": "bytes",
    "ranges": "offset ranges",
    "offsets": "offsets",
    "skipped": "of them skipped",
    "open_dead_letters": "open dead letters",
    "replayed_dead_letters": "replayed dead letters",
}


@dataclass(frozen=True)
class Account:
    """Everything that a run of verify has to tell."""

    findings: Findings
    plan: HourPlan
    counts: "AccountCounts"
    uncompared: Sequence[datetime]
    moved: Mapping[str, str]
    n_ignored: int


@dataclass(frozen=True)
class AccountCounts:
    """How much was checked: numbers by the names of _SUMMARY, and files, rows and bytes by hour."""

    totals: Mapping[str, int]
    hours: pl.DataFrame


def count_account(ledger: LedgerSide, plan: HourPlan) -> AccountCounts:
    """Return how much there was to check, by the ledger."""
    live = ledger.live
    hours = (
        live.group_by("hour")
        .agg(files=pl.len(), rows=pl.col("n_rows").sum(), bytes=pl.col("sum_bytes").sum())
        .sort("hour")
    )
    n_replayed = int(ledger.letters["replayed"].sum())
    totals = {
        "hours": len(plan.windows),
        "current_hours": len(plan.current),
        "pending_hours": len(plan.pending),
        "files": live.height,
        "rows": int(live["n_rows"].sum()),
        "bytes": int(live["sum_bytes"].sum()),
        "ranges": ledger.ranges.height,
        "offsets": int((ledger.ranges["next_offset"] - ledger.ranges["first_offset"]).sum()),
        "skipped": int(ledger.ranges["n_skipped"].sum()),
        "open_dead_letters": ledger.letters.height - n_replayed,
        "replayed_dead_letters": n_replayed,
    }
    return AccountCounts(totals, hours)


def print_account(settings: Settings, account: Account) -> None:
    """Print what was checked and every kind of difference: counted exactly, the first of each kind named."""
    if settings.json:
        print_document(_document(account))
        return
    lines = [
        *((label, str(account.counts.totals[name])) for name, label in _SUMMARY.items()),
        ("differences", str(account.findings.n_differences or "no difference")),
    ]
    print_table("Verified", _frame(lines, "what", "count"))
    for title, hours in (("Pending hours", account.plan.pending), ("Hours left out", account.plan.left_out)):
        if hours:
            rows = [(format_time(hour), why) for hour, why in hours.items()]
            print_table(title, _frame(rows, "hour", "why"))
    if account.moved:
        print_table("Moved to quarantine", _frame(list(account.moved.items()), "file", "now"))
    if account.findings.n_differences:
        _print_differences(account.findings)
    if account.uncompared:
        named = ", ".join(f"{hour:%Y-%m-%dT%HZ}" for hour in account.uncompared)
        note(settings, f"totals not compared, for want of sound files: {named}")
    if account.n_ignored:
        note(settings, f"{account.n_ignored} hidden files in the lake, which no engine reads")


def _print_differences(findings: Findings) -> None:
    kinds = [(check, str(count), CHECKS[check]) for check, count in findings.counts.items()]
    print_table("Not true", _frame(kinds, "check", "differences", "what must hold"))
    shown = [_named(difference) for difference in findings.examples]
    print_table(_title(findings), _frame(shown, "check", "hour", "where", "expected", "found", "difference"))


def _title(findings: Findings) -> str:
    if max(findings.counts.values()) > MAX_EXAMPLES:
        return f"Differences (the first {MAX_EXAMPLES} of each check)"
    return "Differences"


def _named(difference: Difference) -> tuple[str | None, ...]:
    sides = (difference.expected, difference.found)
    return (
        difference.check,
        None if difference.hour is None else format_time(difference.hour),
        difference.where,
        *(None if side is None else str(side) for side in sides),
        difference.text,
    )


def _document(account: Account) -> dict[str, object]:
    return {
        "ok": account.findings.n_differences == 0,
        "hours": account.counts.hours,
        "totals": account.counts.totals,
        "n_differences": account.findings.counts,
        "differences": [asdict(difference) for difference in account.findings.examples],
        "pending": _hours(account.plan.pending),
        "left_out": _hours(account.plan.left_out),
        "not_compared": list(account.uncompared),
        "quarantined": [{"path": path, "moved_to": to} for path, to in account.moved.items()],
        "ignored_files": account.n_ignored,
    }


def _hours(hours: Mapping[datetime, str]) -> list[dict[str, object]]:
    return [{"hour": hour, "why": why} for hour, why in hours.items()]


def _frame(rows: Sequence[tuple[str | None, ...]], *columns: str) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
