"""Columns of events in, messages out: as bytes of some format, with what the log tells of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Encoding:
    """How messages are written: columns of events (the five fields, the time in seconds) → payloads, and its faults."""

    write: Callable[[pl.DataFrame], pl.Series]
    faults: tuple[Fault, ...]

    @property
    def line_faults(self) -> tuple[Fault, ...]:
        """The faults that a file of lines can carry."""
        return tuple(fault for fault in self.faults if fault.one_line)


def encode_messages(events: pl.DataFrame, encoding: Encoding) -> pl.DataFrame:
    """Return `events` (MESSAGES without reason, offset and payload) as MESSAGES, offsets unknown."""
    faults = {fault.name: fault for fault in encoding.faults}
    malformed = events["fault"].is_not_null()
    payload = encoding.write(events).alias("payload")
    spoiled = events.filter(malformed)
    if spoiled.height:
        payload = payload.scatter(malformed.arg_true(), _spoil(spoiled, faults))
    reasons = {name: fault.reason for name, fault in faults.items()}
    return events.with_columns(
        pl.col("fault").replace_strict(reasons, default=None, return_dtype=pl.String).alias("reason"),
        pl.lit(None, dtype=pl.Int64).alias("kafka_offset"),
        payload,
        *(pl.when(pl.col("fault").is_null()).then(pl.col(name)).alias(name) for name in _FIELDS),
    ).select(MESSAGES.names())


def _write_json(events: pl.DataFrame) -> pl.Series:
    """Keys in the exercise's order, no blanks. The ids need no escapes."""
    return events.select(_json().cast(pl.Binary)).to_series()


def _json() -> pl.Expr:
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


def _spoil(events: pl.DataFrame, faults: Mapping[str, Fault]) -> pl.Series:
    rows: list[Event] = events.select(_FIELDS).to_dicts()
    chosen: list[Fault] = [faults[name] for name in events["fault"]]
    spoiled = [fault.spoil(row) for fault, row in zip(chosen, rows, strict=True)]
    return pl.Series("payload", spoiled, dtype=pl.Binary)


EXERCISE: Final = Encoding(_write_json, FAULTS)
"""The messages of the exercise."""
