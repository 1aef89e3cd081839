"""`antennactl rebuild --hour H --from-kafka`: an hour of the lake with lost files in, their rows in a new file out.

The totals never lost those rows and are left alone; the ledger says how many there have to be.
"""

from datetime import datetime, timedelta

import polars as pl

from antennactl.errors import InconsistentError, UsageError
from antennactl.lake.identity import check_lake
from antennactl.lake.inventory import digest_file
from antennactl.lake.layout import Lake
from antennactl.lake.recover import recover_lake
from antennactl.lake.stage import stage_events
from antennactl.ledger import rebuild as ledger
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.locks import exclude_hour_files
from antennactl.ledger.micro_batch import new_batch_id
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.ledger.workers import delete_worker, new_worker, register_worker
from antennactl.observe.output import note, print_document, print_table
from antennactl.rules.stretches import STRETCHES, find_stretches, join_near, keep_inside
from antennactl.schemas import EVENTS
from antennactl.settings import Settings
from antennactl.sources.kafka import KafkaSource
from antennactl.sources.spans import Span, read_spans

_NEAR = 5_000


def rebuild_hour(settings: Settings) -> int:
    """Replace the hour's lost and broken files by what Kafka still has of them; return 0, also when none is lost.

    Raises InconsistentError, and changes nothing, when Kafka no longer has every row that the ledger counts.
    """
    if settings.hour is None or not settings.from_kafka:
        message = "--hour and --from-kafka go together"
        raise UsageError(message, hint="without both, rebuild makes a lost ledger again from the whole lake")
    hour, lake = settings.hour, Lake(settings.lake)
    worker = new_worker()
    with Database(settings.dsn) as database:
        with database.transaction() as tx:
            require_schema(tx)
            check_lake(lake, read_setting(tx, LEDGER) or "", create=False)
            register_worker(tx, worker)
        recover_lake(database, lake, [])
        with database.transaction() as tx:
            exclude_hour_files(tx, hour)
            _remove_replaced(tx, lake, hour)
            files = tx.query("read_hour_identities", hour)
            lost = _find_lost(lake, files)
            if not lost.is_empty():
                events, topic_id = _read_events(tx, settings, lake, hour, files, lost)
                batch_id = new_batch_id()
                staged = stage_events(lake, worker.name, batch_id, topic_id, events)
                tx.query("replace_lost_files", lost["path"])
                ledger.insert_staged_files(tx, batch_id, staged)
        with database.transaction() as tx:
            exclude_hour_files(tx, hour)
            _remove_replaced(tx, lake, hour)
        recover_lake(database, lake, [hour])
        with database.transaction() as tx:
            delete_worker(tx, worker.name)
        recover_lake(database, lake, [hour])
    _print(settings, hour, lost)
    return 0


def _find_lost(lake: Lake, files: pl.DataFrame) -> pl.DataFrame:
    """Return the files that are not there, or not as they were written."""
    is_whole = [
        digest_file(lake, path, stage_path) == digest
        for path, stage_path, digest in files.select("path", "stage_path", "sha256").iter_rows()
    ]
    return files.filter(~pl.Series(is_whole, dtype=pl.Boolean))


def _read_events(  # noqa: PLR0913, PLR0917 - what the rows have to be told apart from
    tx: Transaction, settings: Settings, lake: Lake, hour: datetime, files: pl.DataFrame, lost: pl.DataFrame
) -> tuple[pl.DataFrame, str]:
    """Return the hour's events that no whole file has, and their topic's id."""
    source = KafkaSource(settings)
    topic_id = source.cluster.describe_topic().topic_id
    ranges = tx.query("read_batch_ranges", lost["batch_id"]).match_to_schema(STRETCHES)
    own = ranges.filter(pl.col("topic_id") == topic_id)
    spans = [Span(partition, first, end) for _, partition, first, end in join_near(own, _NEAR).iter_rows()]
    note(settings, f"reading {sum(span.next_offset - span.first_offset for span in spans)} offsets again")
    found, gone = read_spans(source, spans)
    source.close()
    in_hour = pl.col("timestamp").is_between(hour, hour + timedelta(hours=1), closed="left")
    events = found.events.filter(in_hour).with_columns(topic_id=pl.lit(topic_id))
    events = keep_inside(events, find_stretches(events) if own.is_empty() else _merge(own))
    kept = _identities(lake, files.join(lost, on="path", how="anti"))
    place = ["topic_id", "kafka_partition", "kafka_offset"]
    events = events.join(kept, on=place, how="anti")
    letters = tx.query("read_letter_identities").filter(~pl.col("replayed")) if events.height else None
    if letters is not None and not letters.is_empty():
        events = events.join(letters.select(place), on=place, how="anti")
    wanted = (int(lost["n_rows"].sum()), int(lost["sum_bytes"].sum()))
    seen = (events.height, int(events["bytes"].sum()))
    if wanted != seen:
        taken = sum(span.next_offset - span.first_offset for span in gone)
        message = (
            f"hour {hour:%Y-%m-%dT%H}: stored={wanted[0]} rows of {wanted[1]} bytes, "
            f"Kafka has={seen[0]} rows of {seen[1]} bytes"
        )
        raise InconsistentError(message, hint=f"retention took {taken} of the offsets; nothing was changed")
    return events.select(EVENTS.names()), topic_id


def _merge(ranges: pl.DataFrame) -> pl.DataFrame:
    """Return ranges as STRETCHES that do not touch."""
    return join_near(ranges, 1)


def _identities(lake: Lake, files: pl.DataFrame) -> pl.DataFrame:
    place = ["topic_id", "kafka_partition", "kafka_offset"]
    frames = [
        pl.read_parquet(lake.root / path, columns=place, glob=False, hive_partitioning=False)
        for path in files["path"]
    ]
    schema = {"topic_id": pl.String, "kafka_partition": pl.Int32, "kafka_offset": pl.Int64}
    return pl.concat(frames) if frames else pl.DataFrame(schema=schema)


def _remove_replaced(tx: Transaction, lake: Lake, hour: datetime) -> None:
    """Remove what stands in the lake of files that were replaced: another file has their rows."""
    for path in tx.query("read_replaced_files", hour)["path"]:
        (lake.root / path).unlink(missing_ok=True)


def _print(settings: Settings, hour: datetime, lost: pl.DataFrame) -> None:
    rows = lost.select("path", "n_rows", "sum_bytes")
    if settings.json:
        print_document({"hour": hour, "replaced": rows})
    else:
        print_table(f"Files of {hour:%Y-%m-%dT%HZ} that were read again from Kafka", rows)
