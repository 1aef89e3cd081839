"""A file that is broken, gone, or not what the ledger says ends the run by name; old results stay."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from antennactl.errors import AntennactlError, FileNotReachableError, InconsistentError
from integration.batch_lake import HOUR, BatchLake, make_traffic


@pytest.fixture
def lake(postgres_dsn: str, tmp_path: Path) -> Iterator[BatchLake]:
    """Yield a lake whose topic was read to its end."""
    with BatchLake(postgres_dsn, tmp_path / "lake") as made:
        made.read_to_end()
        made.put(make_traffic(HOUR, 3))
        yield made


def test_a_truncated_file_is_named(lake: BatchLake) -> None:
    """Its footer is gone."""
    (path,) = lake.put(make_traffic(HOUR, 1000))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])
    _expect(lake, InconsistentError, path)


def test_a_file_with_damaged_pages_is_named(lake: BatchLake) -> None:
    """Its footer tells the right columns and rows, so that the damage shows only when the pages are read."""
    (path,) = lake.put(make_traffic(HOUR, 1000))
    content = bytearray(path.read_bytes())
    footer_length = int.from_bytes(content[-8:-4], "little")
    for position in range(len(b"PAR1"), len(content) - 8 - footer_length):
        content[position] ^= 0x55
    path.write_bytes(content)
    _expect(lake, InconsistentError, path)


def test_a_file_with_other_rows_is_named(lake: BatchLake) -> None:
    """It is sound, but not the one that was committed."""
    (path,) = lake.put(make_traffic(HOUR, 1000))
    pl.read_parquet(path).head(999).write_parquet(path)
    _expect(lake, InconsistentError, path)


def test_a_file_with_the_same_rows_and_other_bytes_is_named(lake: BatchLake) -> None:
    """The sum of its traffic is compared as well."""
    (path,) = lake.put(make_traffic(HOUR, 1000))
    pl.read_parquet(path).with_columns(pl.col("bytes") + 1).write_parquet(path)
    _expect(lake, InconsistentError, path)


def test_a_file_with_other_columns_is_named(lake: BatchLake) -> None:
    """A lake that somebody rewrote is not read by guess."""
    (path,) = lake.put(make_traffic(HOUR, 1000))
    pl.read_parquet(path).rename({"app": "application"}).write_parquet(path)
    _expect(lake, InconsistentError, path)


def test_a_missing_file_is_named(lake: BatchLake) -> None:
    """Exit 4: it may be on another host."""
    (path,) = lake.put(make_traffic(HOUR, 1000))
    path.unlink()
    _expect(lake, FileNotReachableError, path)


def test_one_broken_hour_does_not_keep_catch_up_from_the_others(lake: BatchLake) -> None:
    """The error is raised after them."""
    next_hour = HOUR.replace(hour=HOUR.hour + 1)
    (path,) = lake.put(make_traffic(HOUR, 1000))
    lake.put(make_traffic(next_hour, 5))
    path.write_bytes(b"PAR1")
    with pytest.raises(InconsistentError, match=path.name):
        lake.batch(catch_up=True)
    assert set(lake.runs()) == {next_hour}


def _expect(lake: BatchLake, kind: type[AntennactlError], path: Path) -> None:
    with pytest.raises(kind, match=path.name):
        lake.batch(hour=HOUR)
    assert lake.runs() == {}
