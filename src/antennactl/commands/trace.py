"""`trace`: one total in; the lake rows, micro-batches and Kafka offsets that made it, and whether they add up, out."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from antennactl.commands.hour_evidence import hold_hour, place_files, read_window_s, refuse_unmanaged
from antennactl.engines.session import open_session
from antennactl.engines.trace import TotalKey, Tracer
from antennactl.errors import InconsistentError, UsageError
from antennactl.lake.layout import Lake
from antennactl.lake.opening import open_lake
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.hours import read_hour
from antennactl.ledger.traces import (
    read_arrivals,
    read_hourly_value,
    read_id_windows,
    read_trace_files,
)
from antennactl.observe.output import warn
from antennactl.observe.trace_account import DEFAULT_ROWS, TraceAccount, print_trace
from antennactl.rules.hours import HOUR, HourState, floor_hour, is_changed
from antennactl.rules.quotas import doubts, require_run
from antennactl.rules.traces import DIFFERS, PENDING, judge_total, name_origins, sum_sources
from antennactl.settings import Settings


@dataclass(frozen=True)
class _Snapshot:
    """What one moment of PostgreSQL says of the total and its hour; `files` is TRACE_FILES."""

    stored: int | None
    state: HourState
    files: pl.DataFrame


def run(settings: Settings, _stop: threading.Event) -> int:
    """Print where a total is from; return 0, or 5 where the lake says otherwise.

    A total of `bytes` is named by --timestamp, one of `bytes_hourly` by --hour. Only the hour's files are read. An
    hourly total whose hour changed since its run is pending, not different. Raises UsageError when there is no such
    total, NotReadyError when the hour has no batch run or a committed file is not reachable from this host.
    """
    lake = open_lake(settings.lake)
    with Database(settings.dsn) as database:
        key, is_hourly = _find_key(settings, database)
        hold_hour(database, lake, floor_hour(key.first))
        with database.transaction("REPEATABLE READ") as tx:
            snapshot = _read_snapshot(tx, key, is_hourly=is_hourly)
        account = _trace(settings, database, lake, key, snapshot, is_hourly=is_hourly)
    if account.stored is None and not account.lake.n_rows:
        message = f"there is no {key.total_type} of {key.id} at {account.timestamp:%Y-%m-%dT%H:%M:%SZ}"
        raise UsageError(
            message, hint="--type, --id and --timestamp or --hour are those of a row of the table"
        )
    print_trace(settings, account)
    return _judge(settings, account)


def _find_key(settings: Settings, database: Database) -> tuple[TotalKey, bool]:
    if settings.total_type is None or settings.total_id is None:
        message = "--type and --id name the total, together with --timestamp or --hour"
        raise UsageError(message)
    if (settings.hour is None) == (settings.timestamp is None):
        message = "one of --timestamp (a window of bytes) and --hour (of bytes_hourly) is wanted"
        raise UsageError(message)
    if settings.hour is not None:
        return TotalKey(settings.total_type, settings.total_id, settings.hour, settings.hour + HOUR), True
    assert settings.timestamp is not None  # noqa: S101 - one of the two is given
    window = timedelta(seconds=read_window_s(database))
    start = settings.timestamp - (settings.timestamp - datetime(1970, 1, 1, tzinfo=UTC)) % window
    return TotalKey(settings.total_type, settings.total_id, start, start + window), False


def _read_snapshot(tx: Transaction, key: TotalKey, *, is_hourly: bool) -> _Snapshot:
    hour = floor_hour(key.first)
    state = read_hour(tx, hour)
    refuse_unmanaged(state)
    files = read_trace_files(tx, hour)
    if is_hourly:
        require_run(state, state.hour + HOUR)
        return _Snapshot(read_hourly_value(tx, hour, key.id, key.total_type), state, files)
    windows = read_id_windows(tx, [key.first], key.id, key.total_type)
    return _Snapshot(windows.item(0, "value") if windows.height else None, state, files)


def _trace(  # noqa: PLR0913 - all that one trace needs
    settings: Settings, database: Database, lake: Lake, key: TotalKey, snapshot: _Snapshot, *, is_hourly: bool
) -> TraceAccount:
    with open_session([lake.readable]) as session:
        tracer = Tracer(session, place_files(lake, snapshot.files), key, lake.files.bring)
        stretches = tracer.find_stretches()
        with database.transaction() as tx:
            arrivals, replays = read_arrivals(tx, stretches)
        sources = tracer.sum_sources(arrivals, replays)
        rows = tracer.read_rows(settings.limit or DEFAULT_ROWS)
    found = sum_sources(sources)
    changed = is_hourly and is_changed(snapshot.state)
    return TraceAccount(
        table="bytes_hourly" if is_hourly else "bytes",
        total_type=key.total_type,
        id=key.id,
        timestamp=key.first,
        stored=snapshot.stored,
        lake=found,
        verdict=judge_total(snapshot.stored, found, is_changed=changed),
        state=snapshot.state,
        named=name_origins(sources, arrivals),
        rows=rows,
    )


def _judge(settings: Settings, account: TraceAccount) -> int:
    if account.verdict == DIFFERS:
        sides = f"{account.table} says {account.stored}, the lake {account.lake.sum_bytes}"
        warn(f"the total differs: {sides}; find every difference with: antennactl verify", settings)
        return InconsistentError.exit_code
    if account.verdict == PENDING:
        for line in doubts(account.state):
            warn(line, settings)
    return 0
