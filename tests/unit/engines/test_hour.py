"""DuckDB's hour equals the sum of the windows that Polars made of the same events."""

import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antennactl.engines.devices import LedgerFile
from antennactl.engines.hour import compute_hour
from antennactl.engines.queries import load_queries
from antennactl.errors import FileNotReachableError
from antennactl.schemas import EVENTS, MAX_BYTES, TIMESTAMP, TOTALS, USER_TOTAL, USERS, VIOLATORS
from antennactl.transforms.totals import aggregate_totals

HOUR = datetime(2026, 11, 24, 6, tzinfo=UTC)
KEYS = st.sampled_from(["a", "b", "ñandú", "'; --", " ", "\n", "0"])
ROWS = st.tuples(st.integers(0, 3599), KEYS, KEYS, st.integers(0, MAX_BYTES), KEYS)
QUOTAS = st.dictionaries(KEYS, st.none() | st.integers(0, 4 * MAX_BYTES))


def to_events(rows: list[tuple[int, str, str, int, str]]) -> pl.DataFrame:
    """Return EVENTS of (second of the hour, id, antenna_id, bytes, app)."""
    timed = [(HOUR + timedelta(seconds=second), *rest, 0, 0) for second, *rest in rows]
    return pl.DataFrame(timed, schema=EVENTS, orient="row")


def write_file(path: Path, events: pl.DataFrame) -> LedgerFile:
    """Write a lake file and return what the ledger would say of it."""
    columns = pl.col("*").exclude("kafka_partition", "kafka_offset")
    rows = events.select(columns, pl.lit("topic").alias("topic_id"), "kafka_partition", "kafka_offset")
    rows.write_parquet(path)
    return LedgerFile(path, rows.height, int(rows["bytes"].sum()))


@settings(deadline=None, max_examples=40)
@given(
    st.lists(st.lists(ROWS, min_size=1, max_size=20), max_size=3), QUOTAS, st.sampled_from([60, 300, 3600])
)
def test_an_hour_is_the_sum_of_its_windows(
    batches: list[list[tuple[int, str, str, int, str]]], quotas: dict[str, int | None], window_s: int
) -> None:
    """However the events are spread over files and windows; over quota is a greater total."""
    parts = [to_events(rows) for rows in batches]
    known = [(key, key, f"{key}@mail", quota) for key, quota in quotas.items()]
    users = pl.DataFrame(known, USERS, orient="row")
    with tempfile.TemporaryDirectory() as folder:
        files = [write_file(Path(folder) / f"{number}.parquet", part) for number, part in enumerate(parts)]
        result = compute_hour(HOUR, files, users, load_queries(None))
    windows = [pl.DataFrame(schema=TOTALS), *(aggregate_totals(part, window_s) for part in parts)]
    expected = pl.concat(windows).group_by("type", "id").agg(pl.col("value").sum())
    found = result.totals.select("type", "id", "value")
    assert result.totals.schema == TOTALS
    assert found.sort("type", "id").equals(expected.sort("type", "id"))
    assert result.totals["timestamp"].eq(pl.Series([HOUR], dtype=TIMESTAMP)).all()
    usage = dict(expected.filter(type=USER_TOTAL).select("id", "value").iter_rows())
    over = {
        (f"{name}@mail", usage[name], quota, HOUR)
        for name, quota in quotas.items()
        if quota is not None and usage.get(name, -1) > quota
    }
    assert result.violators.schema == VIOLATORS
    assert set(result.violators.rows()) == over
    assert result.violators.height == len(over)


def test_a_file_that_is_gone_is_named(tmp_path: Path) -> None:
    """Not as a file that is broken."""
    gone = LedgerFile(tmp_path / "gone.parquet", 1, 1)
    with pytest.raises(FileNotReachableError, match=r"gone\.parquet"):
        compute_hour(HOUR, [gone], pl.DataFrame(schema=USERS), load_queries(None))
