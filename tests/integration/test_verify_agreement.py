"""Verify finds nothing where everything agrees, whatever is still under way."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from antennactl.commands import verify
from antennactl.errors import FileNotReachableError, UsageError
from antennactl.lake.inventory import list_data
from antennactl.lake.layout import Lake
from antennactl.ledger.connection import Database
from antennactl.ledger.proof import read_ledger
from integration.verify_world import HOUR, N_EVENTS, N_REJECTS, TOPIC_ID, World

NEXT = HOUR + timedelta(hours=1)


@pytest.fixture
def world(postgres_dsn: str, tmp_path: Path) -> Iterator[World]:
    """Yield a system of one micro-batch, in a folder whose name engines could take for a pattern."""
    with World(postgres_dsn, tmp_path / "a lake's [1]* folder") as made:
        made.commit()
        yield made


def test_a_system_that_agrees_is_summed_up(world: World) -> None:
    world.commit()
    world.batch()
    code, document = world.verify()
    assert code == 0
    assert document["ok"]
    assert document["differences"] == document["pending"] == document["left_out"] == []
    totals = document["totals"]
    assert (totals["rows"], totals["files"]) == (2 * 2 * N_EVENTS, 4)
    assert totals["open_dead_letters"] == 2 * 2 * N_REJECTS
    assert [hour["hour"] for hour in document["hours"]] == ["2025-10-26T01:00:00Z", "2025-10-26T02:00:00Z"]
    code, text = world.verify_text()
    assert code == 0
    assert "no difference" in text


def test_an_hour_without_a_current_run_is_pending(world: World) -> None:
    code, document = world.verify()
    assert code == 0
    assert [hour["why"] for hour in document["pending"]] == ["no run", "no run"]
    world.batch()
    world.commit()
    code, document = world.verify()
    assert code == 0
    assert document["pending"][0]["why"] == "its run counted 20 rows, the lake has 40"


def test_a_system_that_never_streamed_agrees_but_for_its_lake(postgres_dsn: str, tmp_path: Path) -> None:
    made = World(postgres_dsn, tmp_path / "lake")
    made.database.close()
    settings = made.settings()
    assert verify.run(settings, threading.Event()) == 0
    with pytest.raises(UsageError, match="no lake of this database"):
        verify.run(replace(settings, lake=tmp_path / "other"), threading.Event())


def test_a_lake_of_another_ledger_is_refused(world: World) -> None:
    world.lake.identity_file.write_text('{"ledger": "11111111-1111-1111-1111-111111111111"}')
    with pytest.raises(UsageError, match="belongs to ledger 1111"):
        verify.run(world.settings(), threading.Event())


def test_an_unprovisioned_database_is_refused(empty_postgres_dsn: str, world: World) -> None:
    settings = replace(world.settings(), dsn=empty_postgres_dsn)
    with pytest.raises(UsageError, match="not provisioned"):
        verify.run(settings, threading.Event())


def test_files_that_were_committed_but_not_published_are_recovered_first(world: World) -> None:
    made = world.commit(publish=False)
    assert world.verify()[0] == 0
    assert all((world.lake.root / file.path).is_file() for file in made.files)


def test_a_committed_file_that_is_nowhere_is_not_reachable(world: World) -> None:
    made = world.commit(publish=False)
    (world.lake.root / made.files[0].stage_path).unlink()
    with pytest.raises(FileNotReachableError, match=made.files[0].path):
        verify.run(world.settings(), threading.Event())


def test_a_file_committed_after_recovery_is_read_where_it_is_staged(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.commit(publish=False)
    monkeypatch.setattr(verify, "recover_lake", lambda *_: 0)
    code, document = world.verify()
    assert (code, document["totals"]["rows"]) == (0, 4 * N_EVENTS)


def test_what_is_committed_and_published_during_the_run_is_no_stranger(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read_and_commit(*given: object) -> object:
        ledger = read_ledger(*given)  # type: ignore[arg-type]
        world.commit()
        return ledger

    monkeypatch.setattr(verify, "read_ledger", read_and_commit)
    code, document = world.verify()
    assert (code, document["totals"]["rows"]) == (0, 2 * N_EVENTS)


def test_a_stranger_that_turns_out_to_be_known_is_left_alone(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As when `compact` publishes between the listing and the snapshot: the second look, under the lock, counts."""

    def list_then_remove(lake: Lake) -> object:
        listed = list_data(lake)
        world.execute("UPDATE antennactl.lake_file SET removed_at = now(), removed_by = 'compact'")
        return listed

    def read_then_restore(*given: object) -> object:
        ledger = read_ledger(*given)  # type: ignore[arg-type]
        with Database(world.dsn) as other, other.transaction() as tx:
            tx.query_text("UPDATE antennactl.lake_file SET removed_at = NULL, removed_by = NULL")
        return ledger

    monkeypatch.setattr(verify, "list_data", list_then_remove)
    monkeypatch.setattr(verify, "read_ledger", read_then_restore)
    code, document = world.verify(quarantine=True)
    assert document["quarantined"] == []
    assert "unknown" not in document["n_differences"]
    assert code == 5  # the snapshot itself had rows missing


