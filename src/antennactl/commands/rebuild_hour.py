"""`antennactl rebuild --hour H --from-kafka`: an hour of the lake with lost files in, their rows in new files out.

The totals never lost those rows and are left alone; the ledger says how many there have to be.
"""

import threading
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from antennactl.commands.compact_hour import HourHeldError, holding_removal, take_hour_alone
from antennactl.commands.rebuild_work import at_work, discarding
from antennactl.engines.census import Census
from antennactl.engines.scan import CensusFile
from antennactl.engines.session import open_session
from antennactl.errors import FileNotReachableError, InconsistentError, NotReadyError, UsageError
from antennactl.lake.identity import check_lake
from antennactl.lake.inventory import digest_file, quarantine_files
from antennactl.lake.layout import Lake
from antennactl.lake.opening import open_lake
from antennactl.lake.recover import recover_lake
from antennactl.lake.stage import StagedFile, stage_events
from antennactl.ledger import rebuild as ledger
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.micro_batch import new_batch_id
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.ledger.workers import touch_worker
from antennactl.observe.bars import Bars
from antennactl.observe.output import note, print_document, print_table
from antennactl.rules.stretches import STRETCHES, count_offsets, cut_below, join_near, keep_inside
from antennactl.schemas import EVENTS
from antennactl.settings import Settings
from antennactl.sources.formats import choose_decoder
from antennactl.sources.kafka import KafkaSource
from antennactl.sources.spans import read_stretches

_IDENTITY: Final = ["topic_id", "kafka_partition", "kafka_offset"]
_FILE_ROWS: Final = 500_000
_NAMED: Final = 5


@dataclass(frozen=True)
class _Loss:
    """What an hour lost: `lost` files, STRETCHES that may have held their rows, and those that hold others now.

    `kept` are STRETCHES of the hour's sound files, `letters` the identities of open dead letters.
    """

    hour: datetime
    lost: pl.DataFrame
    ranges: pl.DataFrame
    kept: pl.DataFrame
    letters: pl.DataFrame


@dataclass
class _Found:
    """What Kafka has of it."""

    files: list[StagedFile] = field(default_factory=list)
    batch_ids: list[str] = field(default_factory=list)
    n_rows: int = 0
    sum_bytes: int = 0
    gone: pl.DataFrame = field(default_factory=STRETCHES.to_frame)


def rebuild_hour(settings: Settings, stop: threading.Event) -> int:
    """Replace the hour's lost and broken files by what Kafka still has of them; return 0, also when none is lost.

    (1) find what is lost, (2) read it again and stage it, (3) with the hour's file lock held alone, one transaction
    puts the new files in the place of the lost ones, after the broken ones were moved to `quarantine/`, (4) publish.
    Streams go on meanwhile. Safe to end at any moment and to run again. Raises InconsistentError, and changes
    nothing, when Kafka no longer has every row that the ledger counts; HourHeldError when others use the hour.
    """
    if settings.hour is None or not settings.from_kafka:
        message = "--hour goes with --from-kafka"
        raise UsageError(
            message, hint="without --hour, rebuild makes a lost ledger again from the whole lake"
        )
    hour, lake = settings.hour, open_lake(settings.lake)

    def check(tx: Transaction) -> None:
        require_schema(tx)
        check_lake(lake, read_setting(tx, LEDGER) or "", create=False)

    with (
        Database(settings.dsn) as database,
        at_work(database, check) as worker,
        holding_removal(database, hour),
    ):
        # A committed file that is nowhere any more is one of the lost.
        with suppress(FileNotReachableError):
            recover_lake(database, lake, [hour])
        loss = _find_loss(database, lake, hour)
        moved: dict[str, str] = {}
        found = _Found()
        if loss.lost.height:
            with discarding(lake, found.files):
                _read_again(settings, lake, worker.name, loss, found)
                if not take_hour_alone(database, hour, stop):
                    message = f"the files of {hour:%Y-%m-%dT%HZ} are in use"
                    raise HourHeldError(
                        message, hint="is a batch of the hour running? Run this again after it"
                    )
            moved = _replace(database, lake, worker.name, loss, found)
            recover_lake(database, lake, [hour])
    _print(settings, loss, found, moved)
    return 0


def _find_loss(database: Database, lake: Lake, hour: datetime) -> _Loss:
    with database.transaction("REPEATABLE READ") as tx:
        files = tx.query("read_hour_identities", hour)
        ranges = join_near(tx.query("read_hour_ranges", hour).match_to_schema(STRETCHES), 1)
        letters = tx.query("read_letter_identities").filter(~pl.col("replayed")).select(_IDENTITY)
    is_whole = [
        digest_file(lake, path, stage_path) == digest
        for path, stage_path, digest in files.select("path", "stage_path", "sha256").iter_rows()
    ]
    whole = pl.Series(is_whole, dtype=pl.Boolean)
    kept = [
        CensusFile(path, tuple(lake.root / place for place in (path, stage_path) if place))
        for path, stage_path in files.filter(whole).select("path", "stage_path").iter_rows()
    ]
    lost = files.filter(~whole)
    if lost.is_empty():
        return _Loss(hour, lost, ranges, STRETCHES.to_frame(), letters)
    with open_session([lake.readable]) as session:
        census = Census(session, lake.files.bring)
        facts, unreadable = census.read_facts(kept)
        if unreadable:
            message = f"{unreadable[0]} has the committed bytes, but is no sound Parquet file"
            raise InconsistentError(message)
        return _Loss(hour, lost, ranges, census.read_runs(kept, facts), letters)


