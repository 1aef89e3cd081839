"""A replayed dead letter is an event at its old offset, once, and every number still agrees."""

import json
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from antennactl import failpoints
from antennactl.commands import rejects_replay
from antennactl.commands.rejects_results import Tally
from antennactl.errors import UsageError
from antennactl.lake.stage import stage_events
from antennactl.ledger import dead_letters
from antennactl.ledger.connection import CommitOutcomeUnknownError, Database, RetryableLedgerError
from antennactl.ledger.dead_letters import Replay, commit_replay
from antennactl.ledger.micro_batch import Outcome, new_batch_id
from antennactl.ledger.setting import RETENTION_FLOOR, write_setting
from antennactl.ledger.workers import delete_worker
from antennactl.schemas import EVENTS, MAX_PAYLOAD_BYTES
from antennactl.transforms.totals import aggregate_totals
from integration.rejects_world import RejectsWorld, message, named, seconds
from integration.verify_world import HOUR, TOPIC_ID


@pytest.fixture
def world(postgres_dsn: str, tmp_path: Path) -> Iterator[RejectsWorld]:
    with RejectsWorld(postgres_dsn, tmp_path / "lake") as made:
        yield made


def test_what_decodes_by_the_rules_of_now_becomes_events_and_the_rest_stays(world: RejectsWorld) -> None:
    world.commit()
    kept, before = world.lake_offsets(), world.live_sum()
    offsets = world.reject(message(), b"{", message(bytes=7, id="user-9"), None)
    document = world.replay_all()
    assert (document["n_replayed"], document["sum_bytes"], document["n_still_rejected"]) == (2, 107, 6)
    assert world.lake_offsets() == sorted([*kept, offsets[0], offsets[2]])
    assert world.live_sum() == before + 107
    assert world.open_offsets()[-2:] == [offsets[1], offsets[3]]
    assert {
        "reason": "not_json",
        "outcome": "still rejected",
        "reason_now": "empty",
        "messages": 1,
    } in document["counts"]
    last = next(left for left in document["still_rejected"] if left["kafka_offset"] == offsets[3])
    assert (last["kafka_offset"], last["reason"], last["reason_now"], last["detail_now"]) == (
        offsets[3],
        "not_json",
        "empty",
        "tombstone",
    )


def test_a_second_replay_changes_nothing(world: RejectsWorld) -> None:
    world.reject(message(), message())
    world.replay_all()
    assert world.replay_all()["n_replayed"] == 0
    assert (world.live_sum(), world.lake_offsets()) == (200, [0, 1])


def test_only_the_selected_are_replayed(world: RejectsWorld) -> None:
    world.reject(message(), message(), message())
    world.reject(message(), reason="missing_field")
    assert world.replay_all(reason="missing_field")["n_replayed"] == 1
    assert world.replay_all(at=[(0, 2), (0, 3)])["n_replayed"] == 1
    assert world.open_offsets() == [0, 1]
    assert world.document(replay=True, at=[(0, 2)])["n_replayed_before"] == 1
    with pytest.raises(UsageError, match="partition 1 was rejected at offset 0"):
        world.rejects(replay=True, at=[(0, 0), (1, 0)])
    assert world.open_offsets() == [0, 1]


def test_pages_and_transactions_are_bounded(world: RejectsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "PAGE_ROWS", 4)
    monkeypatch.setattr(rejects_replay, "_HOURS_AT_ONCE", 2)
    hours = [seconds(HOUR + timedelta(hours=number % 5)) for number in range(11)]
    world.reject(*[message(timestamp=hour) for hour in hours], b"{")
    document = world.replay_all()
    assert (document["n_replayed"], document["n_still_rejected"], len(document["hours"])) == (11, 1, 5)
    assert world.lake_offsets() == list(range(11))


def test_a_page_ends_after_so_many_bytes_but_holds_one_letter_at_least(
    world: RejectsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letters, "PAGE_BYTES", 250)
    world.reject(message(), message(), message(), None, message(app="x" * 255), message())
    with world.database.transaction() as tx:
        pages = [page["kafka_offset"].to_list() for page in dead_letters.read_open_letters(tx)]
    assert pages == [[0, 1, 2], [3, 4], [5]]


def test_an_hour_that_was_run_is_named_and_catches_up(world: RejectsWorld) -> None:
    world.commit()
    world.batch()
    world.reject(message())
    _, err = world.rejects(replay=True, dry_run=True)
    assert "2025-10-26T01Z" in err
    document = world.replay_all()
    assert document["changed_hours"] == ["2025-10-26T01:00:00Z"]
    world.batch()
    code, account = world.verify()
    assert (code, account["pending"]) == (0, [])
    assert world.replay_all()["changed_hours"] == []


def test_a_dry_run_tells_and_writes_nothing(world: RejectsWorld) -> None:
    world.reject(message(), b"{")
    document = world.document(replay=True, dry_run=True)
    assert document["dry_run"]
    assert (document["n_replayed"], document["n_still_rejected"]) == (1, 1)
    assert (world.open_offsets(), world.live_sum()) == ([0, 1], 0)
    assert not world.lake.staging.exists()
    assert not world.lake.data.exists()


