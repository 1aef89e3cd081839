"""Parts of a total as the lake holds them in, the micro-batches, files and ranges they came with out: pure."""

from dataclasses import dataclass
from typing import Final

import polars as pl

from antennactl.schemas import TIMESTAMP

_PLACE: Final = {"topic_id": pl.String(), "kafka_partition": pl.Int32()}
STRETCHES: Final = pl.Schema({**_PLACE, "first_offset": pl.Int64(), "last_offset": pl.Int64()})
"""Where rows lie in the topic: from the first to the last, with holes."""
ARRIVALS: Final = pl.Schema(
    {
        **_PLACE,
        "first_offset": pl.Int64(),
        "next_offset": pl.Int64(),
        "batch_id": pl.String(),  # null: read by no micro-batch that the ledger knows
        "worker": pl.String(),
        "committed_at": TIMESTAMP,
    }
)
"""Ranges of the ledger with their micro-batch."""
REPLAYS: Final = pl.Schema({**_PLACE, "kafka_offset": pl.Int64(), "replayed_at": TIMESTAMP})
"""Dead letters that became events."""
SOURCES: Final = pl.Schema(
    {
        "path": pl.String(),
        **_PLACE,
        "range_first": pl.Int64(),  # null: in no range
        "replayed_at": TIMESTAMP,  # null: these are no replays
        "n_rows": pl.Int64(),
        "sum_bytes": pl.Int64(),
        "first_offset": pl.Int64(),
        "last_offset": pl.Int64(),
    }
)
"""Rows of one total by file and range."""

AGREES: Final = "agrees"
DIFFERS: Final = "differs"
PENDING: Final = "pending"

MICRO_BATCH: Final = "micro-batch"
REPLAY: Final = "replay"
REBUILT: Final = "rebuilt"
UNKNOWN: Final = "unknown"


@dataclass(frozen=True)
class LakeSum:
    """How many rows of the lake belong to a total, and the sum of their bytes (None: no rows, or past 64 bits)."""

    n_rows: int
    sum_bytes: int | None


def sum_sources(sources: pl.DataFrame) -> LakeSum:
    """Return the sum of SOURCES."""
    if sources.is_empty():
        return LakeSum(0, None)
    whole = sources["sum_bytes"].cast(pl.Int128).sum()
    is_known = sources["sum_bytes"].null_count() == 0 and whole < 2**63
    return LakeSum(int(sources["n_rows"].sum()), int(whole) if is_known else None)


def judge_total(stored: int | None, lake: LakeSum, *, is_changed: bool) -> str:
    """Return AGREES when a stored total is the sum of the lake, else PENDING when its hour changed since, or DIFFERS.

    A key that was seen has a total, of 0 too: a total without rows, or rows without a total, do not agree.
    """
    if stored is not None and stored == lake.sum_bytes:
        return AGREES
    return PENDING if is_changed else DIFFERS


def name_origins(parts: pl.DataFrame, arrivals: pl.DataFrame) -> pl.DataFrame:
    """Return `parts`, which have a place, `range_first` and `replayed_at`, with their range and how it was read.

    Added: `origin`, `range_next`, and of its micro-batch `batch_id`, `worker` and `committed_at` (of replays the
    time of the replay).
    """
    ranges = arrivals.rename({"first_offset": "range_first", "next_offset": "range_next"})
    joined = parts.join(
        ranges, on=["topic_id", "kafka_partition", "range_first"], how="left", nulls_equal=False
    )
    is_replay = pl.col("replayed_at").is_not_null()
    origin = (
        pl.when(is_replay)
        .then(pl.lit(REPLAY))
        .when(pl.col("batch_id").is_not_null())
        .then(pl.lit(MICRO_BATCH))
        # Of the ranges without a micro-batch, those that rebuild entered are the only ones with rows.
        .when(pl.col("range_next").is_not_null())
        .then(pl.lit(REBUILT))
        .otherwise(pl.lit(UNKNOWN))
    )
    return joined.with_columns(
        origin.alias("origin"),
        # A replay's row has the offset of the micro-batch that rejected it, and came later.
        *(pl.when(~is_replay).then(name).alias(name) for name in ("batch_id", "worker")),
        committed_at=pl.when(is_replay).then("replayed_at").otherwise("committed_at"),
    ).drop("replayed_at")


def group_batches(named: pl.DataFrame) -> pl.DataFrame:
    """Return origin, batch_id, worker, committed_at, n_rows and sum_bytes by micro-batch, in order of commit."""
    keys = ["origin", "batch_id", "worker"]
    return _sum(named, keys, pl.col("committed_at").max()).sort("committed_at", "batch_id", nulls_last=True)


def group_files(named: pl.DataFrame) -> pl.DataFrame:
    """Return path, n_rows and sum_bytes by file."""
    return _sum(named, ["path"]).sort("path")


def group_ranges(named: pl.DataFrame) -> pl.DataFrame:
    """Return the ranges by place, each with its first and last row, and what made it."""
    keys = ["topic_id", "kafka_partition", "range_first", "range_next", "origin", "batch_id"]
    ends = (pl.col("first_offset").min(), pl.col("last_offset").max())
    return _sum(named, keys, *ends).sort("topic_id", "kafka_partition", "first_offset")


def _sum(named: pl.DataFrame, keys: list[str], *more: pl.Expr) -> pl.DataFrame:
    return named.group_by(keys).agg(*more, pl.col("n_rows").sum(), pl.col("sum_bytes").sum())
