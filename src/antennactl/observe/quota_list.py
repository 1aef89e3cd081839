"""Who has used how much of the quota in an hour in; a table or one JSON document on stdout out."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import polars as pl

from antennactl.observe.output import note, print_document, print_lines, print_table
from antennactl.rules.hours import HourState, is_changed
from antennactl.settings import Settings


@dataclass(frozen=True)
class QuotaList:
    """USES of an hour, and where they are from: the live totals, or the hour's batch run (`state`)."""

    hour: datetime
    share: Decimal
    uses: pl.DataFrame
    n_users: int
    state: HourState | None
    newest_window: datetime | None


def print_quotas(settings: Settings, found: QuotaList) -> None:
    """Print the users, the largest share first, or a line that says that there are none."""
    if settings.json:
        print_document(_document(found))
        return
    kind = "final, by the batch run" if found.state else "live, so far"
    what = f"{format_share(float(found.share))} of their quota or more in {found.hour:%Y-%m-%dT%HZ}"
    if found.uses.is_empty():
        print_lines(f"No user has used {what} ({kind}).")
        return
    shares = [format_share(share) for share in found.uses["share"]]
    rows = found.uses.with_columns(share=pl.Series(shares, dtype=pl.String))
    print_table(f"Users with {what} ({kind})", rows)
    if found.n_users > rows.height:
        note(settings, f"the first {rows.height} of {found.n_users} users; --limit asks for more")


def format_share(share: float | None) -> str | None:
    """Return a share in percent, rounded down: 100 % is not shown of what is still below it."""
    if share is None:
        return None
    hundredths = int(share * 10_000 + 1e-6)
    text = f"{hundredths / 100:.2f}".rstrip("0").rstrip(".")
    return f"{text} %"


def run_document(state: HourState | None) -> dict[str, Any] | None:
    """Return the batch run that decided; a run is known by its hour and the time it finished."""
    if state is None or state.run is None:
        return None
    run = state.run
    return {
        "hour": state.hour,
        "finished_at": run.finished_at,
        "n_rows": run.n_rows,
        "sum_bytes": run.sum_bytes,
        "partial": run.partial,
        "unmanaged": run.unmanaged,
        "changed": is_changed(state),
    }


def _document(found: QuotaList) -> dict[str, Any]:
    return {
        "hour": found.hour,
        "state": "final" if found.state else "live",
        "at": float(found.share),
        "newest_window": found.newest_window,
        "run": run_document(found.state),
        "n_users": found.n_users,
        "users": found.uses,
    }
