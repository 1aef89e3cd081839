"""The live table of a stream as text: what it tells, and that it fits every window."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from antennactl.observe.live.bar import Wait
from antennactl.observe.live.stream_frame import stream_frame
from antennactl.observe.live.stream_view import StreamFacts, StreamView, Sums
from antennactl.observe.live.text import plain
from antennactl.observe.progress import Progress

NOW = datetime(2026, 11, 24, 6, 13, 30, tzinfo=UTC)
LAST = Progress(
    batch_id="01a20d94-b974-75ff-b550-6a357e9d33d4",
    committed_at=NOW - timedelta(seconds=3),
    n_events=49_990,
    n_rejects=10,
    n_late=5,
    n_unknown_user=7,
    sum_bytes=250_000_000,
    n_totals=120,
    n_files=2,
    interval_s=10.0,
    processing_s=0.5,
    duration_ms={
        "poll": 10_000.4,
        "decode": 103.2,
        "totals": 4.24,
        "stage": 19.0,
        "commit": 14.1,
        "publish": 14.0,
    },
    reject_reasons={"not_json": 8, "too_deep": 2},
    event_time=(NOW - timedelta(minutes=9), NOW - timedelta(seconds=4)),
    start_offsets={0: 0, 1: 0, 2: 0},
    end_offsets={0: 20_000, 1: 20_000, 2: 10_000},
)
FACTS = StreamFacts(
    topic="devices",
    now=NOW,
    started_at=NOW - timedelta(seconds=130),
    last=LAST,
    sums=Sums(12, 600_000, 1_100, 40, 61, 3_000_000_000, 6.0),
    reasons={"not_json": 700, "too_deep": 300, "empty": 80, "not_utf8": 20},
    newest_event=NOW - timedelta(seconds=4),
    positions={0: 20_000, 1: 20_000, 2: 10_000},
    ends={0: 20_100, 1: 21_000, 2: 10_000},
    ends_at=NOW - timedelta(seconds=2),
    drain=None,
)


def drawn(facts: StreamFacts, width: int, height: int) -> list[str]:
    return [plain(one) for one in stream_frame(facts, width, height)]


def test_a_usual_window_shows_all_of_it() -> None:
    assert drawn(FACTS, 79, 22) == [
        "antennactl stream  devices  running for 2 m 10 s",
        "micro-batch         12  01a20d94-b974-75ff-b550-6a357e9d33d4  committed 3 s ago",
        "",
        "                                 last            total",
        "rows                           50,000          600,000",
        "rows/s in                       5,000            4,724",
        "rows/s out                    100,000          100,000",
        "bytes                        250.0 MB           3.0 GB",
        "late                                5               40",
        "unknown users                       7               61",
        "rejected                           10            1,100",
        "  not_json                          8              700",
        "  too_deep                          2              300",
        "  empty                             0               80",
        "  not_utf8                          0               20",
        "newest event        2026-11-24T06:13:26Z  4 s ago",
        "ms per stage        poll 10,000  decode 103  totals 4.2  stage 19  commit 14",
        "                    publish 14",
        "lag                 1,100 rows in 3 partitions",
        "  partition 0                     100   at 20,000 of 20,100",
        "  partition 1                   1,000   at 20,000 of 21,000",
        "  partition 2                       0   at 10,000 of 10,000",
    ]


def test_a_low_window_keeps_what_says_most() -> None:
    assert drawn(FACTS, 59, 8) == [
        "antennactl stream  devices  running for 2 m 10 s",
        "micro-batch         12  committed 3 s ago",
        "rows                           50,000          600,000",
        "rows/s in                       5,000            4,724",
        "rows/s out                    100,000          100,000",
        "rejected                           10            1,100",
        "newest event        2026-11-24T06:13:26Z  4 s ago",
        "lag                 1,100 rows in 3 partitions",
    ]


def test_many_partitions_are_the_worst_ones_and_a_sum() -> None:
    positions = dict.fromkeys(range(64), 1_000)
    ends = {p: 1_000 + p for p in positions}
    frame = drawn(replace(FACTS, positions=positions, ends=ends), 79, 23)
    assert f"lag                 {sum(range(64)):,} rows in 64 partitions" in frame
    shown = [row.split() for row in frame if row.startswith("  partition ")]
    assert [int(row[1]) for row in shown] == list(range(64 - len(shown), 64))
    others = next(row.split() for row in frame if row.startswith(f"  {64 - len(shown)} others"))
    assert int(others[2].replace(",", "")) + sum(int(row[2]) for row in shown) == sum(range(64))


def test_reasons_without_room_are_summed_up() -> None:
    frame = drawn(FACTS, 79, 21)
    assert frame[11:14] == [
        "  not_json                          8              700",
        "  too_deep                          2              300",
        "  2 others                          0              100",
    ]


def test_before_the_first_micro_batch_it_says_so() -> None:
    facts = replace(FACTS, last=None, sums=Sums(), reasons={}, newest_event=None, ends={})
    assert drawn(facts, 79, 19) == [
        "antennactl stream  devices  running for 2 m 10 s",
        "micro-batch         none committed yet",
        "lag                 3 partitions, ends not known yet",
    ]
    assert drawn(replace(facts, positions={}), 79, 19)[2] == "lag                 no partition is assigned"


def test_a_drain_has_a_bar_with_what_is_left() -> None:
    facts = replace(FACTS, drain=Wait("drain", 600_000, 800_000, 120.0))
    assert (
        "drain               [##################......]  75%  600,000 of 800,000  5,000/s  40 s left"
        in drawn(facts, 99, 30)
    )
    assert "drain               [#############....]  75%  600,000 of 800,000  40 s left" in drawn(
        facts, 75, 30
    )


def test_a_lag_by_old_ends_says_so() -> None:
    frame = drawn(replace(FACTS, ends_at=NOW - timedelta(seconds=20)), 79, 23)
    assert "lag                 1,100 rows in 3 partitions, by ends of 20 s ago" in frame


def test_an_event_ahead_of_the_clock_is_told_as_such() -> None:
    frame = drawn(replace(FACTS, newest_event=NOW + timedelta(seconds=90)), 79, 23)
    assert "newest event        2026-11-24T06:15:00Z  1 m 30 s ahead" in frame


def test_words_from_outside_cannot_move_the_cursor() -> None:
    assert drawn(replace(FACTS, topic="a\x1b[2Jb"), 79, 23)[0].startswith("antennactl stream  a\\x1b[2Jb")


@given(
    width=st.integers(1, 200),
    height=st.integers(0, 90),
    n_partitions=st.integers(0, 64),
    reasons=st.dictionaries(
        st.sampled_from(["not_json", "bytes_out_of_range", "empty"]), st.integers(1, 10**12)
    ),
    drain=st.none()
    | st.builds(Wait, st.just("drain"), st.integers(0, 10**12), st.integers(0, 10**12), st.floats(0, 10**7)),
)
def test_it_fits_every_window(
    width: int, height: int, n_partitions: int, reasons: dict[str, int], drain: Wait | None
) -> None:
    positions = {p: p * 10**10 for p in range(n_partitions)}
    ends = {p: offset + p for p, offset in positions.items()}
    facts = replace(FACTS, positions=positions, ends=ends, reasons=reasons, drain=drain)
    frame = drawn(facts, width, height)
    assert len(frame) <= height
    assert all(len(row) <= width and row.isascii() and row.isprintable() for row in frame)


def test_a_view_adds_up_what_was_committed_and_follows_positions() -> None:
    positions = {0: 0, 1: 100}
    now = [1_000.0]
    view = StreamView("devices", lambda: positions, {0: 50_000, 1: 100}, lambda: now[0])
    assert view.facts().last is None
    assert view.facts().lag == {0: 50_000, 1: 0}  # until it is known better
    view.observe(LAST)
    older = replace(LAST, event_time=(NOW - timedelta(days=2), NOW - timedelta(days=1)))
    view.observe(older)
    view.set_ends({0: 60_000, 1: 100})
    positions = {0: 40_000, 1: 100}
    now[0] += 20
    facts = view.facts()
    assert facts.ends_at == datetime.fromtimestamp(1_000, tz=UTC)
    assert facts.sums == Sums(2, 100_000, 20, 10, 14, 500_000_000, 1.0)
    assert facts.reasons == {"not_json": 16, "too_deep": 4}
    assert facts.newest_event == NOW - timedelta(seconds=4)
    assert facts.last is older
    assert facts.lag == {0: 20_000, 1: 0}
    assert facts.drain == Wait("drain", 40_000, 50_000, 20.0)
    assert facts.drain.left_s == 5.0


def test_a_partition_that_goes_to_another_worker_takes_along_what_is_left_of_it() -> None:
    positions = {0: 0, 1: 0}
    view = StreamView("devices", lambda: positions, {0: 100, 1: 100}, lambda: 5.0)
    view.facts()
    positions = {0: 60, 1: 30}
    view.facts()
    positions = {}
    assert (wait := view.facts().drain) is not None
    assert (wait.done, wait.total) == (90, 200)
    positions = {0: 60}
    assert (wait := view.facts().drain) is not None
    assert (wait.done, wait.total) == (90, 130)
