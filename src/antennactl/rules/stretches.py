"""Stretches of neighbouring offsets in, the holes between them and what lies inside of them out: pure."""

from collections.abc import Mapping
from typing import Final

import polars as pl

PLACE: Final = ("topic_id", "kafka_partition")
STRETCHES: Final = pl.Schema(
    {
        "topic_id": pl.String(),
        "kafka_partition": pl.Int32(),
        "first_offset": pl.Int64(),
        "next_offset": pl.Int64(),
    }
)
"""Offsets [first_offset, next_offset) of a partition, none of them empty."""


def find_holes(stretches: pl.DataFrame) -> pl.DataFrame:
    """Return STRETCHES of the offsets that lie between those of a partition and in none of them."""
    ordered = stretches.sort(*PLACE, "first_offset")
    return (
        ordered.with_columns(
            pl.col("next_offset").cum_max().shift().over(PLACE).alias("first_offset"),
            pl.col("first_offset").alias("next_offset"),
        )
        .filter(pl.col("first_offset") < pl.col("next_offset"))
        .select(STRETCHES.names())
    )


def join_near(stretches: pl.DataFrame, distance: int) -> pl.DataFrame:
    """Return STRETCHES that cover `stretches`, as one where less than `distance` offsets lie between.

    A distance of 1 joins what touches or overlaps, and covers nothing more.
    """
    ordered = stretches.sort(*PLACE, "first_offset")
    reached = pl.col("next_offset").cum_max().shift().over(PLACE)
    is_near = pl.col("first_offset") - reached < distance
    return (
        ordered.with_columns(group=(~is_near.fill_null(value=False)).cum_sum())
        .group_by("group", maintain_order=True)
        .agg(pl.col(PLACE).first(), pl.col("first_offset").min(), pl.col("next_offset").max())
        .select(STRETCHES.names())
    )


def cut_below(stretches: pl.DataFrame, starts: Mapping[int, int]) -> pl.DataFrame:
    """Return STRETCHES of what lies before its partition's start; a partition without a start has none."""
    start = pl.col("kafka_partition").replace_strict(starts, default=None, return_dtype=pl.Int64)
    return stretches.with_columns(pl.min_horizontal("next_offset", start)).filter(
        start.is_not_null() & (pl.col("first_offset") < pl.col("next_offset"))
    )


def keep_inside(messages: pl.DataFrame, stretches: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, which have an identity, that lie in one of STRETCHES, which do not overlap."""
    if messages.is_empty() or stretches.is_empty():
        return messages.clear()
    return (
        messages.sort("kafka_offset")
        .join_asof(
            stretches.sort("first_offset").rename({"next_offset": "stretch_end"}),
            left_on="kafka_offset",
            right_on="first_offset",
            by=PLACE,
            check_sortedness=False,
        )
        .filter(pl.col("kafka_offset") < pl.col("stretch_end"))
        .select(messages.columns)
    )


def count_offsets(stretches: pl.DataFrame) -> int:
    """Return how many offsets STRETCHES have, one that is in two counted twice."""
    return int((stretches["next_offset"] - stretches["first_offset"]).sum())
