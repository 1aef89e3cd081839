"""The layout and the schema of lake files in, the reference of the lake out."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from antennactl.lake.layout import Lake, data_path, stage_path
from antennactl.schemas import LAKE, TIMESTAMP
from docs.reference_from_code.markdown import code, prose, table

_HOUR: Final = datetime(2026, 11, 24, 6, tzinfo=UTC)
_TYPES: Final[dict[pl.DataType, str]] = {
    TIMESTAMP: "TIMESTAMP, microseconds, adjusted to UTC",
    pl.String(): "STRING",
    pl.Int64(): "INT64",
    pl.Int32(): "INT32",
}
_MEANINGS: Final = {
    "timestamp": "Event time.",
    "id": "The device, which is the user.",
    "antenna_id": "The antenna.",
    "bytes": "Bytes of the transfer.",
    "app": "The app.",
    "topic_id": "Kafka's id of the topic; the same in all rows of a file that `stream` wrote.",
    "kafka_partition": "Partition that the message came from.",
    "kafka_offset": "Its offset there; the three together are the event's identity.",
}


def describe_columns() -> str:
    """Return a row for each column of a lake file."""
    rows = [(code(name), _TYPES[dtype], prose(_MEANINGS[name])) for name, dtype in LAKE.items()]
    return table(("column", "Parquet type", "meaning"), rows)


def describe_folders() -> str:
    """Return a row for each thing that stands in the lake's folder."""
    lake = Lake(Path())
    rows = [
        (
            data_path(_HOUR, "BATCH_ID"),
            "A published file: whole, committed, and in the folder of its hour in UTC.",
        ),
        (stage_path("WORKER", _HOUR, "BATCH_ID"), "A file whose micro-batch may not be committed yet."),
        (f"{lake.quarantine}/", "Files that `verify --quarantine` or `rebuild --quarantine` moved away."),
        (str(lake.identity_file), "The uuid of the ledger that the lake belongs to."),
    ]
    return table(("path", "what"), [(code(path), prose(what)) for path, what in rows])