def test_one_hour_alone_leaves_the_others_unread(world: World) -> None:
    world.batch()
    other = next((world.lake.data / "year=2025/month=10/day=26/hour=2").iterdir())
    other.write_bytes(b"")
    (other.parent / "stranger.parquet").write_bytes(b"")
    code, document = world.verify(hour=HOUR)
    assert code == 0
    assert document["totals"]["rows"] == N_EVENTS
    assert document["totals"]["hours"] == 1
    assert world.differences(hour=NEXT) == {"sha256": 1, "unknown": 1}


def test_totals_without_a_known_window_are_compared_by_hour(world: World) -> None:
    world.execute("DELETE FROM antennactl.setting WHERE name = 'window_s'")
    assert world.verify()[0] == 0
    world.execute("UPDATE public.bytes SET value = value + 1 WHERE id = 'user-1'")
    assert world.differences() == {"totals": 2}


def test_pruned_hours_are_left_out(world: World) -> None:
    world.batch()
    world.execute(
        "UPDATE antennactl.lake_file SET removed_at = now(), removed_by = 'prune' WHERE hour = $1", HOUR
    )
    for path in (world.lake.data / "year=2025/month=10/day=26/hour=1").iterdir():
        path.unlink()
    world.execute("INSERT INTO antennactl.setting VALUES ('retention_floor', '2025-10-26T02:00:00Z')")
    world.execute("DELETE FROM public.bytes WHERE timestamp < $1 AND id = 'user-0'", NEXT)
    code, document = world.verify()
    assert code == 0
    assert document["left_out"] == [{"hour": "2025-10-26T01:00:00Z", "why": "pruned"}]


def test_an_unmanaged_hour_is_left_out_with_its_files(world: World) -> None:
    foreign = HOUR + timedelta(hours=9)
    folder = world.lake.data / "year=2025/month=10/day=26/hour=10"
    folder.mkdir(parents=True)
    known = next((world.lake.data / "year=2025/month=10/day=26/hour=1").iterdir())
    (folder / "part-0000.snappy.parquet").write_bytes(known.read_bytes())
    assert world.differences() == {"unknown": 1}
    world.execute(
        (
            "INSERT INTO antennactl.batch_run (hour, n_rows, sum_bytes, n_violators, unmanaged) "
            "VALUES ($1, 5, 5, 0, true)"
        ),
        foreign,
    )
    world.execute("INSERT INTO public.bytes_hourly VALUES ($1, 'x', 5, 'app_total_bytes')", foreign)
    code, document = world.verify()
    assert code == 0
    assert document["left_out"] == [{"hour": "2025-10-26T10:00:00Z", "why": "unmanaged"}]


def test_replayed_dead_letters_are_rows_of_the_lake(world: World) -> None:
    letter = N_EVENTS
    made = world.replay(0, letter)
    assert world.verify()[0] == 0
    (world.lake.root / made.path).unlink()
    world.execute("DELETE FROM antennactl.lake_file WHERE path = $1", made.path)
    assert world.differences() == {"rows": 1, "partition": 1, "dead_letter": 1, "totals": 3}


def test_users_named_by_address_in_the_hourly_totals_are_no_difference_and_never_shown(world: World) -> None:
    world.execute("INSERT INTO public.user_metadata VALUES ('user-1', 'one', 'one@mail.example', 5)")
    world.batch()
    world.execute("UPDATE public.bytes_hourly SET id = 'one@mail.example' WHERE id = 'user-1'")
    assert world.verify()[0] == 0
    world.execute("DELETE FROM public.user_metadata")
    code, text = world.verify_text()
    assert code == 5
    assert "(an address)" in text
    assert "mail.example" not in text


def test_a_topic_made_again_is_a_topic_of_its_own(world: World) -> None:
    world.execute(
        "INSERT INTO antennactl.stream_offset (topic_id, kafka_partition, topic, next_offset) "
        "VALUES ('BBBBBBBBBBBBBBBBBBBBBB', 0, 'devices', 40)"
    )
    assert world.verify()[0] == 0
    world.execute(
        "INSERT INTO antennactl.offset_range VALUES ('BBBBBBBBBBBBBBBBBBBBBB', 0, 7, 40, NULL, 0, 0, 33, 'lost')"
    )
    assert world.verify()[0] == 0
    world.execute("UPDATE antennactl.stream_offset SET next_offset = 41 WHERE topic_id <> $1", TOPIC_ID)
    assert world.differences() == {"chain": 1}
