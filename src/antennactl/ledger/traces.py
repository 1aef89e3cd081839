"""An open transaction in, what PostgreSQL knows of one total out: its value, its hour's files, and who read what."""

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from antennactl.ledger.connection import Transaction
from antennactl.rules.traces import ARRIVALS, REPLAYS, STRETCHES
from antennactl.schemas import TIMESTAMP

TRACE_FILES = pl.Schema({"path": pl.String(), "stage_path": pl.String(), "batch_id": pl.String()})


def read_id_windows(tx: Transaction, starts: Sequence[datetime], id_: str, total_type: str) -> pl.DataFrame:
    """Return timestamp and value of each window that has a live total of an antenna, user or app."""
    rows = tx.query("read_id_windows", pl.Series(list(starts), dtype=TIMESTAMP), id_, total_type)
    return rows.match_to_schema(pl.Schema({"timestamp": TIMESTAMP, "value": pl.Int64()}))


def read_hourly_value(tx: Transaction, hour: datetime, id_: str, total_type: str) -> int | None:
    """Return the hourly total of an antenna, user or app, None where there is none."""
    value: int | None = tx.query("read_hourly_value", hour, id_, total_type).item()
    return value


def read_trace_files(tx: Transaction, hour: datetime) -> pl.DataFrame:
    """Return TRACE_FILES: the live files of an hour, published or not."""
    return tx.query("read_trace_files", hour).match_to_schema(TRACE_FILES)


def read_arrivals(tx: Transaction, stretches: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return ARRIVALS and REPLAYS of all offsets in STRETCHES."""
    arrays = [stretches[name] for name in STRETCHES]
    return (
        tx.query("read_arrivals", *arrays).match_to_schema(ARRIVALS),
        tx.query("read_replays", *arrays).match_to_schema(REPLAYS),
    )
