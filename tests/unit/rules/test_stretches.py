"""Stretches and holes: together every offset once, whatever order the stretches come in."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from antennactl.rules.stretches import (
    STRETCHES,
    count_offsets,
    cut_below,
    find_holes,
    join_near,
    keep_inside,
)

Row = tuple[str, int, int]
ROWS = st.sets(st.tuples(st.sampled_from(["t", "u"]), st.integers(0, 2), st.integers(0, 60)))
PIECES = st.lists(
    st.tuples(st.sampled_from(["t", "u"]), st.integers(0, 2), st.integers(0, 60), st.integers(1, 9))
)


def stretches(pieces: list[tuple[str, int, int, int]]) -> pl.DataFrame:
    rows = [(topic, partition, first, first + length) for topic, partition, first, length in pieces]
    return pl.DataFrame(rows, schema=STRETCHES, orient="row")


def single(rows: set[Row]) -> pl.DataFrame:
    """Give each row a stretch of its own, so that neighbours touch."""
    return stretches([(*row, 1) for row in rows])


def messages(rows: set[Row]) -> pl.DataFrame:
    schema = {"topic_id": pl.String, "kafka_partition": pl.Int32, "kafka_offset": pl.Int64}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def offsets(found: pl.DataFrame) -> set[Row]:
    return {
        (topic, partition, offset)
        for topic, partition, first, end in found.iter_rows()
        for offset in range(first, end)
    }


@given(ROWS)
def test_holes_are_what_lies_between(rows: set[Row]) -> None:
    holes = find_holes(single(rows))
    expected = set()
    for topic, partition in {row[:2] for row in rows}:
        own = {row[2] for row in rows if row[:2] == (topic, partition)}
        expected |= {(topic, partition, n) for n in range(min(own), max(own)) if n not in own}
    assert offsets(holes) == expected
    assert count_offsets(holes) == len(expected)
    everything = messages(
        {(topic, partition, n) for topic in "tu" for partition in range(3) for n in range(61)}
    )
    assert set(keep_inside(everything, holes).iter_rows()) == expected


@given(PIECES)
def test_joining_what_touches_covers_the_same_offsets_once(pieces: list[tuple[str, int, int, int]]) -> None:
    joined = join_near(stretches(pieces), 1)
    assert offsets(joined) == offsets(stretches(pieces))
    assert count_offsets(joined) == len(offsets(joined))


@given(PIECES, st.integers(2, 20))
def test_joining_what_is_near_covers_no_less(pieces: list[tuple[str, int, int, int]], distance: int) -> None:
    joined = join_near(stretches(pieces), distance)
    assert offsets(joined) >= offsets(stretches(pieces))
    assert count_offsets(joined) == len(offsets(joined))
    between = [hole for hole in find_holes(joined).iter_rows() if hole[3] - hole[2] < distance]
    assert between == []


@given(PIECES, st.dictionaries(st.integers(0, 1), st.integers(0, 70)))
def test_what_is_cut_off_lies_before_the_start(
    pieces: list[tuple[str, int, int, int]], starts: dict[int, int]
) -> None:
    cut = cut_below(stretches(pieces), starts)
    expected = {row for row in offsets(stretches(pieces)) if row[2] < starts.get(row[1], 0)}
    assert offsets(cut) == expected
