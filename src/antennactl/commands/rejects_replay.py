"""Pages of dead letters in; those that decode by the rules of now are events of lake and totals afterwards.

For each page: judge it, then for some hours' events at a time stage, commit, publish, as a micro-batch is. A message
keeps its (partition, offset); offsets and their ranges are not touched.
"""

import contextlib
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import polars as pl

from antennactl.commands.rejects_results import Tally, print_tally
from antennactl.decode import Decode, Decoded
from antennactl.errors import AntennactlError, UsageError
from antennactl.lake.identity import check_lake
from antennactl.lake.layout import Lake
from antennactl.lake.opening import open_lake
from antennactl.lake.publish import publish_files
from antennactl.lake.recover import recover_lake
from antennactl.lake.stage import discard_staged, stage_events
from antennactl.ledger.connection import CommitOutcomeUnknownError, Database, RetryableLedgerError
from antennactl.ledger.dead_letters import IS_CUT, Replay, commit_replay, read_named_letters
from antennactl.ledger.hours import read_hours, read_retention_floor
from antennactl.ledger.micro_batch import Outcome, new_batch_id
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, WINDOW_S, read_setting
from antennactl.ledger.workers import Worker, delete_worker, new_worker, register_worker
from antennactl.observe.output import note
from antennactl.rules.hours import is_changed
from antennactl.schemas import MIN_TIMESTAMP_S
from antennactl.settings import Settings
from antennactl.sources.formats import choose_decoder
from antennactl.transforms.totals import aggregate_totals

_ATTEMPTS: Final = 10
# One transaction holds a lock an hour, and PostgreSQL has room for some thousand locks in all.
_HOURS_AT_ONCE: Final = 500


@dataclass
class _Job:
    """What every page of one run has in common. `worker` is None in a dry run, which stages nothing."""

    settings: Settings
    database: Database
    lake: Lake
    window_s: float
    stop: threading.Event
    worker: Worker | None
    decode: Decode
    tally: Tally = field(default_factory=Tally)


def replay_letters(
    settings: Settings, database: Database, pages: Iterator[pl.DataFrame], stop: threading.Event
) -> int:
    """Replay `pages` of LETTERS, print what became of them and return 0.

    Safe to end at any point, to repeat and to run twice at once: a letter is closed by the transaction that adds its
    event, and only if it was open. With `dry_run` nothing is written. Raises CommitOutcomeUnknownError when
    PostgreSQL went away during a COMMIT.
    """
    lake = open_lake(settings.lake)
    window_s = _open_ledger(database, lake)
    worker = None if settings.dry_run else new_worker()
    job = _Job(settings, database, lake, window_s, stop, worker, choose_decoder(settings))
    with _at_work(job):
        for page in pages:
            for letters in page.partition_by("topic_id", maintain_order=True):
                _replay_topic(job, letters)
            note(settings, job.tally.as_line(is_trial=settings.dry_run))
    print_tally(settings, job.tally, _changed_hours(job))
    return 0


def _open_ledger(database: Database, lake: Lake) -> float:
    """Return the window of the live totals in seconds, after making sure that schema and lake belong together."""
    with database.transaction() as tx:
        require_schema(tx)
        ledger = read_setting(tx, LEDGER) or ""
        window_s = read_setting(tx, WINDOW_S)
    check_lake(lake, ledger, create=False)
    if window_s is None:
        message = "the live totals have no window yet: nothing was ever read"
        raise UsageError(message, hint="antennactl stream reads the topic")
    return float(window_s)


@contextlib.contextmanager
def _at_work(job: _Job) -> Iterator[None]:
    """Enter the job's worker, and leave ledger and staging in good order as far as they answer."""
    if job.worker is None:
        yield
        return
    _register(job.database, job.worker)
    try:
        yield
    finally:
        # What stays is cleaned up, and what is committed published, by whoever comes next.
        with contextlib.suppress(AntennactlError):
            with job.database.transaction() as tx:
                delete_worker(tx, job.worker.name)
            recover_lake(job.database, job.lake)


def _register(database: Database, worker: Worker) -> None:
    with database.transaction() as tx:
        register_worker(tx, worker)


def _replay_topic(job: _Job, letters: pl.DataFrame) -> None:
    """Replay LETTERS of one topic; those that another replay closes meanwhile are left to it."""
    for attempt in range(_ATTEMPTS):
        is_open = pl.col("replayed_at").is_null()
        job.tally.add_closed(letters.filter(~is_open))
        letters = letters.filter(is_open)
        lost = _replay_once(job, letters)
        if lost.is_empty():
            return
        job.stop.wait(random.uniform(0.0, 0.1) * attempt)  # noqa: S311 - no secret depends on it
        letters = _refresh(
            job.database, letters.join(lost, on=["kafka_partition", "kafka_offset"], how="semi")
        )
    message = "other replays keep closing the same dead letters"
    raise AntennactlError(message, hint="wait for them; to run again is safe")


