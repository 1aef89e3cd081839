"""`batch`: an hour of the lake in, its totals and the users over quota out, in the place of what was there.

Choose the hours, then for each of them: lock, recover, read one snapshot, compute, replace.
"""

import random
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from antennactl import failpoints
from antennactl.commands.batch_hours import choose_hours, refuse_conflicts, require_kept, why_open
from antennactl.commands.batch_results import HourOutcome, print_outcomes, warn_about
from antennactl.commands.compact_hour import Compaction, HourHeldError, compact_hour
from antennactl.commands.metrics_outlets import check_batch_metrics, write_batch_metrics
from antennactl.engines.choose import choose_engine
from antennactl.engines.devices import LedgerFile
from antennactl.engines.engine import Engine, HourResult
from antennactl.engines.queries import load_queries
from antennactl.errors import (
    AntennactlError,
    FileNotReachableError,
    InconsistentError,
    NotReadyError,
)
from antennactl.lake.exchange import clear_litter
from antennactl.lake.identity import check_lake
from antennactl.lake.layout import Lake
from antennactl.lake.opening import open_lake
from antennactl.lake.recover import recover_lake
from antennactl.lake.unmanaged import unmanaged_files
from antennactl.ledger.connection import Database, RetryableLedgerError
from antennactl.ledger.hours import (
    HourFile,
    HourSnapshot,
    read_snapshot,
    read_unmanaged_snapshot,
)
from antennactl.ledger.locks import giving_back, hold_hour_files, hold_run
from antennactl.ledger.runs import BatchRun, replace_hour
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.observe.bars import Bars
from antennactl.observe.output import note, warn
from antennactl.rules.hours import why_incomplete
from antennactl.schemas import ANTENNA_TOTAL, APP_TOTAL, USER_TOTAL
from antennactl.settings import Settings

_ATTEMPTS: Final = 5


@dataclass(frozen=True)
class _Job:
    """What every hour of one run of the command has in common."""

    settings: Settings
    database: Database
    lake: Lake
    engine: Engine


def run(settings: Settings, stop: threading.Event) -> int:
    """Run the hours that `settings` ask for and print one line for each; return 0.

    An hour that fails keeps its old results and does not keep the other hours from being run; the first
    error is raised after them.
    """
    refuse_conflicts(settings)
    check_batch_metrics(settings)
    lake = open_lake(settings.lake)
    store = (lake.readable, lake.url) if lake.url else None
    queries = load_queries(settings.queries)
    engine = choose_engine(settings.engine, settings.spark_remote, queries, store)
    with Database(settings.dsn) as database, engine:
        hours, left = choose_hours(settings, database)
        if not settings.unmanaged and (hours or lake.files.is_file(lake.identity_file)):
            with database.transaction() as tx:
                check_lake(lake, read_setting(tx, LEDGER) or "", create=False)
        for hour, why in left.items():
            note(settings, f"{hour:%Y-%m-%dT%HZ} is left: {why}")
        if settings.compact:
            clear_litter(database, lake)
        job = _Job(settings, database, lake, engine)
        outcomes: list[HourOutcome] = []
        compacted: list[Compaction] = []
        errors: list[AntennactlError] = []
        with Bars(settings) as bars:
            for hour in bars.over("hours", hours):
                try:
                    outcomes.extend(_run_hour(job, hour, stop))
                    compacted.extend(_compact(job, outcomes, hour, stop))
                except (NotReadyError, InconsistentError) as error:
                    if errors or len(hours) > 1:
                        warn(f"{hour:%Y-%m-%dT%HZ}: {error}", settings)
                    errors.append(error)
        if not errors:
            write_batch_metrics(settings, database)
    if outcomes or not errors:
        print_outcomes(settings, outcomes, left, compacted)
    if errors:
        raise errors[0]
    return 0


def _run_hour(job: _Job, hour: datetime, stop: threading.Event) -> list[HourOutcome]:
    """Run one hour under its locks and return its outcome; none when --catch-up found another run at it."""
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with _holding(job, hour) as held:
                return [_replace(job, hour)] if held else []
        except RetryableLedgerError:
            if attempt == _ATTEMPTS:
                raise
            # Jitter parts two runs that gave way to each other.
            stop.wait(random.uniform(0.1, 0.5) * attempt)  # noqa: S311 - no secret depends on it
    raise AssertionError  # pragma: no cover - the last attempt returns or raises


def _compact(
    job: _Job, outcomes: Sequence[HourOutcome], hour: datetime, stop: threading.Event
) -> list[Compaction]:
    """Compact the hour that was run last where --compact asks for it: closed hours only, none that others hold."""
    run_last = outcomes[-1].run if outcomes else None
    if not job.settings.compact or run_last is None or run_last.hour != hour or run_last.partial:
        return []
    try:
        return [compact_hour(job.database, job.lake, hour, stop)]
    except HourHeldError as error:
        note(job.settings, f"{hour:%Y-%m-%dT%HZ} is not compacted: {error}")
        return []


