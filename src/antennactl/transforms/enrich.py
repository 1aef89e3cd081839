"""Events and cached users in, events with their user's quota out: a left join, so that no event is dropped."""

import polars as pl

UNKNOWN = pl.col("quota").is_null()
"""Of enriched events: the user is in no table. A known user without a quota has -1."""


def enrich(events: pl.DataFrame, users: pl.DataFrame) -> pl.DataFrame:
    """Return EVENTS with column `quota` (bytes an hour; null: unknown user), rows and their order unchanged.

    `users` has unique `id` and `quota`. An unknown user's bytes count in every total, so its events stay.
    """
    return events.join(users.select("id", "quota"), on="id", how="left", maintain_order="left")


def count_unknown(enriched: pl.DataFrame) -> int:
    """Return how many events belong to no known user."""
    return enriched.select(UNKNOWN.sum()).item() or 0


def count_late(events: pl.DataFrame, max_event_times: pl.DataFrame, lateness_s: float) -> int:
    """Return how many events lie before their partition's `max_event_time` less the lateness.

    `max_event_times` (kafka_partition, max_event_time) is as it was before this micro-batch; a partition without
    a row or time has no late events.
    """
    if events.is_empty() or max_event_times.is_empty():
        return 0
    bound = pl.col("max_event_time") - pl.duration(microseconds=round(lateness_s * 1_000_000))
    joined = (
        events.lazy()
        .select("kafka_partition", "timestamp")
        .join(max_event_times.lazy(), on="kafka_partition")
    )
    return joined.select((pl.col("timestamp") < bound).sum()).collect().item() or 0
