"""Parts of a total find the range and micro-batch they came with, and add up to it or not."""

from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from antennactl.rules.traces import (
    AGREES,
    ARRIVALS,
    DIFFERS,
    PENDING,
    SOURCES,
    LakeSum,
    group_batches,
    group_files,
    group_ranges,
    judge_total,
    name_origins,
    sum_sources,
)

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


def source(path: str, range_first: int | None, rows: int, size: int | None, **values: Any) -> dict[str, Any]:
    place = {"path": path, "topic_id": "t", "kafka_partition": 0, "range_first": range_first}
    held = {"n_rows": rows, "sum_bytes": size, "first_offset": 5, "last_offset": 9, "replayed_at": None}
    return {**place, **held, **values}


def sources(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=SOURCES)


def arrivals() -> pl.DataFrame:
    rows = [
        ("t", 0, 0, 10, "b2", "w", NOON + timedelta(minutes=1)),
        ("t", 0, 10, 20, "b1", "w", NOON),
        ("t", 0, 20, 30, None, None, None),
        ("t", 1, 0, 30, "b1", "w", NOON),
    ]
    return pl.DataFrame(rows, schema=ARRIVALS, orient="row")


def test_origins_are_told_apart() -> None:
    """A replay is no row of the micro-batch in whose range it lies; a hole in the ledger is unknown."""
    named = name_origins(
        sources(
            source("a", 0, 2, 20),
            source("a", 0, 1, 7, replayed_at=NOON + timedelta(hours=1)),
            source("b", 20, 3, 30),
            source("b", None, 1, 1),
        ),
        arrivals(),
    )
    assert named.select("origin", "batch_id", "range_next").rows() == [
        ("micro-batch", "b2", 10),
        ("replay", None, 10),
        ("rebuilt", None, 30),
        ("unknown", None, None),
    ]
    assert named["committed_at"].to_list() == [
        NOON + timedelta(minutes=1),
        NOON + timedelta(hours=1),
        None,
        None,
    ]


def test_groups_hold_all_parts_once() -> None:
    """By micro-batch in order of commit, by file, and by range."""
    named = name_origins(
        sources(
            source("a", 0, 2, 20),
            source("b", 0, 1, 5, first_offset=2, last_offset=3),
            source("b", 10, 3, 30, first_offset=12, last_offset=15),
            source("b", 0, 4, 40, kafka_partition=1),
        ),
        arrivals(),
    )
    assert group_batches(named).select("batch_id", "n_rows", "sum_bytes").rows() == [
        ("b1", 7, 70),
        ("b2", 3, 25),
    ]
    assert group_files(named).rows() == [("a", 2, 20), ("b", 8, 75)]
    ranges = group_ranges(named).select(
        "kafka_partition", "range_first", "first_offset", "last_offset", "n_rows"
    )
    assert ranges.rows() == [(0, 0, 2, 9, 3), (0, 10, 12, 15, 3), (1, 0, 5, 9, 4)]


def test_the_sum_is_exact_or_not_told() -> None:
    """Past 64 bits no total could hold it."""
    assert sum_sources(sources()) == LakeSum(0, None)
    assert sum_sources(sources(source("a", 0, 1, 0))) == LakeSum(1, 0)
    assert sum_sources(sources(source("a", 0, 1, 2**62), source("b", 0, 1, 2**62))) == LakeSum(2, None)
    assert sum_sources(sources(source("a", 0, 1, None), source("b", 0, 1, 1))) == LakeSum(2, None)


@pytest.mark.parametrize(
    ("stored", "lake", "is_changed", "verdict"),
    [
        (5, LakeSum(1, 5), False, AGREES),
        (5, LakeSum(1, 5), True, AGREES),
        (0, LakeSum(1, 0), False, AGREES),
        (0, LakeSum(0, None), False, DIFFERS),
        (None, LakeSum(1, 0), False, DIFFERS),
        (6, LakeSum(1, 5), False, DIFFERS),
        (6, LakeSum(1, 5), True, PENDING),
        (None, LakeSum(2, None), False, DIFFERS),
    ],
)
def test_a_verdict(stored: int | None, lake: LakeSum, *, is_changed: bool, verdict: str) -> None:
    assert judge_total(stored, lake, is_changed=is_changed) == verdict