def test_an_event_before_the_oldest_hour_kept_waits_for_the_floor(world: RejectsWorld) -> None:
    world.reject(message(), reason="before_retention")
    with world.database.transaction() as tx:
        write_setting(tx, RETENTION_FLOOR, (HOUR + timedelta(hours=1)).isoformat())
    assert world.replay_all()["still_rejected"][0]["reason_now"] == "before_retention"
    with world.database.transaction() as tx:
        write_setting(tx, RETENTION_FLOOR, HOUR.isoformat())
    assert world.replay_all()["n_replayed"] == 1


def test_an_event_from_the_future_waits_for_the_clock(world: RejectsWorld) -> None:
    now = int(datetime.now(UTC).timestamp())
    world.reject(message(timestamp=now + 7200), message(timestamp=now), reason="timestamp_out_of_range")
    document = world.replay_all()
    assert (document["n_replayed"], document["n_still_rejected"]) == (1, 1)


def test_corrected_payloads_are_replayed_and_no_others(world: RejectsWorld, tmp_path: Path) -> None:
    world.reject(b'{"bytes"', b"\xff", b"{", message(), None)
    exported = tmp_path / "exported.jsonl"
    world.rejects(export=str(exported))
    lines = [json.loads(line) for line in exported.read_text().splitlines()]
    lines[0]["text"] = message(bytes=1).decode()
    lines[1]["payload"] = "eyJieXRlcyI6Mn0="  # {"bytes":2}
    fixed = world.write_fixed(tmp_path / "fixed.jsonl", [lines[0], lines[1], lines[4], ""])
    document = world.replay_all(fixed=fixed)
    assert (document["n_replayed"], document["sum_bytes"], document["n_still_rejected"]) == (1, 1, 2)
    assert world.open_offsets() == [1, 2, 3, 4]
    assert world.replay_all(fixed=fixed)["n_replayed_before"] == 1
    assert world.live_sum() == 1


def test_a_payload_that_is_not_stored_whole_needs_a_corrected_one(
    world: RejectsWorld, tmp_path: Path
) -> None:
    # What is stored would decode by itself: it is not what was sent.
    long = message() + b" " * MAX_PAYLOAD_BYTES
    world.reject(long, long, reason="too_large")
    _, err = world.rejects(replay=True)
    assert "only --fixed" in err
    assert world.open_offsets() == [0, 1]
    exported = tmp_path / "exported.jsonl"
    world.rejects(export=str(exported))
    line = json.loads(exported.read_text().splitlines()[0])
    fixed = world.write_fixed(
        tmp_path / "fixed.jsonl", [named(0, text=message().decode()), line | {"offset": 1}]
    )
    document = world.replay_all(fixed=fixed)
    assert (document["n_replayed"], document["n_end_not_stored"]) == (1, 1)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("hunter2", "not JSON"),
        ("[]", "not a JSON object"),
        (named(0) | {"topic_id": 1}, "topic_id"),
        (named(0) | {"partition": True}, "partition"),
        (named(-1), "offset"),
        (named(0, payload="hunter2!"), "base64"),
        (named(0, payload=1), "base64"),
        (named(0, text=7), "text"),
        (named(0, text="\ud800"), "text"),
        (named(1, text="hunter2"), "twice"),
        (named(77, text="hunter2"), "no such message was rejected"),
        (named(0, text="hunter2", payload="aHVudGVy"), "both changed"),
    ],
    ids=str,
)
def test_a_bad_line_is_named_before_anything_is_written(
    world: RejectsWorld, tmp_path: Path, line: object, words: str
) -> None:
    world.reject(b"{", b"{")
    fixed = world.write_fixed(tmp_path / "fixed.jsonl", [named(1, text=message().decode()), line])
    with pytest.raises(UsageError, match=words) as caught:
        world.rejects(replay=True, fixed=fixed)
    assert "line 2" in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert world.open_offsets() == [0, 1]


