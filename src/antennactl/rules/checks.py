"""Frames of the ledger and of the files' facts in, findings out: offsets, rows, dead letters."""

from typing import Any, Final

import polars as pl

from antennactl.rules.findings import Difference, Finding, find, find_rows
from antennactl.schemas import TIMESTAMP

PARTITION: Final = ("topic_id", "kafka_partition")
IDENTITY: Final = (*PARTITION, "kafka_offset")

OFFSETS: Final = pl.Schema({"topic_id": pl.String, "kafka_partition": pl.Int32, "next_offset": pl.Int64})
RANGES: Final = pl.Schema(
    {
        "topic_id": pl.String,
        "kafka_partition": pl.Int32,
        "first_offset": pl.Int64,
        "next_offset": pl.Int64,
        "batch_id": pl.String,
        "n_events": pl.Int64,
        "n_rejects": pl.Int64,
        "n_skipped": pl.Int64,
    },
)
LETTERS: Final = pl.Schema(
    [
        ("topic_id", pl.String),
        ("kafka_partition", pl.Int32),
        ("kafka_offset", pl.Int64),
        ("replayed", pl.Boolean),
    ],
)
# Every file that ever was; a live one has no `removed_by`.
FILES: Final = pl.Schema(
    [
        ("path", pl.String),
        ("stage_path", pl.String),
        ("hour", TIMESTAMP),
        ("n_rows", pl.Int64),
        ("sum_bytes", pl.Int64),
        ("sha256", pl.String),
        ("batch_id", pl.String),
        ("published", pl.Boolean),
        ("removed_by", pl.String),
    ],
)
# What a file was found to hold, a row for each partition in it; `sum_bytes` is null past Int64.
FACTS: Final = pl.Schema(
    [
        ("path", pl.String),
        ("topic_id", pl.String),
        ("kafka_partition", pl.Int32),
        ("n_rows", pl.Int64),
        ("sum_bytes", pl.Int64),
        ("min_time", TIMESTAMP),
        ("max_time", TIMESTAMP),
        ("min_offset", pl.Int64),
        ("max_offset", pl.Int64),
    ],
)
# An identity and how many rows of the lake have it.
SEEN: Final = pl.Schema(
    {"topic_id": pl.String, "kafka_partition": pl.Int32, "kafka_offset": pl.Int64, "n_rows": pl.Int64},
)

PRUNE: Final = "prune"
_COUNTS: Final = ("n_events", "n_rejects", "n_skipped")


def check_chain(offsets: pl.DataFrame, ranges: pl.DataFrame) -> Finding:
    """Every range of a partition starts where the one before it ended, and the last ends at next_offset.

    A partition without a range proves nothing: it may have been assigned and never have held a message.
    """
    starts = ranges.sort(*PARTITION, "first_offset").with_columns(
        expected=pl.col("next_offset").shift(1).over(PARTITION)
    )
    breaks = starts.filter(pl.col("first_offset") != pl.col("expected")).select(
        *PARTITION, "expected", found="first_offset", last=pl.lit(value=False)
    )
    ends = (
        ranges.group_by(PARTITION)
        .agg(found=pl.col("next_offset").max())
        .join(offsets, on=PARTITION, how="left", nulls_equal=True)
        .filter(pl.col("found").ne_missing(pl.col("next_offset")))
        .select(*PARTITION, "found", expected="next_offset", last=pl.lit(value=True))
    )
    wrong = pl.concat([breaks, ends.select(breaks.columns)]).sort(*PARTITION, "found")
    return find_rows("chain", wrong, _describe_break)


def check_counts(ranges: pl.DataFrame) -> Finding:
    """Events, rejects and skipped offsets of each range add up to its length; none of them is negative."""
    length = pl.col("next_offset") - pl.col("first_offset")
    counted = ranges.with_columns(length=length, counted=pl.sum_horizontal(_COUNTS))
    negative = pl.any_horizontal(pl.col(*_COUNTS, "length") < 0)
    wrong = counted.filter((pl.col("length") != pl.col("counted")) | negative)

    def describe(row: dict[str, Any]) -> Difference:
        text = (
            f"offsets {row['first_offset']} to {row['next_offset']}: {row['n_events']} events, "
            f"{row['n_rejects']} rejects and {row['n_skipped']} skipped are no {row['length']} offsets"
        )
        return Difference("count", text, name_partition(row), None, row["length"], row["counted"])

    return find_rows("count", wrong, describe)


def check_micro_batches(ranges: pl.DataFrame, files: pl.DataFrame) -> Finding:
    """Together, the files that a micro-batch ever had hold the events of its ranges."""
    held = files.group_by("batch_id").agg(found=pl.col("n_rows").sum())
    wrong = (
        ranges.filter(pl.col("batch_id").is_not_null())
        .group_by("batch_id")
        .agg(expected=pl.col("n_events").sum())
        .join(held, on="batch_id", how="left")
        .with_columns(pl.col("found").fill_null(0))
        .filter(pl.col("expected") != pl.col("found"))
        .sort("batch_id")
    )

    def describe(row: dict[str, Any]) -> Difference:
        text = f"its ranges count {row['expected']} events, its files {row['found']} rows"
        where = f"micro-batch {row['batch_id']}"
        return Difference("micro_batch", text, where, None, row["expected"], row["found"])

    return find_rows("micro_batch", wrong, describe)


