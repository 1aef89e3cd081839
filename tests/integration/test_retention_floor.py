"""What was pruned does not come back: a micro-batch judged by an older floor is dropped and read again."""

from datetime import timedelta
from pathlib import Path

from antennactl.lake.layout import Lake
from antennactl.ledger.connection import Database
from antennactl.ledger.micro_batch import Outcome, commit_micro_batch
from antennactl.ledger.setting import RETENTION_FLOOR, write_setting
from integration.micro_batches import HOUR, make_batch, open_topic, rows_of


def test_a_floor_that_rose_since_the_batch_was_read_drops_it(postgres_dsn: str, tmp_path: Path) -> None:
    with Database(postgres_dsn) as database:
        worker = open_topic(database)
        batch = make_batch(Lake(tmp_path), worker)
        with database.transaction() as transaction:
            write_setting(transaction, RETENTION_FLOOR, (HOUR + timedelta(hours=1)).isoformat())
        assert commit_micro_batch(database, worker.name, batch) is Outcome.CONFLICT
        assert rows_of(database, "SELECT * FROM bytes") == []
        assert rows_of(
            database, "SELECT next_offset FROM antennactl.stream_offset WHERE kafka_partition = 0"
        ) == [(0,)]
