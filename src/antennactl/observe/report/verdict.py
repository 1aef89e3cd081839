"""A report's facts in, what an operator has to know first out: what is right, what needs a look, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import polars as pl

from antennactl.observe.report.facts import Facts, NoEnds
from antennactl.observe.report.words import age, count, hour_text
from antennactl.rules.hours import HOUR

State = Literal["good", "warn", "info"]

_MOST_NAMED: Final = 3
_DRIFTS: Final = ("drift_antenna", "drift_user", "drift_app")


@dataclass(frozen=True)
class Check:
    """One sentence of the verdict: `state` says whether somebody has to do something about it."""

    state: State
    title: str
    text: str


def find_checks(facts: Facts) -> list[Check]:
    """Return the checks in the order in which they matter."""
    return [_hours(facts), _agreement(facts), _rejects(facts), _reading(facts)]


def headline(checks: list[Check]) -> str:
    """Return the whole verdict in one line."""
    warnings = [check for check in checks if check.state == "warn"]
    if not warnings:
        return "All is well"
    return f"{count(len(warnings), 'thing needs', 'things need')} a look"


def drifting_hours(runs: pl.DataFrame) -> list[datetime]:
    """Return the hours in which live and batch totals differ in any type."""
    differs = pl.any_horizontal(*(pl.col(name).fill_null(0) != 0 for name in _DRIFTS))
    return runs.filter(differs)["hour"].to_list()


def _hours(facts: Facts) -> Check:
    words = facts.states
    due = [hour for hour, word in words.items() if word in {"changed", "missing"}]
    finished = sum(word in {"final", "partial"} for word in words.values())
    still_open = [hour for hour, word in words.items() if word == "open"]
    if due:
        text = f"{_named(due)} {'has' if len(due) == 1 else 'have'} no current batch run: antennactl batch --catch-up"
        return Check("warn", "Hours to be taken", text)
    if not words:
        return Check(
            "info", "No hour of the lake", "the totals shown were not made from files of this ledger"
        )
    open_text = f"; {_named(still_open)} not complete yet, totals so far" if still_open else ""
    if not finished:
        return Check("info", "No hour is closed yet", "all totals are live totals so far")
    text = f"{count(finished, 'closed hour')} recomputed from the lake{open_text}"
    return Check("good", "Closed hours are final", text)


def _agreement(facts: Facts) -> Check:
    compared = facts.runs.filter(pl.col("drift_antenna").is_not_null()).height
    drifting = drifting_hours(facts.runs)
    if drifting:
        text = f"live totals differ from the batch in {_named(drifting)}: antennactl verify says where"
        return Check("warn", "Speed and batch layer differ", text)
    if not compared:
        return Check(
            "info", "Speed and batch layer not compared", "no batch run compared them in these hours"
        )
    text = (
        f"live and batch totals are equal in {count(compared, 'compared hour')}, for antennas, users and apps"
    )
    return Check("good", "Speed and batch layer agree", text)


def _rejects(facts: Facts) -> Check:
    n_open = int(facts.rejects["n_open"].sum())
    if not n_open:
        return Check("good", "No open rejects", "every message was an event, or has been replayed")
    worst = facts.rejects.sort("n_open", descending=True).row(0, named=True)
    text = f"most for {worst['reason']} ({worst['n_open']:,}): antennactl rejects lists them"
    return Check("info", f"{count(n_open, 'rejected message')} kept", text)


def _reading(facts: Facts) -> Check:
    moments = facts.micro_batches["committed_at"]
    ago = (
        f"last commit {age((facts.now - max(moments)).total_seconds())} before this page"
        if len(moments)
        else ""
    )
    at_work = count(facts.workers.height, "worker") if facts.workers.height else "no worker"
    if isinstance(facts.lags, NoEnds):
        text = f"{facts.lags.why}, so what is left there is not known; {at_work}{ago and ', ' + ago}"
        return Check("warn" if facts.lags.refused else "info", "Lag not known", text)
    lag = sum(facts.lags.values())
    if lag == 0:
        return Check(
            "good",
            "Read to the end",
            f"nothing left in {count(len(facts.lags), 'partition')}; {ago or at_work}",
        )
    state: State = "info" if facts.workers.height else "warn"
    return Check(state, f"{count(lag, 'message')} still to read", f"{at_work}{ago and ', ' + ago}")


def _named(hours: list[datetime]) -> str:
    """Name a few hours, count many."""
    if len(hours) > _MOST_NAMED:
        return f"{count(len(hours), 'hour')} ({hour_text(min(hours))} to {hour_text(max(hours) + HOUR)})"
    return ", ".join(hour_text(hour) for hour in hours)
