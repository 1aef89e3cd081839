"""Messages are a pure function of options and seed, and look like the exercise's."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from antennactl.decode.message import Event, Reject, parse_message
from antennactl.simulator.encode import MESSAGES
from antennactl.simulator.options import SimulateOptions, time_line
from antennactl.simulator.traffic import BLOCK, Traffic

START = datetime(2026, 11, 24, 6, tzinfo=UTC)
NOW = START + timedelta(hours=3)
START_S = int(START.timestamp())
PLAIN = SimulateOptions(messages=5_000, start=START)
MIXED = replace(PLAIN, late=0.1, malformed=0.1, unknown=0.1, duplicates=0.1)


def _make(options: SimulateOptions, block: int = 0, n_partitions: int = 4) -> pl.DataFrame:
    return Traffic(options, time_line(options, NOW), n_partitions).make_block(block)


def test_a_seed_means_the_same_bytes_for_ever() -> None:
    """A digest of payloads and partitions; if it changes, users' seeds mean something else."""
    digest = hashlib.sha256()
    for partition, payload in _make(MIXED).select("kafka_partition", "payload").iter_rows():
        digest.update(f"{partition} {payload!r}\n".encode())
    assert digest.hexdigest()[:16] == "d92e9f6f8c2e23d0"


def test_another_seed_means_other_messages() -> None:
    """Seeds are independent."""
    assert not _make(PLAIN).equals(_make(replace(PLAIN, seed=2)))


def test_messages_have_their_schema_and_the_shares_are_exact() -> None:
    """Of 5,000 messages a tenth is 500."""
    messages = _make(MIXED)
    assert messages.schema == MESSAGES
    counts = dict(messages["kind"].value_counts().iter_rows())
    assert counts == {"event": 3000, "late": 500, "malformed": 500, "unknown": 500, "duplicate": 500}


def test_payloads_decode_to_the_fields_or_to_the_reason() -> None:
    """What a reader of the topic makes of each message is what the log says."""
    for row in _make(MIXED).iter_rows(named=True):
        outcome = parse_message(row["payload"], int(NOW.timestamp()))
        if row["fault"] is None:
            event = Event(row["timestamp"], row["id"], row["antenna_id"], row["bytes"], row["app"])
            assert outcome == event
        else:
            assert isinstance(outcome, Reject)
            assert outcome.reason == row["reason"]
            assert [row[name] for name in ("timestamp", "id", "antenna_id", "bytes", "app")] == [None] * 5


def test_the_json_has_the_exercises_form() -> None:
    """Compact, keys in the exercise's order, `bytes` from 0 to 9999."""
    messages = _make(PLAIN)
    assert json.loads(messages["payload"][0]).keys() == {"bytes", "timestamp", "app", "id", "antenna_id"}
    pattern = (
        r'^\{"bytes":\d{1,4},"timestamp":\d{10},"app":"[A-Z]+",'
        r'"id":"00000000-0000-0000-0000-0000000000(0[1-9]|1\d|20)","antenna_id":"[0-4\-]{36}"\}$'
    )
    assert messages["payload"].cast(pl.String).str.contains(pattern).all()


def test_defaults_use_every_key_of_the_exercise() -> None:
    """20 users, 5 antennas and 5 apps; all four partitions."""
    uniques = _make(PLAIN).select(pl.col("id", "antenna_id", "app", "kafka_partition").n_unique()).row(0)
    assert uniques == (20, 5, 5, 4)


@pytest.mark.parametrize(("users", "antennas"), [(1, 1), (3, 2), (5_000, 700)])
def test_any_number_of_users_and_antennas(users: int, antennas: int) -> None:
    """Ids are about as many as asked for, and never more."""
    messages = _make(replace(PLAIN, messages=BLOCK, users=users, antennas=antennas))
    found = messages.select(pl.col("id", "antenna_id").n_unique()).row(0)
    assert 0.6 * users <= found[0] <= users  # of thousands, some quiet ones do not send at all
    assert 0.98 * antennas <= found[1] <= antennas


def test_event_times_are_in_order_and_inside_the_span() -> None:
    """A producer in time order: neighbours are never out of order in a plain backlog."""
    times = _make(PLAIN)["timestamp"]
    assert times.is_sorted()
    assert times[0] >= START_S
    assert times[-1] < START_S + 7200


def test_late_events_lie_5_to_90_minutes_back() -> None:
    """Late against the messages around them, and never too old to be valid."""
    due = pl.int_range(0, 5_000, eager=True) * 7200 // 5_000 + START_S
    back = (due - _make(MIXED)["timestamp"]).filter(_make(MIXED)["kind"] == "late")
    assert back.is_between(298, 5401).all()


def test_unknown_users_are_not_among_the_users() -> None:
    """Their ids come from another space, whatever the number of users."""
    messages = _make(replace(MIXED, users=3_000))
    unknown = messages.filter(kind="unknown")["id"]
    assert unknown.str.starts_with("ffffffff-").all()
    assert not messages.filter(pl.col("kind").is_in(["event", "late"]))["id"].str.starts_with("f").any()


def test_duplicates_have_the_content_of_a_plain_event() -> None:
    """Byte for byte, so that the content stands in the topic at least twice."""
    messages = _make(MIXED)
    originals = set(messages.filter(kind="event")["payload"])
    assert set(messages.filter(kind="duplicate")["payload"]) <= originals


def test_nothing_but_duplicates_are_copies_of_one_another() -> None:
    """A share of 1 leaves no plain event to copy."""
    assert _make(replace(PLAIN, duplicates=1.0))["payload"].n_unique() == 1


def test_with_a_rate_every_user_sends_once_a_round() -> None:
    """The exercise's simulator: 20 users take turns."""
    ids = _make(SimulateOptions(messages=200, rate=20.0))["id"]
    assert all(ids.slice(begin, 20).n_unique() == 20 for begin in range(0, 200, 20))


def test_without_an_end_blocks_follow_each_other() -> None:
    """The second block goes on where the first ended, in time and in shares."""
    options = SimulateOptions(rate=1000.0, start=START, late=0.5)
    first, second = _make(options, 0), _make(options, 1)
    assert first.height == second.height == BLOCK
    assert first.filter(kind="event")["timestamp"][-1] <= second.filter(kind="event")["timestamp"][0]
    assert second.filter(kind="late").height == BLOCK // 2


def test_the_last_block_ends_with_the_total() -> None:
    """Nothing is made past the end."""
    options = replace(PLAIN, messages=BLOCK + 10)
    assert [_make(options, block).height for block in (0, 1, 2)] == [BLOCK, 10, 0]


@pytest.mark.parametrize("n_messages", [10_000, 20_000])
def test_some_users_exceed_their_quota_and_some_do_not(n_messages: int) -> None:
    """In a two-hour backlog of the usual size, with the quotas of the exercise."""
    quotas = [
        200,
        300,
        100,
        5,
        200,
        200,
        300,
        100,
        300,
        300,
        300,
        1000,
        200,
        1000,
        1000,
        1000,
        300,
        300,
        200,
        200,
    ]
    usage = (
        _make(replace(PLAIN, messages=n_messages))
        .group_by("id", pl.col("timestamp") // 3600)
        .agg(pl.sum("bytes"))
        .select(
            over=pl.col("bytes")
            > pl.col("id")
            .str.tail(12)
            .cast(pl.Int64)
            .map_elements(lambda number: quotas[number - 1] * 1000, return_dtype=pl.Int64)
        )
    )
    assert 0.2 < float(usage["over"].mean() or 0.0) < 0.8  # type: ignore[arg-type]