def check_rows(ranges: pl.DataFrame, files: pl.DataFrame, letters: pl.DataFrame) -> Finding:
    """Rows of the live files = events of all ranges + replayed dead letters - rows that were pruned."""
    events = int(ranges["n_events"].sum())
    replayed = int(letters["replayed"].sum())
    pruned = int(files.filter(pl.col("removed_by") == PRUNE)["n_rows"].sum())
    found = int(files.filter(pl.col("removed_by").is_null())["n_rows"].sum())
    expected = events + replayed - pruned
    if found == expected:
        return find("rows", [])
    text = f"{events} events, {replayed} replayed and {pruned} pruned rows leave {expected} rows, not {found}"
    return find("rows", [Difference("rows", text, "lake", None, expected, found)])


def check_partitions(ranges: pl.DataFrame, letters: pl.DataFrame, facts: pl.DataFrame) -> Finding:
    """Each partition's rows in the lake are its events and replayed dead letters, inside of its ranges.

    Only for a lake that was read as a whole and never pruned: a pruned file no longer says what it held of
    which partition.
    """
    ledger = ranges.group_by(PARTITION).agg(
        n_events=pl.col("n_events").sum(), first=pl.col("first_offset").min(), end=pl.col("next_offset").max()
    )
    replayed = letters.filter("replayed").group_by(PARTITION).agg(n_replayed=pl.len().cast(pl.Int64))
    lake = facts.group_by(PARTITION).agg(
        found=pl.col("n_rows").sum(), low=pl.col("min_offset").min(), high=pl.col("max_offset").max()
    )
    joined = (
        ledger.join(replayed, on=PARTITION, how="left")
        .join(lake, on=PARTITION, how="full", coalesce=True, nulls_equal=True)
        .with_columns(pl.col("n_events", "n_replayed", "found").fill_null(0))
        .with_columns(expected=pl.col("n_events") + pl.col("n_replayed"))
    )
    outside = (pl.col("low") < pl.col("first")) | (pl.col("high") >= pl.col("end"))
    wrong = joined.filter((pl.col("found") != pl.col("expected")) | outside).sort(PARTITION)

    def describe(row: dict[str, Any]) -> Difference:
        if row["found"] == row["expected"]:
            text = (
                f"the lake has offsets {row['low']} to {row['high']}, "
                f"the ranges {row['first']} to {row['end'] - 1}"
            )
        else:
            text = f"the lake holds {row['found']} rows of it, the ledger {row['expected']}"
        return Difference("partition", text, name_partition(row), None, row["expected"], row["found"])

    return find_rows("partition", wrong, describe)


def check_letters(ranges: pl.DataFrame, letters: pl.DataFrame) -> Finding:
    """Each range has as many dead letters, open or replayed, as it counted rejects; none lies elsewhere."""
    starts = ranges.select(*PARTITION, "first_offset", "next_offset", "n_rejects").sort("first_offset")
    placed = letters.sort("kafka_offset").join_asof(
        starts,
        left_on="kafka_offset",
        right_on="first_offset",
        by=list(PARTITION),
        strategy="backward",
        check_sortedness=False,
    )
    inside = (pl.col("kafka_offset") < pl.col("next_offset")).fill_null(value=False)
    counted = placed.filter(inside).group_by(*PARTITION, "first_offset").agg(found=pl.len().cast(pl.Int64))
    wrong = (
        starts.join(counted, on=[*PARTITION, "first_offset"], how="left")
        .with_columns(pl.col("found").fill_null(0))
        .filter(pl.col("n_rejects") != pl.col("found"))
        .select(*PARTITION, "first_offset", "next_offset", "n_rejects", "found")
    )
    lost = placed.filter(~inside).select(
        *PARTITION,
        first_offset="kafka_offset",
        next_offset=pl.lit(None, pl.Int64),
        n_rejects=pl.lit(0, pl.Int64),
        found=pl.lit(1, pl.Int64),
    )
    found = pl.concat([wrong, lost]).sort(*PARTITION, "first_offset")
    return find_rows("dead_letter", found, _describe_letters)


def check_letter_identities(letters: pl.DataFrame, seen: pl.DataFrame, *, complete: bool) -> Finding:
    """No open dead letter is in the lake; with `complete`, the whole lake and never pruned, all replayed are.

    `seen` are the identities of `letters` that the lake holds (SEEN).
    """
    joined = letters.join(seen, on=IDENTITY, how="left")
    is_in = pl.col("n_rows").is_not_null()
    wrong = joined.filter(pl.when("replayed").then(pl.lit(complete) & ~is_in).otherwise(is_in)).sort(IDENTITY)

    def describe(row: dict[str, Any]) -> Difference:
        where = f"{name_partition(row)} offset {row['kafka_offset']}"
        if row["replayed"]:
            return Difference("dead_letter", "it was replayed, but is not in the lake", where, None, 1, 0)
        text = "it is an open dead letter, and in the lake too"
        return Difference("dead_letter", text, where, None, 0, row["n_rows"])

    return find_rows("dead_letter", wrong, describe)


def name_partition(row: dict[str, Any]) -> str:
    """Return how a partition is called in the account."""
    return f"{row['topic_id']} partition {row['kafka_partition']}"


def _describe_break(row: dict[str, Any]) -> Difference:
    expected, found = row["expected"], row["found"]
    if row["last"]:
        text = f"the last range ends at {found}, next_offset is {expected}"
    elif found > expected:
        text = f"no range has the offsets {expected} to {found - 1}"
    else:
        text = f"the range from {found} starts before the one ahead of it ends, at {expected}"
    return Difference("chain", text, name_partition(row), None, expected, found)


def _describe_letters(row: dict[str, Any]) -> Difference:
    if row["next_offset"] is None:
        text = f"the dead letter of offset {row['first_offset']} lies in no range"
    else:
        text = (
            f"offsets {row['first_offset']} to {row['next_offset']}: "
            f"{row['n_rejects']} rejects, {row['found']} dead letters"
        )
    return Difference("dead_letter", text, name_partition(row), None, row["n_rejects"], row["found"])
