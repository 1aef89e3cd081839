"""The vocabulary: the schema of every frame, the total types, and the names of tables and columns.

`polars` is imported here on purpose: whoever needs a schema needs polars. Constants that the command line needs
before the heavy imports stand in `settings`.
"""

from typing import Final

import polars as pl

TIMESTAMP: Final = pl.Datetime("us", "UTC")
"""Event times, window starts and hours: microseconds, UTC."""

# One valid message. Identity is (topic_id, kafka_partition, kafka_offset); topic_id is constant in a ledger.
EVENTS: Final = pl.Schema(
    {
        "timestamp": TIMESTAMP,
        "id": pl.String(),
        "antenna_id": pl.String(),
        "bytes": pl.Int64(),
        "app": pl.String(),
        "kafka_partition": pl.Int32(),
        "kafka_offset": pl.Int64(),
    },
)

# One message that is no event: `reason` is a word of `decode.REASONS`, `detail` says where, never the content.
REJECTS: Final = pl.Schema(
    {
        "kafka_partition": pl.Int32(),
        "kafka_offset": pl.Int64(),
        "reason": pl.String(),
        "detail": pl.String(),
        "payload": pl.Binary(),  # capped at MAX_STORED_PAYLOAD bytes; null for a tombstone
        "payload_bytes": pl.Int64(),  # full length
    },
)

# A lake file: EVENTS with the topic's id, constant in a file, before the Kafka coordinates.
LAKE: Final = pl.Schema(
    {
        "timestamp": TIMESTAMP,
        "id": pl.String(),
        "antenna_id": pl.String(),
        "bytes": pl.Int64(),
        "app": pl.String(),
        "topic_id": pl.String(),
        "kafka_partition": pl.Int32(),
        "kafka_offset": pl.Int64(),
    },
)

# Totals, of a window (`bytes`) or an hour (`bytes_hourly`).
TOTALS: Final = pl.Schema(
    {"timestamp": TIMESTAMP, "id": pl.String(), "value": pl.Int64(), "type": pl.String()}
)

USERS: Final = pl.Schema({"id": pl.String(), "name": pl.String(), "email": pl.String(), "quota": pl.Int64()})

VIOLATORS: Final = pl.Schema(
    {"email": pl.String(), "usage": pl.Int64(), "quota": pl.Int64(), "timestamp": TIMESTAMP},
)

ANTENNA_TOTAL: Final = "antenna_total_bytes"
USER_TOTAL: Final = "user_total_bytes"
APP_TOTAL: Final = "app_total_bytes"
TOTAL_TYPES: Final = {ANTENNA_TOTAL: "antenna_id", USER_TOTAL: "id", APP_TOTAL: "app"}
"""Total type → the event column whose values are its keys. The type is always part of a key."""

MAX_BYTES: Final = 2**40
"""Largest `bytes` of one message: keeps every sum of a micro-batch inside Int64, which wraps silently in Polars."""
MAX_TEXT_BYTES: Final = 256
"""Longest id, antenna_id and app, in UTF-8 bytes."""
MAX_PAYLOAD_BYTES: Final = 64 * 1024
"""Largest message that is decoded at all."""
MAX_STORED_PAYLOAD: Final = 64 * 1024
"""How much of a rejected payload a dead letter keeps."""
MIN_TIMESTAMP_S: Final = 946_684_800
"""2000-01-01T00:00:00Z: older event times are rejected."""
MAX_FUTURE_S: Final = 3600
"""Event times further than this past the worker's clock are rejected."""
