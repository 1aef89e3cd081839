"""A lake that another writer made, such as Spark, is read as it is, and the ledger is not asked."""

import base64
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
import pytest

from antennactl.errors import IncompleteHourError, InconsistentError, NotReadyError
from antennactl.lake.layout import hour_folder_spellings
from integration.batch_lake import HOUR, BatchLake, foreign_frame, make_events, make_traffic, sum_by_hand

# Two rows, 10 and 20 bytes, in the hour's first and last second, timestamps as INT96: Spark's default,
# which none of the writers at hand makes any more.
INT96_FILE: Final = base64.b64decode(
    "UEFSMRUAFSwVLCwVBBUAFQYVBhwAAAACAAAABAEKAAAAAAAAABQAAAAAAAAAFQAVPBU8LBUEFQAVBhUGHAAAAAIAAAAEAQCguDBG"
    "AwAAw4slAAB21iWMBgAAw4slABUAFTYVNiwVBBUAFQYVBhwAAAACAAAABAEFAAAAU0tZUEUIAAAARkFDRUJPT0sVABUkFSQsFQQV"
    "ABUGFQYcAAAAAgAAAAQBAgAAAHUxAgAAAHUyFQAVJBUkLBUEFQAVBhUGHAAAAAIAAAAEAQIAAABhMQIAAABhMRUEGWw1ABgGc2No"
    "ZW1hFQoAFQQlAhgFYnl0ZXMAFQYlAhgJdGltZXN0YW1wABUMJQIYA2FwcCUATBwAAAAVDCUCGAJpZCUATBwAAAAVDCUCGAphbnRl"
    "bm5hX2lkJQBMHAAAABYEGRwZXCYAHBUEGSUGABkYBWJ5dGVzFQAWBBZSFlImCEkcFQAVABUCADwpBhkmAAQAAAAmABwVBhklBgAZ"
    "GAl0aW1lc3RhbXAVABYEFmIWYiZaSRwVABUAFQIAPCkGGSYABAAAACYAHBUMGSUGABkYA2FwcBUAFgQWXBZcJrwBSRwVABUAFQIA"
    "PBYaGQYZJgAEAAAAJgAcFQwZJQYAGRgCaWQVABYEFkoWSiaYAkkcFQAVABUCADwWCBkGGSYABAAAACYAHBUMGSUGABkYCmFudGVu"
    "bmFfaWQVABYEFkoWSibiAkkcFQAVABUCADwWCBkGGSYABAAAABakAxYEJggWpAMAKCBwYXJxdWV0LWNwcC1hcnJvdyB2ZXJzaW9u"
    "IDI2LjAuMRlcHAAAHAAAHAAAHAAAHAAAAJsBAABQQVIx"
)
SPELLINGS: Final = hour_folder_spellings(HOUR.replace(month=4, day=7))


@pytest.fixture
def lake(postgres_dsn: str, tmp_path: Path) -> Iterator[BatchLake]:
    """Yield a database with a user, and a folder that no ledger ever knew."""
    with BatchLake(postgres_dsn, tmp_path / "lake") as made:
        made.lake.identity_file.unlink()
        made.set_users({"key-0": 1})
        yield made


@pytest.fixture(params=["Asia/Kathmandu", "Europe/Madrid"])
def zone(request: pytest.FixtureRequest) -> Iterator[None]:
    """Another zone of this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TZ", request.param)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_folders_count_padded_or_not_at_each_level(lake: BatchLake, spelling: str) -> None:
    """Markers, checksums and unfinished files in them do not."""
    hour = HOUR.replace(month=4, day=7)
    events = make_traffic(hour, 30)
    folder = _folder(lake, spelling)
    foreign_frame(events).write_parquet(folder / "part-00000-x.snappy.parquet", compression="snappy")
    for ignored in ("_SUCCESS", ".part-00000-x.snappy.parquet.crc", "_tmp.parquet", ".hidden.parquet"):
        (folder / ignored).write_bytes(b"no Parquet")
    (folder / "_temporary").mkdir()
    assert lake.batch(hour=hour, unmanaged=True) == 0
    assert lake.hourly() == sum_by_hand(events)
    assert [email for email, *_ in lake.violations()] == ["key-0@mail"]
    assert lake.runs() == {hour: (30, False, True)}
    assert not lake.lake.identity_file.exists()
    assert lake.select("SELECT path FROM antennactl.lake_file") == []


@pytest.mark.parametrize(
    "written",
    [
        pl.col("timestamp"),
        pl.col("timestamp").dt.replace_time_zone(None),
        pl.col("timestamp").dt.cast_time_unit("ms"),
        pl.col("timestamp").dt.cast_time_unit("ns"),
        pl.col("timestamp").dt.replace_time_zone(None).dt.cast_time_unit("ns"),
        pl.col("timestamp").dt.epoch("s"),
        pl.col("timestamp").dt.epoch("s").cast(pl.Int32),
        pl.col("timestamp").dt.epoch("s").cast(pl.UInt32),
    ],
)
@pytest.mark.usefixtures("zone")
def test_times_of_every_kind_count_as_utc(lake: BatchLake, written: pl.Expr) -> None:
    """With or without a zone, of any unit, or whole seconds; whatever the machine's zone."""
    events = make_traffic(HOUR, 60)
    rows = foreign_frame(events).with_columns(written.alias("timestamp"), pl.col("bytes").cast(pl.Int32))
    rows.write_parquet(_folder(lake) / "part-0.parquet")
    lake.batch(hour=HOUR, unmanaged=True)
    assert lake.hourly() == sum_by_hand(events)


