"""The state of an hour in, whether its quotas were decided and what is to be told of that out: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import polars as pl

from antennactl.errors import NotReadyError
from antennactl.rules.hours import HourRun, HourState, closes_at, floor_hour, is_changed


@dataclass(frozen=True)
class User:
    """A user; one that the users' table does not have (not `is_known`) has an id alone."""

    id: str
    name: str | None
    email: str | None
    quota: int | None
    is_known: bool = True


@dataclass(frozen=True)
class Decision:
    """What counted: the usage and quota compared, and `by` whom: the live totals of now, or the hour's batch run.

    A run keeps the quota of users over it alone: of others `quota` is that of now, and `is_kept` false.
    """

    usage: int | None
    quota: int | None
    over: bool
    by: str
    is_kept: bool

    @property
    def share(self) -> float | None:
        """Usage by quota; None without either, or where the quota is 0."""
        return self.usage / self.quota if self.usage is not None and self.quota else None


@dataclass(frozen=True)
class Lateness:
    """Rows and bytes that were committed after a moment."""

    n_rows: int
    sum_bytes: int


def decide_live(usage: int | None, user: User) -> Decision:
    """Return what the live totals say now."""
    over = usage is not None and user.quota is not None and usage > user.quota
    return Decision(usage, user.quota, over, by="live", is_kept=True)


def decide_final(usage: int | None, user: User, listed_quota: int | None) -> Decision:
    """Return what the hour's run decided: over quota is who it listed, whatever the quota is now."""
    over = listed_quota is not None
    return Decision(usage, listed_quota if over else user.quota, over, by="run", is_kept=over)


def late_moments(state: HourState, lateness_s: float) -> dict[str, datetime]:
    """Return from which moments on what is committed comes late: after the hour closed, after its run."""
    moments = {"after_close": closes_at(state.hour, lateness_s)}
    return moments | ({"after_run": state.run.finished_at} if state.run else {})


def count_late(parts: pl.DataFrame, moment: datetime) -> Lateness:
    """Return what of `parts` (committed_at, n_rows, sum_bytes) was committed at `moment` or later."""
    late = parts.filter(pl.col("committed_at") >= moment)
    return Lateness(int(late["n_rows"].sum()), int(late["sum_bytes"].sum()))


def group_use(parts: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return `column`, n_rows, sum_bytes and share of all bytes (null: there are none), the largest first."""
    whole = pl.col("sum_bytes").sum()
    share = pl.when(whole > 0).then(pl.col("sum_bytes") / whole)
    grouped = parts.group_by(column).agg(pl.col("n_rows").sum(), pl.col("sum_bytes").sum())
    return grouped.with_columns(share=share).sort(["sum_bytes", column], descending=[True, False])


def join_windows(parts: pl.DataFrame, live: pl.DataFrame) -> pl.DataFrame:
    """Return timestamp, live_bytes (null: no total), lake_bytes and n_rows of each window that has any."""
    lake = parts.group_by("timestamp").agg(
        lake_bytes=pl.col("sum_bytes").sum(), n_rows=pl.col("n_rows").sum()
    )
    joined = live.rename({"value": "live_bytes"}).join(lake, on="timestamp", how="full", coalesce=True)
    return joined.sort("timestamp").with_columns(pl.col("lake_bytes", "n_rows").fill_null(0))


def window_starts(hour: datetime, window_s: float) -> list[datetime]:
    """Return the starts of an hour's windows."""
    return [hour + timedelta(seconds=number * window_s) for number in range(round(3600 / window_s))]


def require_run(state: HourState, now: datetime) -> HourRun:
    """Return the hour's batch run. Raises NotReadyError, with the command that helps, when it had none."""
    if state.run is not None:
        return state.run
    command = f"antennactl batch --hour {state.hour:%Y-%m-%dT%H}"
    message = f"the hour {state.hour:%Y-%m-%dT%HZ} has no batch run"
    if state.hour >= floor_hour(now):
        raise NotReadyError(
            message, hint=f"without --hour the live totals answer; once it is over: {command}"
        )
    raise NotReadyError(message, hint=f"run: {command}")


def doubts(state: HourState) -> list[str]:
    """Return a line for each reason why the hour's run may not be the last word."""
    if state.run is None:
        return []
    lines = []
    again = f"antennactl batch --hour {state.hour:%Y-%m-%dT%H}"
    if state.run.partial:
        lines.append(
            f"the run of {state.hour:%Y-%m-%dT%HZ} was made before the hour was complete; run: {again}"
        )
    if is_changed(state):
        lines.append(
            f"{state.hour:%Y-%m-%dT%HZ} changed after its run, which counted {state.run.n_rows} rows: "
            f"the lake holds {state.n_rows}; run: {again}"
        )
    return lines
