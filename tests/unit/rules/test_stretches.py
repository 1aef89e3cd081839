"""Stretches and holes: together every offset once, whatever order the rows come in."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from antennactl.rules.stretches import find_holes, find_overlaps, find_stretches, join_near, keep_inside

ROWS = st.sets(st.tuples(st.sampled_from(["t", "u"]), st.integers(0, 2), st.integers(0, 60)))
SCHEMA = {"topic_id": pl.String, "kafka_partition": pl.Int32, "kafka_offset": pl.Int64}


def frame(rows: list[tuple[str, int, int]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def offsets(stretches: pl.DataFrame) -> set[tuple[str, int, int]]:
    return {
        (topic, partition, offset)
        for topic, partition, first, end in stretches.iter_rows()
        for offset in range(first, end)
    }


@given(ROWS)
def test_stretches_hold_exactly_the_rows(rows: set[tuple[str, int, int]]) -> None:
    stretches = find_stretches(frame(list(rows)))
    assert offsets(stretches) == rows
    assert find_overlaps(stretches).is_empty()


@given(ROWS)
def test_holes_are_what_lies_between(rows: set[tuple[str, int, int]]) -> None:
    holes = find_holes(find_stretches(frame(list(rows))))
    expected = set()
    for topic, partition in {row[:2] for row in rows}:
        own = {row[2] for row in rows if row[:2] == (topic, partition)}
        expected |= {(topic, partition, n) for n in range(min(own), max(own)) if n not in own}
    assert offsets(holes) == expected
    assert offsets(join_near(holes, 5)) >= expected
    everything = frame([(topic, partition, n) for topic in "tu" for partition in range(3) for n in range(61)])
    assert set(keep_inside(everything, holes).iter_rows()) == expected


@given(ROWS, st.data())
def test_a_row_that_is_twice_is_an_overlap(rows: set[tuple[str, int, int]], data: st.DataObject) -> None:
    if rows:
        twice = data.draw(st.sampled_from(sorted(rows)))
        parts = [find_stretches(frame(list(rows))), find_stretches(frame([twice]))]
        assert not find_overlaps(pl.concat(parts)).is_empty()
        assert not find_overlaps(find_stretches(frame([*rows, twice]))).is_empty()