def test_the_old_timestamps_of_spark_are_read(lake: BatchLake) -> None:
    """INT96 carries no zone: Spark writes it in UTC."""
    (_folder(lake) / "part-0.parquet").write_bytes(INT96_FILE)
    lake.batch(hour=HOUR, unmanaged=True)
    assert {(key, value) for (_, key, _), value in lake.hourly().items()} == {
        ("u1", 10),
        ("u2", 20),
        ("a1", 30),
        ("SKYPE", 10),
        ("FACEBOOK", 20),
    }


def test_files_of_one_hour_may_differ_in_columns_and_types(lake: BatchLake) -> None:
    """Order, further columns, integer sizes and kinds of time are each file's own."""
    parts = [make_traffic(HOUR, 10), make_traffic(HOUR, 20), make_traffic(HOUR, 5)]
    folder = _folder(lake)
    foreign_frame(parts[0]).write_parquet(folder / "part-0.parquet")
    other = foreign_frame(parts[1]).select("id", "timestamp", "app", "bytes", "antenna_id", year=pl.lit("x"))
    other.with_columns(pl.col("bytes").cast(pl.UInt16)).write_parquet(folder / "part-1.parquet")
    with duckdb.connect() as connection:
        connection.register("rows", _Stream(parts[2]))
        seconds = connection.sql(
            "SELECT epoch(timestamp)::BIGINT AS timestamp, app, id, antenna_id, bytes FROM rows"
        )
        seconds.write_parquet(str(folder / "part-2.parquet"))
    lake.batch(hour=HOUR, unmanaged=True)
    assert lake.hourly() == sum_by_hand(*parts)


def test_rows_of_other_hours_or_without_a_key_are_left_out_with_a_warning(
    lake: BatchLake, capsys: pytest.CaptureFixture[str]
) -> None:
    """The hour is what the rows say, not the folder."""
    events = make_traffic(HOUR, 10)
    after = make_events(
        [(HOUR + timedelta(hours=1), "u", "m", 1, "A"), (HOUR - timedelta(seconds=1), "u", "m", 1, "A")]
    )
    rows = pl.concat([foreign_frame(events), foreign_frame(after)])
    keyless = rows.head(3).with_columns(id=pl.lit(None, dtype=pl.String))
    pl.concat([rows, keyless]).write_parquet(_folder(lake) / "part-0.parquet")
    lake.batch(hour=HOUR, unmanaged=True)
    assert lake.hourly() == sum_by_hand(events)
    warnings = capsys.readouterr().err
    assert "2 rows in the hour's folder lie in other hours" in warnings
    assert "3 rows lack a time, a key or bytes" in warnings


def test_a_folder_whose_rows_all_lie_elsewhere_is_refused(lake: BatchLake) -> None:
    """It was named in a local zone, or the times are milliseconds: an empty hour would be a lie."""
    for rows in (
        foreign_frame(make_traffic(HOUR + timedelta(hours=2), 10)),
        foreign_frame(make_traffic(HOUR, 10)).with_columns(pl.col("timestamp").dt.epoch("ms")),
    ):
        rows.write_parquet(_folder(lake) / "part-0.parquet")
        with pytest.raises(InconsistentError, match="none of the 10 rows"):
            lake.batch(hour=HOUR, unmanaged=True)
    assert lake.runs() == {}


def test_a_missing_folder_is_not_ready_and_an_empty_one_is_no_traffic(lake: BatchLake) -> None:
    """Exit 4 for the first."""
    with pytest.raises(NotReadyError, match="no folder"):
        lake.batch(hour=HOUR, unmanaged=True)
    (_folder(lake) / "_SUCCESS").touch()
    lake.batch(hour=HOUR, unmanaged=True)
    assert lake.runs() == {HOUR: (0, False, True)}


def test_a_broken_file_and_a_missing_column_are_named(lake: BatchLake) -> None:
    """Exit 5, nothing written."""
    path = _folder(lake) / "part-0.parquet"
    path.write_bytes(b"")
    with pytest.raises(InconsistentError, match=r"part-0\.parquet"):
        lake.batch(hour=HOUR, unmanaged=True)
    foreign_frame(make_traffic(HOUR, 3)).drop("app").write_parquet(path)
    with pytest.raises(InconsistentError, match="column app is missing"):
        lake.batch(hour=HOUR, unmanaged=True)
    assert lake.runs() == {}


def test_completeness_is_the_clock_alone(lake: BatchLake) -> None:
    """The hour that runs now is refused without --allow-partial; nobody knows how far its writer is."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    events = make_traffic(now, 3)
    foreign_frame(events).write_parquet(_folder(lake, hour_folder_spellings(now)[0]) / "part-0.parquet")
    with pytest.raises(IncompleteHourError, match="closes at"):
        lake.batch(hour=now, unmanaged=True)
    lake.batch(hour=now, unmanaged=True, allow_partial=True)
    assert lake.runs() == {now: (3, True, True)}


def _folder(lake: BatchLake, spelling: str = hour_folder_spellings(HOUR)[0]) -> Path:
    folder = lake.lake.root / spelling
    folder.mkdir(parents=True, exist_ok=True)
    return folder


class _Stream:
    """A frame as its Arrow stream: duckdb takes no Polars frame without pyarrow."""

    def __init__(self, rows: pl.DataFrame) -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)
