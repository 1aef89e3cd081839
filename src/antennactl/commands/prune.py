"""`prune`: how long to keep in; older windows, hourly totals, users over quota and hours of the lake gone.

The floor first, so that nothing older comes in; then results, a lot a transaction; then the lake, an hour at a time.
"""

import threading
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

import polars as pl

from antennactl import failpoints
from antennactl.commands.compact_hour import HourHeldError, holding_removal, take_hour_alone
from antennactl.errors import FileNotReachableError, InterruptedRunError, UsageError
from antennactl.lake.exchange import clear_litter
from antennactl.lake.identity import check_lake
from antennactl.lake.layout import Lake
from antennactl.lake.opening import open_lake
from antennactl.lake.prune import list_hours, remove_hour
from antennactl.lake.recover import recover_lake
from antennactl.ledger import retention
from antennactl.ledger.compaction import read_removed_paths
from antennactl.ledger.connection import Database, RetryableLedgerError
from antennactl.ledger.locks import release_all
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.observe.output import note, print_document, print_table
from antennactl.rules.hours import floor_hour
from antennactl.settings import Settings

# The hour that fills, and the one that closes: nothing of them may go.
_LEAST_KEEP_S: Final = 2 * 3600.0
_ATTEMPTS: Final = 5


@dataclass
class _Pruned:
    """What was done, or would be: rows by table, and hours, files and rows of the lake."""

    floor: datetime
    lake_floor: datetime | None
    results: Counter[str] = field(default_factory=Counter)
    lake: Counter[str] = field(default_factory=Counter)
    left: dict[datetime, str] = field(default_factory=dict)


def run(settings: Settings, stop: threading.Event) -> int:
    """Drop what `settings` no longer keep and print how much that was; return 0.

    The floor never goes back: a run that asks for less than was pruned before leaves it. Safe to end and repeat at
    any point. Hours of the lake whose files are in use, or committed and not yet published, are named and left.
    """
    keep_s, keep_lake_s = _require_durations(settings)
    now = datetime.now(UTC)
    lake = open_lake(settings.lake)
    pruned = _Pruned(
        floor_hour(now - timedelta(seconds=keep_s)),
        None if keep_lake_s is None else floor_hour(now - timedelta(seconds=keep_lake_s)),
    )
    with Database(settings.dsn) as database:
        with database.transaction() as tx:
            require_schema(tx)
            if pruned.lake_floor is not None:
                check_lake(lake, read_setting(tx, LEDGER) or "", create=False)
        if settings.dry_run:
            _count(database, pruned)
        else:
            _prune_results(database, pruned, stop)
            _prune_lake(database, lake, pruned, stop)
    for hour, why in pruned.left.items():
        note(settings, f"{hour:%Y-%m-%dT%HZ} is left: {why}")
    _print(settings, pruned)
    return 0


def _require_durations(settings: Settings) -> tuple[float, float | None]:
    if settings.keep_s is None:
        message = "prune needs --keep"
        raise UsageError(message, hint="such as --keep 30d; hours of the lake: --keep-lake 365d")
    if settings.keep_s < _LEAST_KEEP_S:
        message = "--keep is less than 2h: hours that still fill would go"
        raise UsageError(message)
    if settings.keep_lake_s is not None and settings.keep_lake_s < settings.keep_s:
        message = "--keep-lake is less than --keep: totals would lose what they are proved by"
        raise UsageError(message, hint="keep the lake at least as long as the totals")
    return settings.keep_s, settings.keep_lake_s


def _count(database: Database, pruned: _Pruned) -> None:
    with database.transaction("REPEATABLE READ") as tx:
        pruned.results.update(retention.count_old_results(tx, pruned.floor))
        if pruned.lake_floor is not None:
            for old in retention.read_old_hours(tx, pruned.lake_floor):
                pruned.lake.update(hours=1, files=old.n_files, rows=old.n_rows)


def _prune_results(database: Database, pruned: _Pruned, stop: threading.Event) -> None:
    with database.transaction() as tx:
        retention.require_rights(tx, pruned.floor)
        pruned.floor = retention.raise_floor(tx, pruned.floor)
    failpoints.reach("prune_after_floor")
    for hour in retention.find_result_hours(database, pruned.floor):
        # Whoever is at the hour by the old floor, a batch or a replay, ends first; who comes later knows the new one.
        is_ours = take_hour_alone(database, hour, stop)
        with database.transaction() as tx:
            release_all(tx)
        if not is_ours:
            pruned.left[hour] = "its files are in use"
            continue
        _delete_results(database, hour, pruned, stop)


def _delete_results(database: Database, hour: datetime, pruned: _Pruned, stop: threading.Event) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            for table, n_rows in retention.delete_results(database, hour):
                pruned.results[table] += n_rows
                if stop.is_set():
                    raise InterruptedRunError
        except RetryableLedgerError:
            # A micro-batch by the old floor wanted the same rows: it came first.
            if attempt == _ATTEMPTS:
                raise
            stop.wait(0.1 * attempt)
        else:
            return


def _prune_lake(database: Database, lake: Lake, pruned: _Pruned, stop: threading.Event) -> None:
    if pruned.lake_floor is None:
        return
    clear_litter(database, lake)
    with database.transaction() as tx:
        live = {old.hour: old for old in retention.read_old_hours(tx, pruned.lake_floor)}
    # Folders that a run which was ended before has still to take out have no live file.
    for hour in sorted({*live, *list_hours(lake, pruned.lake_floor)}):
        if stop.is_set():
            raise InterruptedRunError
        try:
            with holding_removal(database, hour):
                if hour in live and not live[hour].is_published:
                    recover_lake(database, lake, [hour])
                if not take_hour_alone(database, hour, stop):
                    pruned.left[hour] = "its files are in use"
                    continue
                _prune_hour(database, lake, hour, pruned)
        except (HourHeldError, FileNotReachableError) as error:
            pruned.left[hour] = str(error)


def _prune_hour(database: Database, lake: Lake, hour: datetime, pruned: _Pruned) -> None:
    """Take the hour out of the ledger, then out of the lake: its file lock is held alone."""
    with database.transaction() as tx:
        n_files, n_rows = retention.remove_files(tx, hour)
    failpoints.reach("prune_before_removal")
    with database.transaction() as tx:
        removed = read_removed_paths(tx, hour)
        remove_hour(lake, hour, removed)
    if n_files:
        pruned.lake.update(hours=1, files=n_files, rows=n_rows)


def _print(settings: Settings, pruned: _Pruned) -> None:
    lake = {name: pruned.lake[name] for name in ("hours", "files", "rows")}
    if settings.json:
        document = {
            "dry_run": settings.dry_run,
            "floor": pruned.floor,
            "lake_floor": pruned.lake_floor,
            "deleted": {name: pruned.results[name] for name in ("bytes", "bytes_hourly", "user_quota_limit")},
            "lake": lake,
            "left": [{"hour": hour, "reason": why} for hour, why in pruned.left.items()],
        }
        print_document(document)
        return
    names = ("bytes", "bytes_hourly", "user_quota_limit")
    rows: list[tuple[str, datetime | None, int]] = [
        (name, pruned.floor, pruned.results[name]) for name in names
    ]
    rows.append(("lake", pruned.lake_floor, lake["rows"]))
    schema = {"from": pl.String(), "kept since": pl.Datetime("us", "UTC"), "rows dropped": pl.Int64()}
    title = "prune (dry run: nothing was written)" if settings.dry_run else "prune"
    print_table(title, pl.DataFrame(rows, schema=schema, orient="row"))