@contextmanager
def _holding(job: _Job, hour: datetime) -> Iterator[bool]:
    """Hold the run lock and the file lock of `hour`; False when --catch-up found the run lock taken."""
    with giving_back(job.database):
        with job.database.transaction() as tx:
            held = hold_run(tx, hour, wait=False)
        if not held and job.settings.catch_up:
            note(job.settings, f"{hour:%Y-%m-%dT%HZ} is left: another run is at work on it")
            yield False
            return
        with job.database.transaction() as tx:
            if not held:
                note(job.settings, f"waiting for another run of {hour:%Y-%m-%dT%HZ}")
                hold_run(tx, hour, wait=True)
            hold_hour_files(tx, hour)
        yield True


def _replace(job: _Job, hour: datetime) -> HourOutcome:
    """Put the results of `hour` in the place of the old ones: all of them, or none.

    (1) publish what was committed and is not yet in the lake, (2) read one snapshot of the ledger and the
    users, (3) compute from exactly the files it names, (4) replace in one transaction.
    """
    settings = job.settings
    # (1) A dry run writes nothing: it reads such files where they were staged.
    if not settings.unmanaged and not settings.dry_run:
        recover_lake(job.database, job.lake, [hour])
    # (2) The locks are held since before: the snapshot is younger than they are.
    with job.database.transaction("REPEATABLE READ") as tx:
        snapshot = read_unmanaged_snapshot(tx, hour) if settings.unmanaged else read_snapshot(tx, hour)
    require_kept(hour, snapshot.retention_floor)
    partial = _is_partial(settings, snapshot)
    # (3) Nothing of PostgreSQL is open meanwhile.
    result, n_files = _compute(job, snapshot)
    outcome = HourOutcome(_summarize(settings, snapshot, result, partial=partial), n_files, result)
    warn_about(settings, outcome)
    # (4) All of it in one transaction.
    if not settings.dry_run:
        failpoints.reach("batch_before_replace")
        with job.database.transaction() as tx:
            replace_hour(tx, outcome.run, result.totals, result.violators)
    return outcome


def _is_partial(settings: Settings, snapshot: HourSnapshot) -> bool:
    now = datetime.now(UTC)
    if settings.unmanaged:
        return why_open(snapshot.hour, now, settings.lateness_s) is not None
    return why_incomplete(snapshot.hour, now, settings.lateness_s, snapshot.partitions) is not None


def _compute(job: _Job, snapshot: HourSnapshot) -> tuple[HourResult, int]:
    if job.settings.unmanaged:
        paths = unmanaged_files(job.lake, snapshot.hour)
        with job.lake.naming():
            return job.engine.compute_foreign_hour(snapshot.hour, paths, snapshot.users), len(paths)
    places = _bring(job.lake, snapshot.files)
    if None in places and not job.settings.dry_run:
        # Committed between recovery and snapshot. The file lock keeps whatever is published in its place.
        recover_lake(job.database, job.lake, [snapshot.hour])
        places = _bring(job.lake, snapshot.files)
    pairs = zip(snapshot.files, places, strict=True)
    files = [_found(job.lake, file, place) for file, place in pairs]
    with job.lake.naming():
        return job.engine.compute_hour(snapshot.hour, files, snapshot.users), len(files)


def _bring(lake: Lake, files: Sequence[HourFile]) -> list[Path | None]:
    wanted = [[lake.root / path for path in (file.path, file.stage_path) if path] for file in files]
    try:
        return lake.files.bring(wanted)
    except OSError as error:
        raise lake.unusable(error, "read") from error


def _found(lake: Lake, file: HourFile, place: Path | None) -> LedgerFile:
    if place is None:
        message = f"committed lake file {file.path} is not in {lake.name}"
        raise FileNotReachableError(message, hint="is --lake the lake that the stream writes to?")
    return LedgerFile(place, file.n_rows, file.sum_bytes)


def _summarize(settings: Settings, snapshot: HourSnapshot, result: HourResult, *, partial: bool) -> BatchRun:
    drift = _drift(snapshot.live_bytes, result.totals)
    return BatchRun(
        hour=snapshot.hour,
        n_rows=result.counted.n_rows,
        sum_bytes=result.counted.sum_bytes,
        n_violators=result.violators.height,
        drift_antenna=drift.get(ANTENNA_TOTAL),
        drift_user=drift.get(USER_TOTAL),
        drift_app=drift.get(APP_TOTAL),
        partial=partial,
        unmanaged=settings.unmanaged,
    )


def _drift(live_bytes: Mapping[str, int] | None, totals: pl.DataFrame) -> dict[str, int]:
    """Return speed minus batch by type, nothing where the live totals cannot know the lake."""
    if live_bytes is None:
        return {}
    batch = dict(totals.group_by("type").agg(pl.col("value").sum()).iter_rows())
    kinds = (ANTENNA_TOTAL, USER_TOTAL, APP_TOTAL)
    return {kind: live_bytes.get(kind, 0) - batch.get(kind, 0) for kind in kinds}
