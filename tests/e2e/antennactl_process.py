"""The installed command as a process: started with one test's services, waited for, signalled, killed."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from antennactl.ledger.connection import Database

COMMAND = Path(sys.executable).with_name("antennactl")
WAIT_S = 90
_started: "list[subprocess.Popen[str]]" = []


@dataclass(frozen=True)
class World:
    """One test's database, topic and lake, and the commands run on them."""

    dsn: str
    bootstrap_servers: str
    topic: str
    folder: Path

    @property
    def lake(self) -> Path:
        return self.folder / "lake"

    @property
    def sent(self) -> Path:
        return self.folder / "sent.csv"

    def environ(self, extra: Mapping[str, str] | None = None) -> dict[str, str]:
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANTENNACTL_", "PG"))
        }
        return {
            **kept,
            "ANTENNACTL_DSN": self.dsn,
            "ANTENNACTL_BOOTSTRAP_SERVERS": self.bootstrap_servers,
            "ANTENNACTL_TOPIC": self.topic,
            "ANTENNACTL_LAKE": str(self.lake),
            # Killed members of one test's group must not hold up the next test's.
            "ANTENNACTL_GROUP": self.topic,
            **(extra or {}),
        }

    def start(self, *words: str, env: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
        """Start a command; its output is kept for `finish`. What still runs when the test has ended is killed."""
        process = subprocess.Popen(
            [COMMAND, *words],
            env=self.environ(env),
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        _started.append(process)
        return process

    def run(self, *words: str, env: Mapping[str, str] | None = None, code: int = 0) -> str:
        """Run a command to its end, check its exit code and return what it printed on stdout."""
        done = subprocess.run(
            [COMMAND, *words],
            env=self.environ(env),
            cwd=self.folder,
            text=True,
            capture_output=True,
            timeout=WAIT_S,
            check=False,
        )
        assert done.returncode == code, f"{words} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}"
        return done.stdout if code == 0 else done.stdout + done.stderr

    def document(self, *words: str, code: int = 0) -> Any:
        """Run a command with --json and return its document."""
        return json.loads(self.run(*words, "--json", code=code).splitlines()[0])

    def query(self, statement: str) -> pl.DataFrame:
        """Return the rows of one statement."""
        with Database(self.dsn) as database, database.transaction() as transaction:
            return transaction.query_text(statement)

    def table(self, name: str, order: str) -> list[tuple[object, ...]]:
        """Return a whole table's rows in order."""
        return self.query(f"SELECT * FROM {name} ORDER BY {order}").rows()

    def lake_rows(self) -> list[tuple[object, ...]]:
        """Return every row that a plain glob of the lake finds, in order of identity."""
        glob = self.lake / "data" / "**" / "*.parquet"
        with duckdb.connect() as session:
            return session.execute(
                "SELECT epoch_us(timestamp), id, antenna_id, bytes, app, topic_id, kafka_partition, kafka_offset "
                f"FROM read_parquet('{glob}') ORDER BY kafka_partition, kafka_offset"
            ).fetchall()

    def sent_log(self, path: Path | None = None) -> pl.DataFrame:
        """Return the producer's own account of what it sent."""
        return pl.read_csv(path or self.sent, infer_schema=False)

    def staged_files(self) -> list[Path]:
        """Return what lies in staging."""
        return [path for path in (self.lake / "staging").rglob("*") if path.is_file()]


def end_started() -> None:
    """Kill what tests started and did not see the end of: what failed one test must not fail the next."""
    while _started:
        process = _started.pop()
        if process.returncode is None:
            process.kill()
            process.communicate()


def finish(process: "subprocess.Popen[str]") -> tuple[int, str, str]:
    """Wait for the process; return its exit code and what it printed."""
    out, err = process.communicate(timeout=WAIT_S)
    return process.returncode, out, err


def wait_for(condition: Callable[[], object]) -> None:
    """Return as soon as `condition` holds; fail after WAIT_S."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


def check_oracle(world: World, *logs: Path) -> None:
    """Hold everything that was kept against the producers' own logs: the one oracle of all such tests.

    No identity twice and no valid one missing in a plain glob of the lake; bytes equal in the log, the lake and each
    total type, key by key; every bad message dead-lettered once with its reason; staging empty; verify agrees.
    """
    sent = pl.concat([world.sent_log(path) for path in (logs or (world.sent,))])
    valid = sent.filter(pl.col("kind") != "malformed").cast(
        {"bytes": pl.Int64, "timestamp": pl.Int64, "kafka_partition": pl.Int64, "kafka_offset": pl.Int64}
    )
    rows = world.lake_rows()
    expected = valid.sort("kafka_partition", "kafka_offset").select(
        pl.col("timestamp") * 1_000_000, "id", "antenna_id", "bytes", "app", "kafka_partition", "kafka_offset"
    )
    assert [(*row[:5], *row[6:]) for row in rows] == expected.rows()
    _check_totals(world, valid)
    bad = sent.filter(pl.col("kind") == "malformed").cast(
        {"kafka_partition": pl.Int64, "kafka_offset": pl.Int64}
    )
    letters = world.query(
        "SELECT kafka_partition::bigint, kafka_offset, reason FROM antennactl.dead_letter ORDER BY 1, 2"
    )
    assert (
        letters.rows()
        == bad.sort("kafka_partition", "kafka_offset")
        .select("kafka_partition", "kafka_offset", "reason")
        .rows()
    )
    assert world.staged_files() == []
    world.run("verify")


def _check_totals(world: World, valid: pl.DataFrame) -> None:
    windowed = valid.with_columns((pl.col("timestamp") // 300 * 300).alias("window"))
    for total_type, column in (
        ("user_total_bytes", "id"),
        ("antenna_total_bytes", "antenna_id"),
        ("app_total_bytes", "app"),
    ):
        expected = windowed.group_by("window", column).agg(pl.col("bytes").sum()).sort("window", column)
        found = world.query(
            "SELECT extract(epoch FROM timestamp)::bigint, id, value FROM bytes "
            f"WHERE type = '{total_type}' ORDER BY 1, id COLLATE \"C\""
        )
        assert found.rows() == expected.rows()