def _read_again(settings: Settings, lake: Lake, worker: str, loss: _Loss, found: _Found) -> None:
    """Stage the hour's events that no sound file has; raise InconsistentError unless they are all that is lost."""
    with closing(KafkaSource(settings)) as source, Bars(settings) as bars:
        topic_id = source.cluster.describe_topic().topic_id
        wanted = loss.ranges.filter(pl.col("topic_id") == topic_id)
        found.gone = pl.concat(
            [
                loss.ranges.filter(pl.col("topic_id") != topic_id),
                cut_below(wanted, source.cluster.log_starts(wanted["kafka_partition"].unique().sort())),
            ]
        )
        note(settings, f"asking Kafka for {count_offsets(wanted)} offsets again")
        held: list[pl.DataFrame] = []
        n_read = 0
        for decoded in read_stretches(source, wanted, choose_decoder(settings)):
            n_read += decoded.events.height + decoded.rejects.height
            bars("messages from Kafka", n_read, count_offsets(wanted))
            events = _keep_lost(decoded.events.with_columns(topic_id=pl.lit(topic_id)), loss)
            held.append(events)
            if sum(part.height for part in held) >= _FILE_ROWS:
                _stage(lake, worker, topic_id, held, found)
        _stage(lake, worker, topic_id, held, found)
    stored = (int(loss.lost["n_rows"].sum()), int(loss.lost["sum_bytes"].sum()))
    if stored != (found.n_rows, found.sum_bytes):
        message = (
            f"hour {loss.hour:%Y-%m-%dT%H}: stored={stored[0]} rows of {stored[1]} bytes, "
            f"Kafka has={found.n_rows} rows of {found.sum_bytes} bytes; nothing was changed"
        )
        raise InconsistentError(message, hint=_explain(found.gone))


def _keep_lost(events: pl.DataFrame, loss: _Loss) -> pl.DataFrame:
    """Return EVENTS of the hour that are in no sound file; one that was rejected by the rules of its time stays out."""
    end = loss.hour + timedelta(hours=1)
    own = events.filter(pl.col("timestamp").is_between(loss.hour, end, closed="left"))
    own = own.join(keep_inside(own, loss.kept), on=_IDENTITY, how="anti")
    return own.join(loss.letters, on=_IDENTITY, how="anti").select(EVENTS.names())


def _stage(lake: Lake, worker: str, topic_id: str, held: list[pl.DataFrame], found: _Found) -> None:
    events = pl.concat([EVENTS.to_frame(), *held])
    held.clear()
    if events.height:
        batch_id = new_batch_id()
        found.files.extend(stage_events(lake, worker, batch_id, topic_id, events))
        found.batch_ids.append(batch_id)
        found.n_rows += events.height
        found.sum_bytes += int(events["bytes"].sum())


def _explain(gone: pl.DataFrame) -> str:
    if gone.is_empty():
        return "messages that were replayed with a corrected payload are in no topic; else restore the file from a copy"
    named = [
        f"partition {partition} offsets {first} to {end - 1}"
        for _, partition, first, end in gone.head(_NAMED).iter_rows()
    ]
    return f"gone from the topic: {', '.join(named)}{', …' if gone.height > _NAMED else ''}"


def _replace(database: Database, lake: Lake, worker: str, loss: _Loss, found: _Found) -> dict[str, str]:
    """Put the staged files in the place of the lost ones; return path → new path of the broken ones, moved aside."""
    # Inside of the transaction: what is staged has to stay where a COMMIT was sent, whatever came of it.
    with database.transaction() as tx, discarding(lake, found.files):
        if not touch_worker(tx, worker):
            message = "this process was declared gone: it had stopped for long"
            raise NotReadyError(message, hint="run it again")
        if tx.query("replace_lost_files", loss.lost["path"]).height != loss.lost.height:
            message = f"files of {loss.hour:%Y-%m-%dT%HZ} were replaced meanwhile; nothing was changed"
            raise NotReadyError(message, hint="run it again")
        for batch_id, file in zip(found.batch_ids, found.files, strict=True):
            ledger.insert_staged_files(tx, batch_id, [file])
        # Before the commit, since anybody may publish the new files after it: no reader finds both.
        places = [place for row in loss.lost.select("path", "stage_path").rows() for place in row if place]
        return quarantine_files(lake, [place for place in places if lake.files.is_file(lake.root / place)])


def _print(settings: Settings, loss: _Loss, found: _Found, moved: dict[str, str]) -> None:
    rows = loss.lost.select("path", "n_rows", "sum_bytes")
    made = pl.DataFrame(
        {
            "path": [file.path for file in found.files],
            "n_rows": [file.n_rows for file in found.files],
            "sum_bytes": [file.sum_bytes for file in found.files],
        },
        schema=rows.schema,
    )
    if settings.json:
        print_document({"hour": loss.hour, "replaced": rows, "made": made, "quarantined": moved})
        return
    print_table(f"Lost files of {loss.hour:%Y-%m-%dT%HZ}", rows)
    print_table("Made again from Kafka", made)
    for path, to in moved.items():
        note(settings, f"{path} was broken: moved to {to}")
