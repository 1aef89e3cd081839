"""`compact` and `prune` as processes: killed and failing at every step, under readers, beside a writer and a stream."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest

from antennactl import failpoints
from antennactl.ledger.connection import Database
from antennactl.ledger.locks import hold_hour_files
from e2e import antennactl_process
from e2e.antennactl_process import check_oracle, wait_for
from integration.compact_world import beside, files_of, fill, finish, ledger_rows, plain_rows, start
from integration.verify_world import HOUR, N_EVENTS, World
from services import made_database

COMPACT = [name for name in failpoints.NAMES if name.startswith("compact_")]
PRUNE = [name for name in failpoints.NAMES if name.startswith("prune_")]
ENDS = {"kill": -signal.SIGKILL, "error": 1}
NEXT = HOUR + timedelta(hours=1)


@pytest.fixture
def system(postgres_dsn: str, tmp_path: Path) -> Iterator[World]:
    """Give a system that agrees with itself and holds nothing yet."""
    with World(postgres_dsn, tmp_path / "lake") as made:
        yield made


def is_whole(rows: list[tuple[object, ...]]) -> bool:
    return len({row[:3] for row in rows}) == len(rows)


@pytest.mark.parametrize("action", sorted(ENDS))
@pytest.mark.parametrize("place", COMPACT)
def test_a_compaction_that_ends_here_loses_and_doubles_nothing(
    system: World, tmp_path: Path, place: str, action: str
) -> None:
    fill(system)
    system.batch()
    before = plain_rows(system)
    note = tmp_path / "reached"
    process = start(
        system, "compact", "--hour", f"{HOUR:%Y-%m-%dT%H}", failpoint=f"{place}:{action}:1:{note}"
    )
    assert finish(process)[0] == ENDS[action]
    assert note.read_text() == place
    assert plain_rows(system) == before
    # A late micro-batch comes before anybody has mended it, and its rows stay in sight.
    system.commit()
    rows = plain_rows(system)
    assert len(rows) == len(before) + 2 * N_EVENTS
    assert is_whole(rows)
    assert system.verify()[0] == 0
    assert plain_rows(system) == rows
    system.batch()
    assert system.verify()[1]["pending"] == []
    assert finish(start(system, "compact", "--hour", f"{HOUR:%Y-%m-%dT%H}"))[0] == 0
    assert plain_rows(system) == rows
    assert (len(files_of(system, HOUR)), beside(system)) == (1, [])
    assert system.verify()[0] == 0


def test_a_batch_reads_an_hour_whose_exchange_is_owed(system: World, tmp_path: Path) -> None:
    fill(system)
    before = plain_rows(system)
    note = tmp_path / "reached"
    hour = f"{HOUR:%Y-%m-%dT%H}"
    process = start(system, "compact", "--hour", hour, failpoint=f"compact_after_commit:kill:1:{note}")
    assert finish(process)[0] == -signal.SIGKILL
    # While somebody reads the hour nobody can make the exchange; whatever is asked is answered as ever.
    with Database(system.dsn) as reader:
        with reader.transaction() as tx:
            hold_hour_files(tx, HOUR)
        assert system.verify()[0] == 0
        system.batch()
        assert system.verify()[0] == 0
        assert finish(start(system, "compact", "--hour", hour))[0] == 4
        assert len(files_of(system, HOUR)) == 6
    assert system.verify()[0] == 0
    assert len(files_of(system, HOUR)) == 1
    assert plain_rows(system) == before


def test_readers_never_count_wrong_during_a_hundred_compactions(system: World) -> None:
    for number in range(50):
        for _ in range(3):
            system.commit(hour=HOUR + timedelta(hours=2 * number))
    system.execute("UPDATE antennactl.stream_offset SET caught_up_at = now()")
    expected = 150 * 2 * N_EVENTS
    done = threading.Event()
    glob = str(system.lake.data / "**" / "*.parquet")

    def read_with_duckdb() -> set[int]:
        seen = set()
        with duckdb.connect() as session:
            while not done.is_set():
                try:
                    seen.add(session.execute(f"SELECT count(*) FROM read_parquet('{glob}')").fetchall()[0][0])
                except duckdb.IOException as error:
                    assert "No such file" in str(error) or "No files found" in str(error)  # noqa: PT017
        return seen

    def read_with_polars() -> set[int]:
        seen = set()
        while not done.is_set():
            try:
                seen.add(pl.scan_parquet(glob).select(pl.len()).collect().item())
            except (FileNotFoundError, pl.exceptions.ComputeError) as error:
                assert "No such file" in str(error) or "not found" in str(error)  # noqa: PT017
        return seen

    with ThreadPoolExecutor() as pool:
        readers = [pool.submit(read_with_duckdb), pool.submit(read_with_polars)]
        try:
            code, text = finish(start(system, "compact", "--catch-up", "--json"))
        finally:
            done.set()
        assert code == 0, text
        assert [reader.result() for reader in readers] == [{expected}, {expected}]
    assert len(files_of(system, HOUR)) == 1
    assert len(list(system.lake.data.rglob("*.parquet"))) == 100


def test_late_rows_come_into_the_hour_while_it_is_compacted(system: World) -> None:
    fill(system)
    done = threading.Event()
    # Its own connection and numbers: a second writer of the same partitions would lose its compare-and-set.
    writer = World(system.dsn, system.lake.root)
    writer.next_offset = system.next_offset

    def write() -> int:
        n_batches = 0
        while not done.is_set():
            writer.commit()
            n_batches += 1
        return n_batches

    counts = []
    with ThreadPoolExecutor() as pool, writer:
        writing = pool.submit(write)
        try:
            for _ in range(4):
                code, text = finish(start(system, "compact", "--hour", f"{HOUR:%Y-%m-%dT%H}"))
                assert code == 0, text
                counts.append(len(plain_rows_or_again(system)))
        finally:
            done.set()
        n_batches = writing.result()
    rows = plain_rows(system)
    assert len(rows) == (6 + n_batches) * 2 * N_EVENTS
    assert is_whole(rows)
    assert counts == sorted(counts)
    assert system.verify()[0] == 0


def plain_rows_or_again(system: World) -> list[tuple[object, ...]]:
    """Return every row of the lake, read again when a folder was exchanged meanwhile."""
    while True:
        try:
            return plain_rows(system)
        except duckdb.IOException:
            continue


def hours_ago(number: int) -> datetime:
    """Return the start of an hour."""
    return datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(hours=number)


@pytest.mark.parametrize("action", sorted(ENDS))
@pytest.mark.parametrize("place", PRUNE)
def test_a_prune_that_ends_here_is_finished_by_the_next(
    system: World, tmp_path: Path, place: str, action: str
) -> None:
    for number in (80, 50, 10):
        fill(system, 2, hour=hours_ago(number))
    system.batch()
    kept = plain_rows(system, hours_ago(10))
    note = tmp_path / "reached"
    words = ("prune", "--keep", "24h", "--keep-lake", "60h")
    assert finish(start(system, *words, failpoint=f"{place}:{action}:1:{note}"))[0] == ENDS[action]
    assert note.read_text() == place
    assert system.verify()[0] == 0
    assert finish(start(system, *words))[0] == 0
    assert files_of(system, hours_ago(80)) == files_of(system, hours_ago(79)) == beside(system) == []
    assert len(files_of(system, hours_ago(50))) == 2
    assert plain_rows(system, hours_ago(10)) == kept
    for table in ("bytes", "bytes_hourly"):
        oldest = ledger_rows(system, f"SELECT min(timestamp) FROM {table}")[0][0]
        assert oldest == hours_ago(10)
    assert system.verify()[0] == 0


def test_compact_and_prune_beside_a_stream(world: antennactl_process.World) -> None:
    """Compaction of hours that a stream still adds late rows to, and a prune of nothing of its own."""
    start_at = f"{hours_ago(5):%Y-%m-%dT%H}"
    world.run(
        "simulate", "--messages", "3000", "--start", start_at, "--span", "2h", "--sent", str(world.sent)
    )
    # The same two hours once more, as late rows of a stream that runs already.
    late = world.folder / "late.csv"
    stream = world.start("stream", "--interval", "200ms", "--max-rows", "300")
    try:
        wait_for(lambda: world.query("SELECT count(*) AS n FROM antennactl.micro_batch").item() >= 5)
        producing = world.start(
            "simulate", "--messages", "3000", "--rate", "600/s", "--seed", "2", "--start", start_at, "--span", "2h",
            "--sent", str(late),
        )  # fmt: skip
        n_compacted = 0
        while producing.poll() is None:
            n_compacted += len(world.document("compact", "--catch-up")["compacted"])
            world.run("prune", "--keep", "24h", "--keep-lake", "48h")
        assert producing.wait() == 0
        producing.communicate()
        assert stream.poll() is None
    finally:
        stream.send_signal(signal.SIGTERM)
        code, _, err = antennactl_process.finish(stream)
    assert code == 0, err
    world.run("stream", "--drain")
    assert n_compacted >= 2
    world.run("compact", "--catch-up")
    check_oracle(world, world.sent, late)
    world.run("batch", "--catch-up", "--allow-partial")
    world.run("verify")
    n_files = {len(names) for folder, _, names in os.walk(world.lake / "data") if "hour=" in folder}
    assert max(n_files) <= 4


def test_a_compacted_lake_is_rebuilt_like_any_other(
    world: antennactl_process.World, postgres_server: str, postgres_template: str
) -> None:
    """Both halves of the disaster drill: an hour of the lake lost, then the database."""
    world.run("simulate", "--messages", "4000", "--malformed", "0.02", "--sent", str(world.sent))
    world.run("stream", "--drain", "--interval", "300ms", "--max-rows", "500")
    world.run("compact", "--catch-up")
    before = world.lake_rows()
    compacted = world.query(
        "SELECT path, to_char(hour AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24') FROM antennactl.lake_file "
        "WHERE stage_path LIKE 'exchange/%' ORDER BY hour LIMIT 1"
    )
    path, hour = compacted.row(0)
    (world.lake / path).unlink()
    world.run("verify", code=5)
    world.run("rebuild", "--hour", hour, "--from-kafka")
    assert world.lake_rows() == before
    world.run("compact", "--catch-up")
    check_oracle(world)
    with made_database(postgres_server, postgres_template) as dsn:
        second = antennactl_process.World(dsn, world.bootstrap_servers, world.topic, world.folder)
        second.run("provision")
        second.run("rebuild")
        second.run("stream", "--drain")
        check_oracle(second)
