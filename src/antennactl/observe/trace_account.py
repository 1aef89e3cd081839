"""A total with the micro-batches, files, ranges and rows that made it in; tables or one JSON document on stdout out."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl

from antennactl.observe.output import print_document, print_table
from antennactl.observe.quota_list import run_document
from antennactl.rules.hours import HourState
from antennactl.rules.traces import LakeSum, group_batches, group_files, group_ranges
from antennactl.settings import Settings

DEFAULT_ROWS: Final = 20
"""How many rows of a list are shown unless --limit says otherwise."""
_TITLES: Final = {
    "micro_batches": "Micro-batches",
    "files": "Lake files",
    "ranges": "Kafka offsets",
    "rows": "Rows of the lake",
}


@dataclass(frozen=True)
class TraceAccount:
    """One total of `table` and where it is from; `state` is the hour's, `named` SOURCES with their origin."""

    table: str
    total_type: str
    id: str
    timestamp: datetime
    stored: int | None
    lake: LakeSum
    verdict: str
    state: HourState
    named: pl.DataFrame
    rows: pl.DataFrame

    @property
    def difference(self) -> int | None:
        """What is stored minus what the lake holds; None where the lake's sum is past 64 bits."""
        if self.lake.n_rows and self.lake.sum_bytes is None:
            return None
        return (self.stored or 0) - (self.lake.sum_bytes or 0)


def print_trace(settings: Settings, account: TraceAccount) -> None:
    """Print the account: the total, then its lists, each with at most --limit rows and counted whole."""
    most = settings.limit or DEFAULT_ROWS
    lists = _lists(account)
    counts = {name: rows.height for name, rows in lists.items()} | {"rows": account.lake.n_rows}
    total = _total(account)
    if settings.json:
        run = run_document(account.state) if account.table == "bytes_hourly" else None
        shown = {name: rows.head(most) for name, rows in lists.items()}
        numbers = {f"n_{name}": count for name, count in counts.items()}
        print_document({**total, "run": run, **numbers, **shown})
        return
    facts = [(name, None if value is None else _text(value)) for name, value in total.items()]
    print_table("Total", pl.DataFrame(facts, schema={"what": pl.String, "value": pl.String}, orient="row"))
    for name, rows in lists.items():
        count = counts[name]
        title = _TITLES[name] if count <= most else f"{_TITLES[name]} (the first {most} of {count})"
        print_table(title, rows.head(most))


def _total(account: TraceAccount) -> Mapping[str, Any]:
    return {
        "table": account.table,
        "type": account.total_type,
        "id": account.id,
        "timestamp": account.timestamp,
        "value": account.stored,
        "lake_value": account.lake.sum_bytes,
        "difference": account.difference,
        "verdict": account.verdict,
    }


def _lists(account: TraceAccount) -> dict[str, pl.DataFrame]:
    named = account.named
    return {
        "micro_batches": group_batches(named),
        "files": group_files(named),
        "ranges": group_ranges(named),
        "rows": account.rows,
    }


def _text(value: object) -> str:
    return f"{value:%Y-%m-%dT%H:%M:%SZ}" if isinstance(value, datetime) else str(value)
