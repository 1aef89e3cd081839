"""A small system with dead letters of one's choice, and `rejects` run on it in this process."""

import io
import json
import threading
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

from antennactl.commands import rejects
from antennactl.ledger.micro_batch import MicroBatch, Outcome, commit_micro_batch, new_batch_id
from antennactl.ledger.offsets import NO_TIMES
from antennactl.rules.offsets import OffsetRange
from antennactl.schemas import MAX_STORED_PAYLOAD, REJECTS, TOTALS
from integration.verify_world import HOUR, TOPIC_ID, World


def message(**fields: object) -> bytes:
    """Return a valid message of HOUR, but for `fields`."""
    valid = {
        "bytes": 100,
        "timestamp": int(HOUR.timestamp()),
        "app": "SKYPE",
        "id": "user-1",
        "antenna_id": "a",
    }
    return json.dumps(valid | fields).encode()


class RejectsWorld(World):
    """A World in which messages of partition 0 were rejected, valid ones too: by rules of another day."""

    def reject(self, *payloads: bytes | None, reason: str = "not_json") -> list[int]:
        """Take one micro-batch of these rejects into the ledger; return their offsets."""
        first, end = self.next_offset, self.next_offset + len(payloads)
        rows = [
            (0, first + number, reason, "x", payload and payload[:MAX_STORED_PAYLOAD], len(payload or b""))
            for number, payload in enumerate(payloads)
        ]
        made = MicroBatch(
            batch_id=new_batch_id(),
            topic="devices",
            topic_id=TOPIC_ID,
            ranges=[OffsetRange(partition, first, end) for partition in (0, 1)],
            files=[],
            rejects=pl.DataFrame(rows, schema=REJECTS, orient="row"),
            totals=TOTALS.to_frame(),
            max_event_times=NO_TIMES,
            events_per_partition={},
            n_events=0,
            n_late=0,
            n_unknown_user=0,
            sum_bytes=0,
        )
        assert commit_micro_batch(self.database, self.worker.name, made) is Outcome.COMMITTED
        self.next_offset = end
        return list(range(first, end))

    def rejects(self, **options: Any) -> tuple[str, str]:
        """Run `rejects` in this process; return stdout and stderr."""
        settings = replace(self.settings(**options), quiet=False)
        with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
            assert rejects.run(settings, threading.Event()) == 0
        return out.getvalue(), err.getvalue()

    def document(self, **options: Any) -> Any:
        """Run `rejects` with --json; return its document."""
        return json.loads(self.rejects(json=True, **options)[0])

    def replay_all(self, **options: Any) -> dict[str, Any]:
        """Replay and return the document; verify agrees afterwards, and nothing is left in staging."""
        document: dict[str, Any] = self.document(replay=True, **options)
        code, account = self.verify()
        assert code == 0, account["differences"]
        if self.lake.staging.exists():
            assert {folder.name for folder in self.lake.staging.iterdir()} <= {self.worker.name}
        return document

    def open_offsets(self) -> list[int]:
        """Return the offsets of the dead letters that are open."""
        with self.database.transaction() as tx:
            rows = tx.query_text(
                "SELECT kafka_offset FROM antennactl.dead_letter WHERE replayed_at IS NULL ORDER BY 1"
            )
        return rows["kafka_offset"].to_list()

    def lake_offsets(self) -> list[int]:
        """Return the offsets in the lake, one a row."""
        files = sorted(self.lake.data.rglob("*.parquet"))
        return sorted(
            offset for file in files for offset in pl.read_parquet(file, glob=False)["kafka_offset"]
        )

    def live_sum(self) -> int:
        """Return the bytes of all live totals of apps."""
        with self.database.transaction() as tx:
            rows = tx.query_text(
                "SELECT coalesce(sum(value), 0)::bigint AS n FROM bytes WHERE type = 'app_total_bytes'"
            )
        return int(rows.item())

    def write_fixed(self, path: Path, lines: Sequence[object]) -> Path:
        """Write a --fixed file: documents as JSON, text as it is."""
        path.write_text("".join(f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines))
        return path


def named(offset: int, **keys: object) -> dict[str, object]:
    """Return a line of a --fixed file."""
    return {"topic_id": TOPIC_ID, "partition": 0, "offset": offset, **keys}


def seconds(moment: datetime) -> int:
    """Return epoch seconds."""
    return int(moment.timestamp())
