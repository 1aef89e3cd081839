"""Options of `batch` in, the hours to run out, all known before the first is written."""

from collections.abc import Mapping
from datetime import UTC, datetime

from antennactl.errors import IncompleteHourError, UsageError
from antennactl.ledger.connection import Database
from antennactl.ledger.hours import read_hours, read_progress, read_retention_floor
from antennactl.ledger.schema import require_schema
from antennactl.rules.hours import (
    NEVER_READ,
    closes_at,
    find_due_hours,
    hours_between,
    is_before_floor,
    last_closed_hour,
    why_incomplete,
)
from antennactl.settings import Settings


def refuse_conflicts(settings: Settings) -> None:
    """Raise UsageError where options exclude or need one another."""
    ranged = settings.from_hour is not None or settings.to_hour is not None
    if (settings.hour is not None) + ranged + settings.catch_up > 1:
        message = "--hour, --from with --to, and --catch-up exclude one another"
        raise UsageError(message)
    if settings.catch_up and settings.unmanaged:
        message = "--catch-up asks the ledger, which knows nothing of an --unmanaged lake"
        raise UsageError(message, hint="name the hours with --from and --to")
    if settings.compact and (settings.unmanaged or settings.dry_run):
        message = "--compact changes a lake of ours: not with --unmanaged or --dry-run"
        raise UsageError(message)
    if ranged and (settings.from_hour is None or settings.to_hour is None):
        message = "--from and --to need each other"
        raise UsageError(message)
    if settings.from_hour and settings.to_hour and settings.from_hour > settings.to_hour:
        message = "--from lies after --to"
        raise UsageError(message)


def choose_hours(settings: Settings, database: Database) -> tuple[list[datetime], dict[datetime, str]]:
    """Return the hours to run, and with --catch-up those that are left and why.

    Raises IncompleteHourError when an hour that was asked for is not complete, UsageError when it was
    pruned or the schema is not there.
    """
    now = datetime.now(UTC)
    with database.transaction("REPEATABLE READ") as tx:
        require_schema(tx)
        partitions = [] if settings.unmanaged else read_progress(tx)
        floor = None if settings.unmanaged else read_retention_floor(tx)
        states = read_hours(tx, floor) if settings.catch_up else []
    if settings.catch_up:
        allowed = settings.allow_partial
        return find_due_hours(states, now, settings.lateness_s, partitions, allow_partial=allowed)
    if settings.from_hour and settings.to_hour:
        hours = hours_between(settings.from_hour, settings.to_hour)
    else:
        hours = [settings.hour or last_closed_hour(now, settings.lateness_s)]
    require_kept(hours[0], floor)
    waiting = {}
    for hour in hours:
        why = (
            why_open(hour, now, settings.lateness_s)
            if settings.unmanaged
            else why_incomplete(hour, now, settings.lateness_s, partitions)
        )
        if why:
            waiting[hour] = why
    if waiting and not settings.allow_partial:
        raise _incomplete(waiting)
    return hours, {}


def why_open(hour: datetime, now: datetime, lateness_s: float) -> str | None:
    """Return when `hour` closes by the clock, None when it has.

    Of an unmanaged lake no more is known: nobody says how far its writer has come.
    """
    return why_incomplete(hour, now, lateness_s, []) if now < closes_at(hour, lateness_s) else None


def _incomplete(waiting: Mapping[datetime, str]) -> IncompleteHourError:
    hour, why = next(iter(waiting.items()))
    more = f" ({len(waiting) - 1} more hours are not complete)" if len(waiting) > 1 else ""
    message = f"the hour {hour:%Y-%m-%dT%HZ} is not complete: {why}{more}"
    hint = (
        "antennactl stream reads it; was everything read already, check --topic"
        if why == NEVER_READ
        else "wait, or take what is there with --allow-partial"
    )
    return IncompleteHourError(message, hint=hint)


def require_kept(hour: datetime, floor: datetime | None) -> None:
    """Raise UsageError when `hour` is older than the oldest hour kept."""
    if is_before_floor(hour, floor):
        message = f"the hour {hour:%Y-%m-%dT%HZ} was pruned: the oldest kept is {floor:%Y-%m-%dT%HZ}"
        raise UsageError(message, hint="older hours are left alone")
