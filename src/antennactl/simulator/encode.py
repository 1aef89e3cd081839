"""Columns of events in, messages out: the exercise's compact JSON as bytes, with what the log tells of it."""

from typing import Final

import polars as pl

from antennactl.simulator.faults import FAULTS, Event, Fault

# A message as it is sent. A malformed one has a fault, a reason and no fields; a tombstone's payload is null.
MESSAGES: Final = pl.Schema(
    {
        "kind": pl.String,
        "fault": pl.String,
        "reason": pl.String,
        "kafka_partition": pl.Int32,
        "kafka_offset": pl.Int64,
        "timestamp": pl.Int64,  # epoch seconds
        "id": pl.String,
        "antenna_id": pl.String,
        "bytes": pl.Int64,
        "app": pl.String,
        "payload": pl.Binary,
    },
)
_FIELDS: Final = ("bytes", "timestamp", "app", "id", "antenna_id")
_FAULTS: Final = {fault.name: fault for fault in FAULTS}


def encode_messages(events: pl.DataFrame) -> pl.DataFrame:
    """Return `events` (MESSAGES without reason, offset and payload) as MESSAGES, offsets unknown."""
    malformed = events["fault"].is_not_null()
    payload = events.select(_json().cast(pl.Binary).alias("payload")).to_series()
    spoiled = events.filter(malformed)
    if spoiled.height:
        payload = payload.scatter(malformed.arg_true(), _spoil(spoiled))
    reasons = {name: fault.reason for name, fault in _FAULTS.items()}
    return events.with_columns(
        pl.col("fault").replace_strict(reasons, default=None, return_dtype=pl.String).alias("reason"),
        pl.lit(None, dtype=pl.Int64).alias("kafka_offset"),
        payload,
        *(pl.when(pl.col("fault").is_null()).then(pl.col(name)).alias(name) for name in _FIELDS),
    ).select(MESSAGES.names())


def _json() -> pl.Expr:
    """Keys in the exercise's order, no blanks. The ids need no escapes."""
    return pl.concat_str(
        pl.lit('{"bytes":'),
        "bytes",
        pl.lit(',"timestamp":'),
        "timestamp",
        pl.lit(',"app":"'),
        "app",
        pl.lit('","id":"'),
        "id",
        pl.lit('","antenna_id":"'),
        "antenna_id",
        pl.lit('"}'),
    )


def _spoil(events: pl.DataFrame) -> pl.Series:
    rows: list[Event] = events.select(_FIELDS).to_dicts()
    faults: list[Fault] = [_FAULTS[name] for name in events["fault"]]
    spoiled = [fault.spoil(row) for fault, row in zip(faults, rows, strict=True)]
    return pl.Series("payload", spoiled, dtype=pl.Binary)
