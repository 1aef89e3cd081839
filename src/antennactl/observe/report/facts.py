"""One snapshot of the database in, all that a report is made of out: bounded, however many users there are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.hours import read_hours, read_progress
from antennactl.ledger.offsets import read_offsets, read_topics
from antennactl.ledger.overview import read_server
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import WINDOW_S, read_setting
from antennactl.ledger.workers import read_workers
from antennactl.observe.report.span import Span, choose_bin_s, choose_span, choose_user_hours
from antennactl.rules.hours import HourState, is_changed, why_incomplete
from antennactl.schemas import ANTENNA_TOTAL, APP_TOTAL, TIMESTAMP

MOST_ANTENNAS: Final = 50
MOST_APPS: Final = 8
MOST_VIOLATORS: Final = 200
MOST_USERS_AN_HOUR: Final = 20
SHARES: Final = (0.2, 0.4, 0.6, 0.8, 1.0, 1.5, 2.0)
"""Upper ends of the shares of the quota that users are counted by, included: at 1.0 nobody is over."""
DELAYS_S: Final = (0.0, 60.0, 120.0, 300.0, 900.0, 3600.0, 21_600.0, 86_400.0)
"""Upper ends of the delays after the end of their hour that events are counted by, included."""


@dataclass(frozen=True)
class TopicEnds:
    """The topic as the cluster has it now: its id and the end offset of each partition."""

    topic_id: str
    offsets: Mapping[int, int]


@dataclass(frozen=True)
class NoEnds:
    """Why the topic's ends are not known, as a clause; `refused`: no waiting mends it."""

    why: str
    refused: bool = False


@dataclass(frozen=True)
class Facts:
    """What a report shows. Frames are those of the statements `report_…`; times are UTC, amounts bytes.

    `states` has one word for each hour of the span that has traffic: final, partial, changed, missing, open.
    `bins` is None where traffic over time is shown by the hour. `lags` has each partition's messages still to
    read, or says why that is not known.
    """

    now: datetime
    topic: str | None
    span: Span
    states: Mapping[datetime, str]
    antennas: pl.DataFrame
    apps: pl.DataFrame
    bins: pl.DataFrame | None
    bin_s: int
    n_users: int
    user_hours: list[datetime]
    quota_use: pl.DataFrame
    quota_shares: pl.DataFrame
    violators: pl.DataFrame
    runs: pl.DataFrame
    micro_batches: pl.DataFrame
    arrivals: pl.DataFrame
    rejects: pl.DataFrame
    workers: pl.DataFrame
    lags: Mapping[int, int] | NoEnds


def read_facts(
    database: Database,
    *,
    first: datetime | None,
    last: datetime | None,
    lateness_s: float,
    ends: TopicEnds | NoEnds,
) -> Facts:
    """Return the facts of one moment.

    Raises UsageError when the database is not provisioned, and as `choose_span` does.
    """
    now = read_server(database).clock
    with database.transaction("REPEATABLE READ") as tx:
        require_schema(tx)
        span = choose_span(tx.query("read_total_hours")["hour"].to_list(), first, last)
        states = _read_states(tx, span, now, lateness_s)
        return _read(tx, now, span, states, ends)


def _read_states(tx: Transaction, span: Span, now: datetime, lateness_s: float) -> dict[datetime, str]:
    partitions = read_progress(tx)
    held = [state for state in read_hours(tx, span.first) if state.hour < span.past]
    return {
        state.hour: hour_word(state, complete=why_incomplete(state.hour, now, lateness_s, partitions) is None)
        for state in held
    }


def hour_word(state: HourState, *, complete: bool) -> str:
    """Return what an hour's results are worth, in a word."""
    if state.run is None:
        return "missing" if complete else "open"
    if is_changed(state):
        return "changed"
    return "partial" if state.run.partial else "final"


def _read(
    tx: Transaction,
    now: datetime,
    span: Span,
    states: Mapping[datetime, str],
    ends: TopicEnds | NoEnds,
) -> Facts:
    limits = (span.first, span.past)
    runs = tx.query("report_runs", *limits)
    has_run = set(runs["hour"])
    n_users = int(tx.query("count_users").item())
    user_hours = choose_user_hours(span.hours, n_users)
    antennas = tx.query("report_hour_totals", ANTENNA_TOTAL, *_split(span.hours, has_run), MOST_ANTENNAS)
    bin_s = choose_bin_s(span, float(read_setting(tx, WINDOW_S) or 300), n_users)
    bins = None if bin_s == 3600 else _read_bins(tx, span, bin_s, antennas)  # noqa: PLR2004 - an hour
    topics = read_topics(tx)
    return Facts(
        now=now,
        topic=topics["topic"][-1] if topics.height else None,
        span=span,
        states=states,
        antennas=antennas,
        apps=tx.query("report_hour_totals", APP_TOTAL, *_split(span.hours, has_run), MOST_APPS),
        bins=bins,
        bin_s=3600 if bins is None else bin_s,
        n_users=n_users,
        user_hours=user_hours,
        quota_use=tx.query("report_quota_use", *_split(user_hours, has_run), MOST_USERS_AN_HOUR),
        quota_shares=tx.query(
            "report_quota_shares", *_split(user_hours, has_run), pl.Series(SHARES, dtype=pl.Float64)
        ),
        violators=tx.query("report_violators", *limits, MOST_VIOLATORS),
        runs=runs,
        micro_batches=tx.query("report_micro_batches", *limits),
        arrivals=tx.query("report_arrivals", *limits, pl.Series(DELAYS_S, dtype=pl.Float64)),
        rejects=tx.query("report_dead_letters"),
        workers=read_workers(tx),
        lags=_lags(tx, topics["topic_id"][-1] if topics.height else "", ends),
    )


def _split(hours: list[datetime], has_run: set[datetime]) -> tuple[pl.Series, pl.Series]:
    """Return the hours whose totals a batch run has written, and the others, whose totals are live."""
    final = [hour for hour in hours if hour in has_run]
    live = [hour for hour in hours if hour not in has_run]
    return pl.Series(final, dtype=TIMESTAMP), pl.Series(live, dtype=TIMESTAMP)


def _read_bins(tx: Transaction, span: Span, bin_s: int, antennas: pl.DataFrame) -> pl.DataFrame | None:
    """Return the antennas' bytes by bin; None when an hour has totals, but no live ones (an unmanaged lake's)."""
    named = antennas["id"].drop_nulls().unique()
    bins = tx.query("report_antenna_bins", span.first, span.past, bin_s, named)
    return bins if set(antennas["hour"]) <= set(bins["bin"].dt.truncate("1h")) else None


def _lags(tx: Transaction, topic_id: str, ends: TopicEnds | NoEnds) -> dict[int, int] | NoEnds:
    if isinstance(ends, NoEnds):
        return ends
    if ends.topic_id != topic_id:
        return NoEnds("the ledger has not read this topic")
    following = dict(read_offsets(tx, topic_id).select("kafka_partition", "next_offset").iter_rows())
    return {part: max(0, end - following.get(part, 0)) for part, end in sorted(ends.offsets.items())}
