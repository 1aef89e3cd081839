"""One user's hour in: what made the usage, when it came, what decided; tables or one JSON document on stdout out."""

from dataclasses import asdict, dataclass
from typing import Any, Final

import polars as pl

from antennactl.observe.output import format_time, print_document, print_table
from antennactl.observe.quota_list import format_share, run_document
from antennactl.observe.trace_account import DEFAULT_ROWS
from antennactl.rules.hours import HourState
from antennactl.rules.quotas import Decision, User, count_late, group_use, join_windows, late_moments
from antennactl.rules.traces import group_batches
from antennactl.settings import Settings

_TITLES: Final = {
    "windows": "Windows",
    "antennas": "Antennas",
    "apps": "Apps",
    "micro_batches": "Micro-batches",
}


@dataclass(frozen=True)
class QuotaAccount:
    """`final` is the hourly total (None: no run), `windows` the live totals, `uses` the lake's parts with origin."""

    user: User
    state: HourState
    decision: Decision
    final: int | None
    windows: pl.DataFrame
    uses: pl.DataFrame


def print_account(settings: Settings, account: QuotaAccount) -> None:
    """Print what decided, then what made the usage: each list with at most --limit rows."""
    most = settings.limit or DEFAULT_ROWS
    lists = {
        "windows": join_windows(account.uses, account.windows),
        "antennas": group_use(account.uses, "antenna_id"),
        "apps": group_use(account.uses, "app"),
        "micro_batches": group_batches(account.uses),
    }
    document = _document(settings, account)
    if settings.json:
        counts = {f"n_{name}": rows.height for name, rows in lists.items()}
        print_document({**document, **counts, **{name: rows.head(most) for name, rows in lists.items()}})
        return
    facts = pl.DataFrame(_facts(document), schema={"what": pl.String, "value": pl.String}, orient="row")
    print_table(f"Quota use in {account.state.hour:%Y-%m-%dT%HZ}", facts)
    for name, rows in lists.items():
        title = _TITLES[name]
        shown = f"{title} (the first {most} of {rows.height})" if rows.height > most else title
        print_table(shown, _in_percent(rows.head(most)))


def _document(settings: Settings, account: QuotaAccount) -> dict[str, Any]:
    decision = account.decision
    is_live = decision.by == "live"
    uses = account.uses
    return {
        "hour": account.state.hour,
        "state": "live" if is_live else "final",
        "user": asdict(account.user),
        "usage": {
            "live": int(account.windows["value"].sum()) if account.windows.height else None,
            "final": account.final,
            "lake": int(uses["sum_bytes"].sum()) if uses.height else None,
        },
        "decision": {
            "usage": decision.usage,
            "quota": decision.quota,
            "share": decision.share,
            "over": decision.over,
            "quota_as_of": _quota_as_of(account),
        },
        "run": run_document(account.state),
        "late": {
            name: {"since": moment, **asdict(count_late(uses, moment))}
            for name, moment in late_moments(account.state, settings.lateness_s).items()
        },
    }


def _quota_as_of(account: QuotaAccount) -> str:
    if account.decision.by == "run" and account.decision.is_kept:
        return "the run"
    return "now"


def _facts(document: dict[str, Any]) -> list[tuple[str, str | None]]:
    user, usage, decision, run = (document[name] for name in ("user", "usage", "decision", "run"))
    facts = [
        (f"user {name}", _text(value)) for name, value in user.items() if name in {"id", "name", "email"}
    ]
    facts += [(f"bytes by {name}", _text(usage[key])) for key, name in _SIDES.items()]
    quota = decision["quota"]
    facts += [
        ("quota that counted", "none" if quota is None else f"{quota} (of {decision['quota_as_of']})"),
        ("quota now", _text(user["quota"])),
        ("share", format_share(decision["share"])),
        ("over quota", "yes" if decision["over"] else "no"),
    ]
    decided = "the live totals, so far"
    if document["state"] == "final":
        decided = (
            f"the batch run of {run['hour']:%Y-%m-%dT%HZ}, finished at {format_time(run['finished_at'])}"
        )
        facts.append(("users as of", "the snapshot of that run, which keeps the quotas of users over them"))
    facts.append(("decided by", decided))
    for name, late in document["late"].items():
        what = _LATE[name].format(format_time(late["since"]))
        facts.append((what, f"{late['sum_bytes']} bytes in {late['n_rows']} rows"))
    return facts


_SIDES: Final = {"live": "live totals", "final": "batch run", "lake": "lake"}
_LATE: Final = {
    "after_close": "late: committed after the hour closed, {}",
    "after_run": "late: committed after its run, {}",
}


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _in_percent(rows: pl.DataFrame) -> pl.DataFrame:
    if "share" not in rows.columns:
        return rows
    return rows.with_columns(share=pl.Series(map(format_share, rows["share"]), dtype=pl.String))
