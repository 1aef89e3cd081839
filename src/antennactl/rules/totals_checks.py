"""Sums of the lake and rows of the totals' tables in, findings out: equal key by key, or named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import polars as pl

from antennactl.rules.findings import Difference, Finding, find, find_rows
from antennactl.rules.hours import HourState, is_before_floor, is_changed

_KEY: Final = ("timestamp", "type", "id")
_KEYS_NAMED: Final = 3


@dataclass(frozen=True)
class HourPlan:
    """Which hours are compared with what: `windows` with the live totals, `current` with the hourly ones too.

    `pending` has the hours without a current run and what they lack; `left_out` those below the retention
    floor, those of another writer's lake, and, as to hourly totals, those that hold files of both.
    """

    windows: list[datetime]
    current: list[datetime]
    pending: dict[datetime, str]
    left_out: dict[datetime, str]


def plan_hours(
    states: Sequence[HourState], total_hours: Sequence[datetime], floor: datetime | None
) -> HourPlan:
    """Decide on every hour that has files, a run or totals in either table."""
    plan = HourPlan([], [], {}, {})
    by_hour = {state.hour: state for state in states}
    for hour in sorted({*by_hour, *total_hours}):
        state = by_hour.get(hour, HourState(hour, 0, 0, 0, None))
        if is_before_floor(hour, floor):
            plan.left_out[hour] = "pruned"
            continue
        if state.run is not None and state.run.unmanaged and state.n_files == 0:
            # Live totals of such an hour are not ours: the lake has another writer, and so may the table.
            plan.left_out[hour] = "unmanaged"
            continue
        plan.windows.append(hour)
        if state.run is None:
            plan.pending[hour] = "no run"
        elif is_changed(state):
            plan.pending[hour] = f"its run counted {state.run.n_rows} rows, the lake has {state.n_rows}"
        elif state.run.unmanaged:
            plan.left_out[hour] = "unmanaged"
        else:
            plan.current.append(hour)
    return plan


def check_runs(states: Sequence[HourState], current: Sequence[datetime]) -> Finding:
    """Every current run counted the bytes that the hour's live files have by the ledger."""
    wanted = set(current)
    differences = [
        Difference(
            "run",
            f"the run counted {state.run.sum_bytes} bytes, the files have {state.sum_bytes}",
            "batch_run",
            state.hour,
            state.sum_bytes,
            state.run.sum_bytes,
        )
        for state in states
        if state.hour in wanted and state.run is not None and state.run.sum_bytes != state.sum_bytes
    ]
    return find("run", differences)


def check_violators(violators: pl.DataFrame, current: Sequence[datetime]) -> Finding:
    """As many users over quota are listed for an hour as its current run counted.

    `violators`: hour, n_counted (null: no run), n_listed. Who they are cannot be proved later: quotas change.
    """
    known = pl.col("n_counted").is_not_null() & pl.col("hour").is_in(list(current))
    wrong = violators.filter(known & (pl.col("n_counted") != pl.col("n_listed"))).sort("hour")

    def describe(row: dict[str, Any]) -> Difference:
        text = f"the run counted {row['n_counted']} users over quota, {row['n_listed']} are listed"
        sides = (row["n_counted"], row["n_listed"])
        return Difference("violators", text, "user_quota_limit", row["hour"], *sides)

    return find_rows("violators", wrong, describe)


def check_totals(check: str, table: str, lake: pl.DataFrame, stored: pl.DataFrame) -> Finding:
    """Every key of `lake` is in `stored` with the same value, and no other key is there: a key with 0 counts.

    Both are TOTALS, `lake` with null for a sum past Int64. One difference an hour and type, with both sums.
    """
    joined = lake.join(
        stored.rename({"value": "stored"}), on=_KEY, how="full", coalesce=True, nulls_equal=True
    ).with_columns(hour=pl.col("timestamp").dt.truncate("1h"))
    differs = pl.col("value").ne_missing(pl.col("stored")) | pl.col("value").is_null()
    named = pl.struct(*_KEY, "value", "stored").filter(differs)
    wrong = (
        joined.sort(_KEY, nulls_last=True)
        .group_by("hour", "type", maintain_order=True)
        .agg(
            expected=pl.col("value").cast(pl.Int128).sum(),
            found=pl.col("stored").cast(pl.Int128).sum(),
            n_keys=differs.sum(),
            keys=named.head(_KEYS_NAMED),
        )
        .filter(pl.col("n_keys") > 0)
    )

    def describe(row: dict[str, Any]) -> Difference:
        sums = "the sums agree, but not the keys" if row["expected"] == row["found"] else "the sums differ"
        more = ", …" if row["n_keys"] > _KEYS_NAMED else ""
        text = f"{sums}; {row['n_keys']} keys: {', '.join(_name_key(key) for key in row['keys'])}{more}"
        return Difference(check, text, f"{table} {row['type']}", row["hour"], row["expected"], row["found"])

    return find_rows(check, wrong, describe)


def _name_key(key: dict[str, Any]) -> str:
    # A user's own query may key the totals by address, which no account may print.
    name = "(an address)" if key["id"] and "@" in key["id"] else key["id"]
    lake, stored = ("nothing" if value is None else value for value in (key["value"], key["stored"]))
    return f"{key['timestamp']:%H:%M} {name} lake {lake} table {stored}"
