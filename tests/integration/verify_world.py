"""A small system that agrees with itself, made by the real commit path, for tests that then break one thing."""

import io
import json
import threading
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import polars as pl

from antennactl.commands import batch, verify
from antennactl.lake.identity import check_lake
from antennactl.lake.layout import Lake
from antennactl.lake.publish import publish_files
from antennactl.lake.stage import StagedFile, stage_events
from antennactl.ledger.connection import Database, Value
from antennactl.ledger.micro_batch import MicroBatch, Outcome, commit_micro_batch, new_batch_id
from antennactl.ledger.offsets import insert_offsets
from antennactl.ledger.setting import LEDGER, WINDOW_S, read_setting, write_setting
from antennactl.ledger.workers import new_worker, register_worker
from antennactl.rules.offsets import OffsetRange
from antennactl.schemas import EVENTS, REJECTS
from antennactl.settings import Settings
from antennactl.transforms.totals import aggregate_totals

HOUR = datetime(2025, 10, 26, 1, tzinfo=UTC)
TOPIC_ID = "AAAAAAAAAAAAAAAAAAAAAA"
N_EVENTS, N_REJECTS, N_SKIPPED = 20, 2, 1
LENGTH = N_EVENTS + N_REJECTS + N_SKIPPED


class World:
    """A ledger and its lake. Each micro-batch reads two partitions and holds events of two hours."""

    def __init__(self, dsn: str, root: Path) -> None:
        self.dsn = dsn
        self.lake = Lake(root)
        self.database = Database(dsn)
        self.worker = new_worker()
        self.next_offset = 0
        with self.database.transaction() as tx:
            check_lake(self.lake, read_setting(tx, LEDGER) or "", create=True)
            write_setting(tx, WINDOW_S, "300")
            insert_offsets(tx, TOPIC_ID, "devices", {0: 0, 1: 0})
            register_worker(tx, self.worker)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def commit(self, *, publish: bool = True, hour: datetime = HOUR) -> MicroBatch:
        """Take one micro-batch of both partitions into the ledger, and into the lake unless told otherwise."""
        first = self.next_offset
        events = pl.concat([_events(partition, first, hour) for partition in (0, 1)])
        batch_id = new_batch_id()
        made = MicroBatch(
            batch_id=batch_id,
            topic="devices",
            topic_id=TOPIC_ID,
            ranges=[OffsetRange(partition, first, first + LENGTH) for partition in (0, 1)],
            files=stage_events(self.lake, self.worker.name, batch_id, TOPIC_ID, events),
            rejects=pl.concat([_rejects(partition, first) for partition in (0, 1)]),
            totals=aggregate_totals(events, 300),
            max_event_times=events.group_by("kafka_partition").agg(max_event_time=pl.col("timestamp").max()),
            events_per_partition={0: N_EVENTS, 1: N_EVENTS},
            n_events=events.height,
            n_late=0,
            n_unknown_user=0,
            sum_bytes=int(events["bytes"].sum()),
        )
        assert commit_micro_batch(self.database, self.worker.name, made) is Outcome.COMMITTED
        self.next_offset += LENGTH
        if publish:
            publish_files(self.database, self.lake, made.files)
        return made

    def replay(self, partition: int, offset: int) -> StagedFile:
        """Turn a dead letter into an event of 7 bytes, as a replay would."""
        row = (HOUR, "user-1", "antenna-1", 7, "SKYPE", partition, offset)
        event = pl.DataFrame([row], schema=EVENTS, orient="row")
        file = stage_events(self.lake, self.worker.name, new_batch_id(), TOPIC_ID, event)[0]
        totals = aggregate_totals(event, 300)
        with self.database.transaction() as tx:
            tx.query_text(
                "INSERT INTO antennactl.lake_file (path, stage_path, hour, n_rows, sum_bytes, sha256) "
                "VALUES ($1, $2, $3, $4, $5, $6)",
                *(file.path, file.stage_path, file.hour, file.n_rows, file.sum_bytes, file.sha256),
            )
            tx.query("merge_totals", *totals.select("timestamp", "id", "value", "type").get_columns())
            tx.query_text(
                "UPDATE antennactl.dead_letter SET replayed_at = now() "
                "WHERE kafka_partition = $1 AND kafka_offset = $2",
                partition,
                offset,
            )
        publish_files(self.database, self.lake, [file])
        return file

    def batch(self, **options: Any) -> None:
        """Run the batch layer over every hour."""
        settings = self.settings(catch_up=True, allow_partial=True)
        assert batch.run(replace(settings, **options), threading.Event()) == 0

    def settings(self, **options: Any) -> Settings:
        """Return settings of this system."""
        return Settings(dsn=self.dsn, lake=self.lake.root, quiet=True, **options)

    def verify(self, **options: Any) -> tuple[int, dict[str, Any]]:
        """Run verify in this process; return the exit code and the JSON document."""
        code, text = self.verify_text(json=True, **options)
        return code, json.loads(text)

    def verify_text(self, **options: Any) -> tuple[int, str]:
        """Run verify in this process; return the exit code and stdout."""
        with redirect_stdout(io.StringIO()) as printed:
            code = verify.run(self.settings(**options), threading.Event())
        return code, printed.getvalue()

    def differences(self, **options: Any) -> dict[str, int]:
        """Return how many differences verify finds by check: at least one, so that the exit code is 5."""
        code, document = self.verify(**options)
        assert code == 5
        assert not document["ok"]
        named = {difference["check"] for difference in document["differences"]}
        assert named == set(document["n_differences"])
        return dict(document["n_differences"])

    def execute(self, statement: str, *values: Value) -> None:
        """Run one statement."""
        with self.database.transaction() as tx:
            tx.query_text(statement, *values)

    def rewrite(self, path: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> None:
        """Change the rows of a lake file, and its row in the ledger so that nothing but the rows tells."""
        place = self.lake.root / path
        rows = change(read_rows(place))
        rows.write_parquet(place)
        self.adopt(path)
        self.execute(
            "UPDATE antennactl.lake_file SET n_rows = $1, sum_bytes = $2 WHERE path = $3",
            rows.height,
            int(rows["bytes"].sum()),
            path,
        )

    def adopt(self, path: str) -> None:
        """Let the ledger take a file's content for what was committed."""
        content = (self.lake.root / path).read_bytes()
        self.execute(
            "UPDATE antennactl.lake_file SET sha256 = encode(sha256($1::bytea), 'hex') WHERE path = $2::text",
            content,
            path,
        )


def read_rows(path: Path) -> pl.DataFrame:
    """Return the rows of one lake file, in whatever folder."""
    return pl.read_parquet(path, glob=False, hive_partitioning=False)


def first_of(document: dict[str, Any], check: str) -> dict[str, Any]:
    """Return the first difference of a check."""
    found: dict[str, Any] = next(d for d in document["differences"] if d["check"] == check)
    return found


def _events(partition: int, first: int, hour: datetime) -> pl.DataFrame:
    rows = [
        (
            hour + timedelta(minutes=6 * number),
            f"user-{number % 5}",
            f"antenna-{number % 3}",
            (first + number) * 7 % 100,
            "SKYPE",
            partition,
            first + number,
        )
        for number in range(N_EVENTS)
    ]
    return pl.DataFrame(rows, schema=EVENTS, orient="row")


def _rejects(partition: int, first: int) -> pl.DataFrame:
    start = first + N_EVENTS
    rows = [(partition, start + number, "not_json", "x", b"{", 1) for number in range(N_REJECTS)]
    return pl.DataFrame(rows, schema=REJECTS, orient="row")