def test_two_replays_at_once_double_nothing(world: RejectsWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dead_letters, "PAGE_ROWS", 10)
    tallies: list[Tally] = []
    monkeypatch.setattr(rejects_replay, "print_tally", lambda _, tally, __: tallies.append(tally))
    world.reject(*[message(bytes=number) for number in range(60)])
    # Read beforehand, so that both believe every letter to be open.
    with world.database.transaction() as tx:
        pages = list(dead_letters.read_open_letters(tx))
    barrier = threading.Barrier(2)

    def replay() -> None:
        with Database(world.dsn) as database:
            barrier.wait()
            rejects_replay.replay_letters(world.settings(), database, iter(pages), threading.Event())

    threads = [threading.Thread(target=replay) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [
        sum(tally.count(outcome) for tally in tallies) for outcome in ("replayed", "replayed before")
    ] == [60, 60]
    assert world.lake_offsets() == list(range(60))
    assert world.live_sum() == sum(range(60))
    monkeypatch.undo()
    assert world.replay_all()["n_replayed"] == 0


@pytest.mark.parametrize("step", ["after_fsync", "after_compare_and_set", "after_totals", "before_commit"])
def test_an_error_before_the_commit_leaves_nothing(
    world: RejectsWorld, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    world.reject(message())
    monkeypatch.setattr(failpoints, "_armed", step)
    monkeypatch.setattr(failpoints, "_action", "error")
    monkeypatch.setattr(failpoints, "_visits", 0)
    with pytest.raises(failpoints.FailpointError):
        world.rejects(replay=True)
    monkeypatch.undo()
    assert (world.open_offsets(), world.live_sum()) == ([0], 0)
    assert not world.lake.data.exists()
    assert list(world.lake.staging.iterdir()) == []
    assert world.replay_all()["n_replayed"] == 1


def make_replay(world: RejectsWorld, floor: datetime | None = None) -> Replay:
    event = pl.DataFrame([(HOUR, "user-1", "a", 100, "SKYPE", 0, 0)], schema=EVENTS, orient="row")
    batch_id = new_batch_id()
    return Replay(
        batch_id=batch_id,
        topic_id=TOPIC_ID,
        letters=event.select("kafka_partition", "kafka_offset"),
        files=stage_events(world.lake, world.worker.name, batch_id, TOPIC_ID, event),
        totals=aggregate_totals(event, 300),
        floor=floor,
    )


def test_a_letter_that_was_closed_meanwhile_is_a_conflict(world: RejectsWorld) -> None:
    world.reject(message())
    first, second = make_replay(world), make_replay(world)
    assert commit_replay(world.database, world.worker.name, first) is Outcome.COMMITTED
    assert commit_replay(world.database, world.worker.name, second) is Outcome.CONFLICT
    assert world.live_sum() == 100
    assert world.verify()[0] == 0


def test_a_floor_that_moved_meanwhile_is_a_conflict(world: RejectsWorld) -> None:
    world.reject(message())
    replay = make_replay(world)
    with world.database.transaction() as tx:
        write_setting(tx, RETENTION_FLOOR, (HOUR + timedelta(hours=1)).isoformat())
    assert commit_replay(world.database, world.worker.name, replay) is Outcome.CONFLICT
    assert (world.open_offsets(), world.live_sum()) == ([0], 0)


def test_a_worker_that_was_declared_gone_registers_anew_and_goes_on(
    world: RejectsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.reject(message(), message())
    gone: list[str] = []

    def declare_gone_first(database: Database, worker: str, replay: Replay) -> Outcome:
        if not gone:
            gone.append(worker)
            with database.transaction() as tx:
                delete_worker(tx, worker)
        return commit_replay(database, worker, replay)

    monkeypatch.setattr(rejects_replay, "commit_replay", declare_gone_first)
    assert world.replay_all()["n_replayed"] == 2
    assert gone
    assert world.lake_offsets() == [0, 1]


def test_a_commit_without_an_answer_is_told_and_needs_only_another_run(
    world: RejectsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.reject(message())

    def commit_in_silence(database: Database, worker: str, replay: Replay) -> Outcome:
        commit_replay(database, worker, replay)
        raise CommitOutcomeUnknownError

    monkeypatch.setattr(rejects_replay, "commit_replay", commit_in_silence)
    with pytest.raises(CommitOutcomeUnknownError) as caught:
        world.rejects(replay=True)
    assert "run it again" in str(caught.value.hint)
    monkeypatch.undo()
    assert world.replay_all()["n_replayed"] == 0
    assert (world.lake_offsets(), world.live_sum()) == ([0], 100)


def test_a_transaction_that_gave_way_to_another_is_tried_again(
    world: RejectsWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.reject(message())
    refusals = [RetryableLedgerError("deadlock")]

    def give_way_once(database: Database, worker: str, replay: Replay) -> Outcome:
        if refusals:
            raise refusals.pop()
        return commit_replay(database, worker, replay)

    monkeypatch.setattr(rejects_replay, "commit_replay", give_way_once)
    assert world.replay_all()["n_replayed"] == 1
    assert not refusals


def test_letters_of_a_topic_that_was_made_again_keep_their_topic(world: RejectsWorld) -> None:
    world.reject(message())
    for table in ("stream_offset", "offset_range", "dead_letter"):
        renamed = """to_jsonb(t) || '{"topic_id": "again"}'"""
        world.execute(
            f"INSERT INTO antennactl.{table} "
            f"SELECT (jsonb_populate_record(NULL::antennactl.{table}, {renamed})).* FROM antennactl.{table} AS t"
        )
    assert world.replay_all(at=[(0, 0)])["n_replayed"] == 2
    files = sorted(world.lake.data.rglob("*.parquet"))
    assert sorted(pl.read_parquet(file, glob=False).item(0, "topic_id") for file in files) == [
        TOPIC_ID,
        "again",
    ]
