"""`quota --explain`: one user and hour in; what made the usage, when it came, and what decided about the quota out."""

from dataclasses import dataclass
from datetime import datetime

import polars as pl

from antennactl.commands.hour_evidence import hold_hour, place_files, read_window_s, refuse_unmanaged
from antennactl.engines.session import open_session
from antennactl.engines.trace import TotalKey, Tracer
from antennactl.errors import UsageError
from antennactl.lake.layout import Lake
from antennactl.lake.opening import open_lake
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.hours import read_hour
from antennactl.ledger.overview import read_clock
from antennactl.ledger.quotas import find_user, read_listed_quota
from antennactl.ledger.schema import require_schema
from antennactl.ledger.traces import read_arrivals, read_hourly_value, read_id_windows, read_trace_files
from antennactl.observe.output import warn
from antennactl.observe.quota_account import QuotaAccount, print_account
from antennactl.rules.hours import HOUR, HourState, floor_hour
from antennactl.rules.quotas import (
    Decision,
    User,
    decide_final,
    decide_live,
    doubts,
    require_run,
    window_starts,
)
from antennactl.rules.traces import name_origins
from antennactl.schemas import USER_TOTAL
from antennactl.settings import Settings


@dataclass(frozen=True)
class _Snapshot:
    """What one moment of PostgreSQL says: `windows` are the live totals, `files` TRACE_FILES."""

    user: User
    state: HourState
    windows: pl.DataFrame
    final: int | None
    decision: Decision
    files: pl.DataFrame


def explain_user(settings: Settings, database: Database, wanted: str) -> int:
    """Print what made the usage of a user in this hour, or in a past one, and what decided; return 0.

    Reads the hour's lake files alone. Raises UsageError when nobody of that name used anything, or the hour was
    pruned; NotReadyError when the past hour has no batch run, or a committed file is not reachable from this host.
    """
    lake = open_lake(settings.lake)
    window_s = read_window_s(database)
    hour = settings.hour or _this_hour(database)
    hold_hour(database, lake, hour)
    with database.transaction("REPEATABLE READ") as tx:
        found = _read(settings, tx, wanted, hour, window_s)
    uses = _read_uses(database, lake, found, window_s)
    if not found.user.is_known and found.windows.is_empty() and uses.is_empty() and found.final is None:
        message = f"--explain: nobody has this id, e-mail or name, or used anything in {hour:%Y-%m-%dT%HZ}"
        raise UsageError(message)
    if settings.hour is not None:
        for line in doubts(found.state):
            warn(line, settings)
    print_account(
        settings, QuotaAccount(found.user, found.state, found.decision, found.final, found.windows, uses)
    )
    return 0


def _this_hour(database: Database) -> datetime:
    with database.transaction() as tx:
        require_schema(tx)
        return floor_hour(read_clock(tx))


def _read(settings: Settings, tx: Transaction, wanted: str, hour: datetime, window_s: float) -> _Snapshot:
    state = read_hour(tx, hour)
    refuse_unmanaged(state)
    user = find_user(tx, wanted)
    windows = read_id_windows(tx, window_starts(hour, window_s), user.id, USER_TOTAL)
    final = read_hourly_value(tx, hour, user.id, USER_TOTAL) if state.run else None
    if settings.hour is None:
        decision = decide_live(int(windows["value"].sum()) if windows.height else None, user)
    else:
        require_run(state, read_clock(tx))
        decision = decide_final(final, user, read_listed_quota(tx, hour, user, final))
    return _Snapshot(user, state, windows, final, decision, read_trace_files(tx, hour))


def _read_uses(database: Database, lake: Lake, found: _Snapshot, window_s: float) -> pl.DataFrame:
    key = TotalKey(USER_TOTAL, found.user.id, found.state.hour, found.state.hour + HOUR)
    with open_session([lake.readable]) as session:
        tracer = Tracer(session, place_files(lake, found.files), key, lake.files.bring)
        stretches = tracer.find_stretches()
        with database.transaction() as tx:
            arrivals, replays = read_arrivals(tx, stretches)
        return name_origins(tracer.sum_uses(arrivals, replays, window_s), arrivals)