def _refresh(database: Database, letters: pl.DataFrame) -> pl.DataFrame:
    """Return the same letters, corrected payloads included, with `replayed_at` as it is now."""
    with database.transaction() as tx:
        now = read_named_letters(tx, letters)
    key = ["topic_id", "kafka_partition", "kafka_offset"]
    return letters.drop("replayed_at").join(now.select(*key, "replayed_at"), on=key, how="inner")


def _replay_once(job: _Job, letters: pl.DataFrame) -> pl.DataFrame:
    """Judge `letters` and commit their events; return those (kafka_partition, kafka_offset) that did not commit."""
    with job.database.transaction() as tx:
        floor = read_retention_floor(tx)
    whole = letters.filter(~IS_CUT)
    decoded = _decode(job, whole, MIN_TIMESTAMP_S if floor is None else int(floor.timestamp()))
    lost = [decoded.events.select("kafka_partition", "kafka_offset").clear()]
    for events in _split_by_hours(decoded.events):
        places = events.select("kafka_partition", "kafka_offset")
        if job.settings.dry_run or _commit(job, letters.item(0, "topic_id"), events, floor):
            job.tally.add_replayed(letters.join(places, on=places.columns, how="semi"), events)
        else:
            lost.append(places)
    job.tally.add_left(whole, decoded.rejects)
    job.tally.add_cut(letters.filter(IS_CUT))
    return pl.concat(lost)


def _decode(job: _Job, letters: pl.DataFrame, floor_s: int) -> Decoded:
    payloads, partitions, offsets = (
        letters[name].to_list() for name in ("payload", "kafka_partition", "kafka_offset")
    )
    return job.decode(payloads, partitions, offsets, int(time.time()), floor_s)


def _split_by_hours(events: pl.DataFrame) -> Iterator[pl.DataFrame]:
    if events.is_empty():
        return
    part = (pl.col("timestamp").dt.truncate("1h").rank("dense") - 1) // _HOURS_AT_ONCE
    for rows in events.with_columns(part=part).partition_by("part", maintain_order=True):
        yield rows.drop("part")


def _commit(job: _Job, topic_id: str, events: pl.DataFrame, floor: datetime | None) -> bool:
    """Stage `events`, commit them with their letters, and publish. False: nothing was written, judge them again."""
    assert job.worker is not None  # noqa: S101 - a dry run commits nothing
    batch_id = new_batch_id()
    replay = Replay(
        batch_id=batch_id,
        topic_id=topic_id,
        letters=events.select("kafka_partition", "kafka_offset").sort("kafka_partition", "kafka_offset"),
        files=stage_events(job.lake, job.worker.name, batch_id, topic_id, events),
        totals=aggregate_totals(events, job.window_s),
        floor=floor,
    )
    outcome = _settle(job, replay)
    if outcome is Outcome.COMMITTED:
        publish_files(job.database, job.lake, replay.files)
        return True
    discard_staged(job.lake, replay.files)
    if outcome is Outcome.WORKER_GONE:
        job.worker = new_worker()
        _register(job.database, job.worker)
    return False


def _settle(job: _Job, replay: Replay) -> Outcome:
    assert job.worker is not None  # noqa: S101 - the same
    for attempt in range(1, _ATTEMPTS):
        try:
            return commit_replay(job.database, job.worker.name, replay)
        except CommitOutcomeUnknownError as error:
            message = "PostgreSQL went away during COMMIT: some messages are replayed or still open"
            hint = "run it again: what was committed is closed and is not replayed twice"
            raise CommitOutcomeUnknownError(message, hint=hint) from error
        except RetryableLedgerError:
            # The server gave this transaction up for another one: the same staged files serve the next attempt.
            job.stop.wait(random.uniform(0.1, 0.5) * attempt)  # noqa: S311 - no secret depends on it
    return commit_replay(job.database, job.worker.name, replay)


def _changed_hours(job: _Job) -> list[datetime]:
    """Return the hours replayed into whose hourly totals no longer hold; in a dry run, would no longer."""
    if not job.tally.hours:
        return []
    with job.database.transaction() as tx:
        states = read_hours(tx, min(job.tally.hours))
    return [
        state.hour
        for state in states
        if state.hour in job.tally.hours
        and (state.run is not None if job.settings.dry_run else is_changed(state))
    ]
