"""`compact`: closed hours of the lake in, the same hours in one sorted file each out.

Clear what ended runs left, choose the hours, then each of them in turn; see `compact_hour`.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from antennactl.commands.compact_hour import Compaction, HourHeldError, compact_hour, compaction_table
from antennactl.errors import (
    AntennactlError,
    IncompleteHourError,
    InconsistentError,
    NotReadyError,
    UsageError,
)
from antennactl.lake.exchange import FOLDER, clear_litter
from antennactl.lake.identity import check_lake
from antennactl.lake.layout import Lake
from antennactl.lake.opening import open_lake
from antennactl.ledger.compaction import read_hour_files
from antennactl.ledger.connection import Database
from antennactl.ledger.hours import read_progress
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.observe.bars import Bars
from antennactl.observe.output import note, print_document, print_table, warn
from antennactl.rules.compaction import HourFiles, is_scattered
from antennactl.rules.hours import last_closed_hour, why_incomplete
from antennactl.settings import Settings


def run(settings: Settings, stop: threading.Event) -> int:
    """Compact the hours that `settings` ask for and print one line for each; return 0.

    An hour that fails stays as it is and does not keep the others from being compacted; the first error is raised
    after them. Raises IncompleteHourError when the hour that was asked for is not complete.
    """
    if settings.hour and settings.catch_up:
        message = "--hour and --catch-up exclude one another"
        raise UsageError(message)
    lake = open_lake(settings.lake)
    with Database(settings.dsn) as database:
        hours, left = _choose(settings, database, lake)
        if settings.dry_run:
            _print_plan(settings, hours, left)
            return 0
        clear_litter(database, lake)
        outcome = _compact_all(settings, database, lake, hours, stop)
    left |= outcome.held
    for hour, why in left.items():
        note(settings, f"{hour:%Y-%m-%dT%HZ} is left: {why}")
    if outcome.done or not outcome.errors:
        _print(settings, outcome.done, left)
    if outcome.errors:
        raise outcome.errors[0]
    return 0


@dataclass
class _Outcome:
    done: list[Compaction] = field(default_factory=list)
    held: dict[datetime, str] = field(default_factory=dict)
    errors: list[AntennactlError] = field(default_factory=list)


def _compact_all(
    settings: Settings, database: Database, lake: Lake, hours: Sequence[HourFiles], stop: threading.Event
) -> _Outcome:
    """Compact `hours` and return what was done, which of them somebody else held (--catch-up), and what failed."""
    outcome = _Outcome()
    with Bars(settings) as bars:
        for files in bars.over("hours", hours):
            try:
                outcome.done.append(compact_hour(database, lake, files.hour, stop))
            except HourHeldError as error:
                if not settings.catch_up:
                    raise
                outcome.held[files.hour] = str(error)
            except (NotReadyError, InconsistentError) as error:
                if outcome.errors or len(hours) > 1:
                    warn(f"{files.hour:%Y-%m-%dT%HZ}: {error}", settings)
                outcome.errors.append(error)
    return outcome


def _choose(
    settings: Settings, database: Database, lake: Lake
) -> tuple[list[HourFiles], dict[datetime, str]]:
    """Return the hours to compact, and with --catch-up those that would be but are not complete, and why."""
    now = datetime.now(UTC)
    with database.transaction("REPEATABLE READ") as tx:
        require_schema(tx)
        check_lake(lake, read_setting(tx, LEDGER) or "", create=False)
        partitions = read_progress(tx)
        states = read_hour_files(tx, FOLDER)
    if settings.catch_up:
        waiting = {
            files.hour: why_incomplete(files.hour, now, settings.lateness_s, partitions)
            for files in states
            if is_scattered(files)
        }
        chosen = [files for files in states if files.hour in waiting and waiting[files.hour] is None]
        return chosen, {hour: why for hour, why in waiting.items() if why}
    hour = settings.hour or last_closed_hour(now, settings.lateness_s)
    why = why_incomplete(hour, now, settings.lateness_s, partitions)
    if why:
        message = f"the hour {hour:%Y-%m-%dT%HZ} is not complete: {why}"
        raise IncompleteHourError(message, hint="only closed hours are compacted: wait")
    return [next((files for files in states if files.hour == hour), HourFiles(hour, 0, 0))], {}


def _print_plan(settings: Settings, hours: Sequence[HourFiles], left: dict[datetime, str]) -> None:
    if settings.json:
        chosen = [{"hour": files.hour, "n_files": files.n_files} for files in hours]
        print_document({"dry_run": True, "compacted": chosen, "left": _reasons(left)})
        return
    rows = compaction_table([Compaction(files.hour, files.n_files, 0, 0, 0) for files in hours])
    print_table("compact (dry run: nothing was written)", rows.select("hour", "files"))


def _print(settings: Settings, done: Sequence[Compaction], left: dict[datetime, str]) -> None:
    if settings.json:
        document = {"dry_run": False, "compacted": list(map(vars, done)), "left": _reasons(left)}
        print_document(document)
        return
    print_table("compact", compaction_table(done))


def _reasons(left: dict[datetime, str]) -> list[dict[str, object]]:
    return [{"hour": hour, "reason": why} for hour, why in left.items()]
