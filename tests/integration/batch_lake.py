"""A ledger and a lake that a test fills with events itself, and what `batch` makes of them."""

import os
import subprocess
import sys
import threading
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

import polars as pl

from antennactl.commands.batch import run
from antennactl.lake.identity import check_lake
from antennactl.lake.layout import Lake
from antennactl.lake.stage import stage_events
from antennactl.ledger.connection import Database, Value
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.schemas import ANTENNA_TOTAL, APP_TOTAL, EVENTS, TIMESTAMP, USER_TOTAL, USERS
from antennactl.settings import Settings
from antennactl.transforms.totals import aggregate_totals

# The hour in which Madrid's clocks go back: its local hour 2 happens twice.
HOUR = datetime(2024, 10, 27, 1, tzinfo=UTC)
LONG_AFTER = datetime(2024, 12, 1, tzinfo=UTC)

_INSERT_FILE = """
INSERT INTO antennactl.lake_file (path, stage_path, hour, n_rows, sum_bytes, sha256)
VALUES ($1::text, $2::text, $3::timestamptz, $4::bigint, $5::bigint, $6::text)
"""
_INSERT_PROGRESS = """
INSERT INTO antennactl.stream_offset (topic_id, kafka_partition, topic, next_offset, caught_up_at)
VALUES ('topic', $1::integer, 'devices', 0, $2::timestamptz)
ON CONFLICT (topic_id, kafka_partition) DO UPDATE SET caught_up_at = excluded.caught_up_at
"""
_ADD_TOTALS = """
INSERT INTO public.bytes
SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::bigint[], $4::text[])
ON CONFLICT (timestamp, id, type) DO UPDATE SET value = bytes.value + excluded.value
"""


class BatchLake:
    """A provisioned database and its lake; a context that closes the connection."""

    def __init__(self, dsn: str, root: Path) -> None:
        self.dsn = dsn
        self.lake = Lake(root)
        self.database = Database(dsn)
        with self.database.transaction() as tx:
            check_lake(self.lake, read_setting(tx, LEDGER) or "", create=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.database.close()

    def put(self, events: pl.DataFrame, *, published: bool = True) -> list[Path]:
        """Commit `events` as one micro-batch; return where its files stand."""
        files = stage_events(self.lake, "worker", str(uuid.uuid4()), "topic", events)
        totals = aggregate_totals(events, 300)
        with self.database.transaction() as tx:
            for file in files:
                staged = (file.path, file.stage_path, file.hour, file.n_rows, file.sum_bytes, file.sha256)
                tx.query_text(_INSERT_FILE, *staged)
            tx.query_text(_ADD_TOTALS, *(totals[name] for name in ("timestamp", "id", "value", "type")))
        if not published:
            return [self.lake.root / file.stage_path for file in files]
        for file in files:
            (self.lake.root / file.path).parent.mkdir(parents=True, exist_ok=True)
            (self.lake.root / file.stage_path).rename(self.lake.root / file.path)
        self.execute("UPDATE antennactl.lake_file SET published_at = now()")
        return [self.lake.root / file.path for file in files]

    def read_to_end(self, caught_up_at: datetime = LONG_AFTER, partitions: Sequence[int] = range(4)) -> None:
        """Note that each partition was read to its end at that time."""
        with self.database.transaction() as tx:
            for partition in partitions:
                tx.query_text(_INSERT_PROGRESS, partition, caught_up_at)

    def set_users(self, quotas: dict[str, int | None]) -> None:
        """Let these be the users; each one's e-mail is `<id>@mail`."""
        users = pl.DataFrame(
            [(key, key, f"{key}@mail", quota) for key, quota in quotas.items()], USERS, orient="row"
        )
        self.execute("DELETE FROM public.user_metadata")
        with self.database.transaction() as tx:
            tx.copy(users, "user_metadata", "public")

    def execute(self, statement: str, *values: Value) -> None:
        """Run one statement."""
        with self.database.transaction() as tx:
            tx.query_text(statement, *values)

    def select(self, statement: str) -> list[tuple[Any, ...]]:
        """Return the rows of one SELECT."""
        with self.database.transaction() as tx:
            return tx.query_text(statement).rows()

    def batch(self, **options: Any) -> int:
        """Run `batch` in this process."""
        return run(Settings(dsn=self.dsn, lake=self.lake.root, **options), threading.Event())

    def start(self, *arguments: str, **environment: str) -> "subprocess.Popen[str]":
        """Start `antennactl batch` in a process of its own."""
        command = [sys.executable, "-c", "from antennactl.cli import main; main()", "batch", *arguments]
        return subprocess.Popen(
            [*command, "--dsn", self.dsn, "--lake", str(self.lake.root)],
            env=os.environ | environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def hourly(self) -> dict[tuple[datetime, str, str], int]:
        """Return bytes_hourly as {(hour, id, type): value}; a key that is there twice fails."""
        rows = self.select("SELECT timestamp, id, type, value FROM public.bytes_hourly")
        found = {(hour, key, kind): value for hour, key, kind, value in rows}
        assert len(found) == len(rows)
        return found

    def violations(self) -> list[tuple[str, int, int, datetime]]:
        """Return user_quota_limit, sorted."""
        return sorted(self.select("SELECT email, usage, quota, timestamp FROM public.user_quota_limit"))

    def runs(self) -> dict[datetime, tuple[int, bool, bool]]:
        """Return batch_run as {hour: (n_rows, partial, unmanaged)}."""
        rows = self.select("SELECT hour, n_rows, partial, unmanaged FROM antennactl.batch_run")
        return {hour: tuple(rest) for hour, *rest in rows}


def make_events(rows: Sequence[tuple[datetime, str, str, int, str]], first_offset: int = 0) -> pl.DataFrame:
    """Return EVENTS of (timestamp, id, antenna_id, bytes, app), one partition."""
    return pl.DataFrame(
        [(*row, 0, first_offset + position) for position, row in enumerate(rows)],
        schema=EVENTS,
        orient="row",
    )


def make_traffic(hour: datetime, count: int, users: int = 7) -> pl.DataFrame:
    """Return EVENTS spread over an hour; a user's id may equal an antenna's."""
    return make_events(
        [
            (
                hour + timedelta(seconds=position * 3599 // max(1, count - 1)),
                f"key-{position % users}",
                f"key-{position % 3}",
                position * 37 % 1000,
                "SKYPE" if position % 2 else "FACEBOOK",
            )
            for position in range(count)
        ],
    )


def sum_by_hand(*parts: pl.DataFrame) -> dict[tuple[datetime, str, str], int]:
    """Return {(hour, id, type): bytes} of events, by Python alone."""
    sums: Counter[tuple[datetime, str, str]] = Counter()
    for events in parts:
        for time, user, antenna, amount, app in events.select(
            "timestamp", "id", "antenna_id", "bytes", "app"
        ).iter_rows():
            hour = time.replace(minute=0, second=0, microsecond=0)
            for key, kind in ((user, USER_TOTAL), (antenna, ANTENNA_TOTAL), (app, APP_TOTAL)):
                sums[hour, key, kind] += amount
    return dict(sums)


def foreign_frame(events: pl.DataFrame) -> pl.DataFrame:
    """Return the five columns of an event alone, in another order."""
    return events.select("bytes", "app", "antenna_id", pl.col("timestamp").cast(TIMESTAMP), "id")
