"""Identities of the lake's rows in, stretches of neighbouring offsets out, and the holes between them: pure."""

import polars as pl

PLACE = ("topic_id", "kafka_partition")
STRETCHES = pl.Schema(
    {
        "topic_id": pl.String(),
        "kafka_partition": pl.Int32(),
        "first_offset": pl.Int64(),
        "next_offset": pl.Int64(),
    }
)
"""Runs of offsets without a gap: [first_offset, next_offset) of a partition."""


def find_stretches(rows: pl.DataFrame) -> pl.DataFrame:
    """Return STRETCHES of rows with topic_id, kafka_partition and kafka_offset; a row that is twice is in two."""
    ordered = rows.select(*PLACE, "kafka_offset").sort(*PLACE, "kafka_offset")
    follows = (pl.col("kafka_offset") == pl.col("kafka_offset").shift() + 1) & pl.all_horizontal(
        pl.col(name) == pl.col(name).shift() for name in PLACE
    )
    return (
        ordered.with_columns(stretch=(~follows.fill_null(value=False)).cum_sum())
        .group_by("stretch", maintain_order=True)
        .agg(
            pl.col(PLACE).first(),
            first_offset=pl.col("kafka_offset").min(),
            next_offset=pl.col("kafka_offset").max() + 1,
        )
        .select(STRETCHES.names())
        .match_to_schema(STRETCHES)
    )


def find_overlaps(stretches: pl.DataFrame) -> pl.DataFrame:
    """Return the STRETCHES that begin inside of another one of their partition: rows that are twice."""
    ordered = stretches.sort(*PLACE, "first_offset")
    reached = pl.col("next_offset").cum_max().shift().over(PLACE)
    return ordered.filter(pl.col("first_offset") < reached)


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


def join_near(holes: pl.DataFrame, distance: int) -> pl.DataFrame:
    """Return STRETCHES that cover `holes`, those of a partition less than `distance` offsets apart as one."""
    ordered = holes.sort(*PLACE, "first_offset")
    is_near = pl.col("first_offset") - pl.col("next_offset").shift().over(PLACE) < distance
    return (
        ordered.with_columns(group=(~is_near.fill_null(value=False)).cum_sum())
        .group_by("group", maintain_order=True)
        .agg(pl.col(PLACE).first(), pl.col("first_offset").min(), pl.col("next_offset").max())
        .select(STRETCHES.names())
    )


def keep_inside(messages: pl.DataFrame, stretches: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, which have an identity, that lie in one of STRETCHES that do not overlap."""
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
