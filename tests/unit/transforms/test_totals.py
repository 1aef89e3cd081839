"""Totals are additive: of the parts, in any order, they are the totals of the whole."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from antennactl.schemas import EVENTS, TOTALS
from antennactl.transforms.enrich import count_late, count_unknown, enrich
from antennactl.transforms.totals import aggregate_totals

START = datetime(2026, 10, 25, 0, tzinfo=UTC)

EVENT = st.tuples(
    st.integers(0, 3 * 3600).map(lambda seconds: START + timedelta(seconds=seconds)),
    st.sampled_from(["u1", "u2", "same"]),
    st.sampled_from(["a1", "same"]),
    st.integers(0, 2**40),
    st.sampled_from(["SKYPE", "ü"]),
    st.integers(0, 3),
    st.integers(0, 1000),
)


def frame(rows: list[tuple[object, ...]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=EVENTS, orient="row")


def add_up(totals: pl.DataFrame) -> pl.DataFrame:
    return (
        totals.group_by("timestamp", "id", "type").agg(pl.col("value").sum()).sort("timestamp", "id", "type")
    )


@given(st.lists(EVENT), st.integers(0, 50), st.sampled_from([60, 300, 3600]))
def test_totals_of_the_parts_are_totals_of_the_whole(
    rows: list[tuple[object, ...]], cut: int, window_s: int
) -> None:
    parts = [aggregate_totals(frame(part), window_s) for part in (rows[cut:], rows[:cut])]
    assert_frame_equal(add_up(pl.concat(parts)), add_up(aggregate_totals(frame(rows), window_s)))


@given(st.lists(EVENT, min_size=1), st.sampled_from([60, 300, 3600]))
def test_every_type_sums_to_the_same_bytes_in_whole_windows(
    rows: list[tuple[object, ...]], window_s: int
) -> None:
    totals = aggregate_totals(frame(rows), window_s)
    assert totals.schema == TOTALS
    assert totals.group_by("type").agg(pl.col("value").sum())["value"].unique().to_list() == [
        sum(int(str(row[3])) for row in rows)
    ]
    assert all(start.timestamp() % window_s == 0 for start in totals["timestamp"])


@given(st.lists(EVENT))
def test_totals_come_sorted_by_key_so_that_two_merges_cannot_deadlock(rows: list[tuple[object, ...]]) -> None:
    totals = aggregate_totals(frame(rows), 300)
    keys = list(totals.select("timestamp", "id", "type").iter_rows())
    assert keys == sorted(set(keys))


def test_a_user_and_an_antenna_of_one_name_stay_apart_and_a_zero_sum_has_a_row() -> None:
    totals = aggregate_totals(frame([(START, "same", "same", 0, "SKYPE", 0, 0)]), 300)
    assert totals["type"].to_list() == ["app_total_bytes", "antenna_total_bytes", "user_total_bytes"]
    assert totals["value"].to_list() == [0, 0, 0]


def test_enriching_keeps_every_event_in_its_place() -> None:
    events = frame(
        [(START, user, "a", 1, "SKYPE", 0, n) for n, user in enumerate(["u2", "nobody", "u1", "u2"])]
    )
    enriched = enrich(events, pl.DataFrame({"id": ["u1", "u2"], "quota": [5, -1]}))
    assert_frame_equal(enriched.drop("quota"), events)
    assert enriched["quota"].to_list() == [-1, None, 5, -1]
    assert count_unknown(enriched) == 1


def test_late_is_before_the_partitions_newest_event_less_the_lateness() -> None:
    known = pl.DataFrame(
        {"kafka_partition": [0], "max_event_time": [START + timedelta(minutes=10)]},
        schema={"kafka_partition": pl.Int32, "max_event_time": pl.Datetime("us", "UTC")},
    )
    times = [START + timedelta(minutes=8), START + timedelta(minutes=8, seconds=-1), START]
    events = frame([(moment, "u", "a", 1, "SKYPE", n // 2, n) for n, moment in enumerate(times)])
    assert count_late(events, known, 120) == 1  # the last one's partition was never seen before
