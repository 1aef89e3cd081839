"""A system whose database is lost: the lake that was kept, and a new database to rebuild the ledger in."""

import io
import json
import threading
from contextlib import redirect_stdout
from dataclasses import dataclass
from typing import Any

import polars as pl

from antennactl.commands import batch, rebuild, verify
from antennactl.ledger.connection import Database
from antennactl.settings import Settings
from integration.verify_world import World

TABLES = {
    "bytes": "SELECT timestamp, id, type, value FROM bytes ORDER BY 1, 2, 3",
    "bytes_hourly": "SELECT timestamp, id, type, value FROM bytes_hourly ORDER BY 1, 2, 3",
    "files": "SELECT path, hour, n_rows, sum_bytes, sha256 FROM antennactl.lake_file "
    "WHERE removed_at IS NULL ORDER BY path",
    "newest": "SELECT kafka_partition, max_event_time FROM antennactl.stream_offset ORDER BY 1",
}


@dataclass(frozen=True)
class Second:
    """The kept lake of `world`, with a new database; Kafka does not answer."""

    world: World
    dsn: str

    def settings(self, **options: Any) -> Settings:
        """Return settings of the new database and the kept lake."""
        root = self.world.lake.root
        return Settings(
            dsn=self.dsn, lake=root, bootstrap_servers="127.0.0.1:1", quiet=True, json=True, **options
        )

    def rebuild(self, **options: Any) -> dict[str, Any]:
        """Run rebuild in this process and return its document."""
        with redirect_stdout(io.StringIO()) as printed:
            assert rebuild.run(self.settings(**options), threading.Event()) == 0
        document: dict[str, Any] = json.loads(printed.getvalue())
        return document

    def verify(self) -> None:
        """Let verify agree."""
        with redirect_stdout(io.StringIO()) as printed:
            code = verify.run(self.settings(), threading.Event())
        assert code == 0, printed.getvalue()

    def batch(self) -> None:
        """Run the batch layer over every hour."""
        with redirect_stdout(io.StringIO()):
            assert batch.run(self.settings(catch_up=True, allow_partial=True), threading.Event()) == 0

    def query(self, statement: str) -> pl.DataFrame:
        """Return the rows of one statement."""
        with Database(self.dsn) as database, database.transaction() as tx:
            return tx.query_text(statement)

    def is_empty(self) -> bool:
        """Return whether nothing was written to the new database."""
        with Database(self.dsn) as database, database.transaction() as tx:
            return bool(tx.query("is_ledger_empty").item())


def read_tables(dsn: str) -> dict[str, list[tuple[object, ...]]]:
    """Return what has to be the same before the loss and after the rebuild."""
    with Database(dsn) as database, database.transaction() as tx:
        return {name: tx.query_text(statement).rows() for name, statement in TABLES.items()}
