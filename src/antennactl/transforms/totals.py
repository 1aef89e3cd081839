"""Events in, totals per window and key out: pure."""

import polars as pl

from antennactl.schemas import TIMESTAMP, TOTAL_TYPES, TOTALS


def window_start(window_s: float) -> pl.Expr:
    """Return the start of the window that each `timestamp` lies in: windows count from the epoch, in UTC."""
    width = round(window_s * 1_000_000)
    micros = pl.col("timestamp").to_physical()
    return (micros - micros % width).cast(TIMESTAMP).alias("window")


def aggregate_totals(events: pl.DataFrame, window_s: float) -> pl.DataFrame:
    """Return TOTALS of `events` per window and antenna, user and app, sorted by the key of table `bytes`.

    Additive: totals of the parts, summed by key, are totals of the whole; order does not matter. A key that was
    seen has a row even if its sum is 0. Sorted, because unsorted merges of two workers deadlock in PostgreSQL.
    """
    windowed = events.select(window_start(window_s), "bytes", *TOTAL_TYPES.values())
    # One after the other: together their tables would be the peak of memory, and are not built faster.
    parts = [
        windowed.lazy()
        .group_by("window", column)
        .agg(pl.col("bytes").sum())
        .select(
            pl.col("window").alias("timestamp"),
            pl.col(column).alias("id"),
            pl.col("bytes").alias("value"),
            pl.lit(total_type).alias("type"),
        )
        .collect()
        for total_type, column in TOTAL_TYPES.items()
    ]
    return pl.concat(parts).sort("timestamp", "id", "type").match_to_schema(TOTALS)
