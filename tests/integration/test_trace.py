"""`trace` follows a total back to the rows, micro-batches and offsets that made it, and says whether they add up."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from antennactl.commands import compact, trace
from antennactl.errors import FileNotReachableError, NotReadyError, UsageError
from antennactl.schemas import TOTAL_TYPES
from integration.verify_world import HOUR, LENGTH, TOPIC_ID, World, read_rows
from json_keys import documented_keys, key_paths

USER: dict[str, Any] = {"total_type": "user_total_bytes", "total_id": "user-1"}


@pytest.fixture
def world(postgres_dsn: str, tmp_path: Path) -> Iterator[World]:
    """Return a system of two micro-batches, each with two hours of two partitions, whose hours have run."""
    with World(postgres_dsn, tmp_path / "lake") as made:
        made.commit()
        made.commit()
        made.batch()
        yield made


def look(world: World, code: int = 0, **options: Any) -> dict[str, Any]:
    """Return the document of a trace that ends with `code`."""
    settings = world.settings(json=True, **options)
    with redirect_stdout(io.StringIO()) as printed:
        assert trace.run(settings, threading.Event()) == code
    document: dict[str, Any] = json.loads(printed.getvalue())
    return document


def lake_of(world: World) -> pl.DataFrame:
    """Return all rows of the lake, read by another engine than trace's."""
    return pl.concat([read_rows(path) for path in world.lake.data.rglob("*.parquet")])


@pytest.mark.parametrize("column", TOTAL_TYPES.values())
def test_an_hourly_total_is_the_sum_of_its_rows(world: World, column: str) -> None:
    """For every antenna, user and app, in both hours."""
    kind = next(name for name, mapped in TOTAL_TYPES.items() if mapped == column)
    rows = lake_of(world).with_columns(hour=pl.col("timestamp").dt.truncate("1h"))
    for hour, key, value, count in (
        rows.group_by("hour", column).agg(pl.col("bytes").sum(), n=pl.len()).iter_rows()
    ):
        document = look(world, total_type=kind, total_id=key, hour=hour)
        assert (document["value"], document["lake_value"], document["n_rows"]) == (value, value, count)
        assert (document["verdict"], document["difference"], document["table"]) == (
            "agrees",
            0,
            "bytes_hourly",
        )
        for name in ("micro_batches", "files", "ranges"):
            assert sum(part["sum_bytes"] for part in document[name]) == value
            assert sum(part["n_rows"] for part in document[name]) == count


def test_a_window_is_named_by_any_time_in_it(world: World) -> None:
    """Its rows alone are told, each with its place."""
    start = HOUR + timedelta(minutes=5)
    document = look(world, **USER, timestamp=start + timedelta(minutes=1, microseconds=1))
    assert (document["table"], document["timestamp"], document["run"]) == (
        "bytes",
        "2025-10-26T01:05:00Z",
        None,
    )
    assert document["verdict"] == "agrees"
    wanted = lake_of(world).filter(
        pl.col("id") == "user-1",
        pl.col("timestamp") >= start,
        pl.col("timestamp") < start + timedelta(minutes=5),
    )
    places = wanted.select("kafka_partition", "kafka_offset").sort("kafka_partition", "kafka_offset").rows()
    assert [(row["kafka_partition"], row["kafka_offset"]) for row in document["rows"]] == places
    assert places


def test_micro_batches_and_ranges_are_those_that_read_the_rows(world: World) -> None:
    """The second micro-batch's rows lie in its ranges of both partitions."""
    made = world.commit()
    world.batch()
    document = look(world, **USER, hour=HOUR)
    assert len(document["micro_batches"]) == 3
    assert document["micro_batches"][-1]["batch_id"] == made.batch_id
    mine = [row for row in document["ranges"] if row["batch_id"] == made.batch_id]
    assert [(row["kafka_partition"], row["range_first"], row["range_next"]) for row in mine] == [
        (partition, 2 * LENGTH, 3 * LENGTH) for partition in (0, 1)
    ]
    for row in document["ranges"]:
        assert row["topic_id"] == TOPIC_ID
        assert row["range_first"] <= row["first_offset"] <= row["last_offset"] < row["range_next"]
    assert key_paths(document) == documented_keys("trace")


def test_a_limit_shortens_the_lists_and_not_their_counts(world: World) -> None:
    """Each list to its first rows."""
    whole, short = look(world, **USER, hour=HOUR), look(world, **USER, hour=HOUR, limit=1)
    for name in ("micro_batches", "files", "ranges", "rows"):
        assert short[name] == whole[name][:1]
        assert short[f"n_{name}"] == whole[f"n_{name}"] == len(whole[name]) > 1


def test_a_compacted_hour_is_traced_to_the_same_micro_batches(world: World) -> None:
    """Its files are another; what read the rows is not."""
    world.execute("UPDATE antennactl.stream_offset SET caught_up_at = now()")
    before = look(world, **USER, hour=HOUR)
    with redirect_stdout(io.StringIO()):
        assert compact.run(world.settings(hour=HOUR), threading.Event()) == 0
    after = look(world, **USER, hour=HOUR)
    assert (before["n_files"], after["n_files"]) == (2, 1)
    for name in ("micro_batches", "ranges", "value", "lake_value", "verdict", "n_rows"):
        assert after[name] == before[name]


def test_a_replayed_dead_letter_is_told_as_one(world: World) -> None:
    """Not as a row of the micro-batch that rejected it."""
    letter = LENGTH - 3
    world.replay(0, letter)
    document = look(world, **USER, timestamp=HOUR)
    assert document["verdict"] == "agrees"
    replays = [row for row in document["ranges"] if row["origin"] == "replay"]
    assert [(row["first_offset"], row["last_offset"], row["sum_bytes"]) for row in replays] == [
        (letter, letter, 7)
    ]
    told = [row for row in document["micro_batches"] if row["origin"] == "replay"]
    assert [(row["batch_id"], row["n_rows"]) for row in told] == [(None, 1)]
    assert told[0]["committed_at"] is not None


def test_ranges_without_a_micro_batch_are_told_as_rebuilt(world: World) -> None:
    """As rebuild enters them."""
    world.execute("UPDATE antennactl.offset_range SET batch_id = NULL")
    world.execute("DELETE FROM antennactl.micro_batch")
    document = look(world, **USER, hour=HOUR)
    assert document["verdict"] == "agrees"
    assert [row["origin"] for row in document["micro_batches"]] == ["rebuilt"]


def test_a_total_that_differs_is_exit_five_and_told(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Too large by one, or missing altogether."""
    world.execute("UPDATE bytes_hourly SET value = value + 1 WHERE id = 'user-1'")
    document = look(world, 5, **USER, hour=HOUR)
    assert (document["verdict"], document["difference"]) == ("differs", 1)
    told = f"bytes_hourly says {document['value']}, the lake {document['lake_value']}"
    assert told in capsys.readouterr().err
    world.execute("DELETE FROM bytes WHERE id = 'user-1'")
    document = look(world, 5, **USER, timestamp=HOUR + timedelta(minutes=6))
    assert (document["value"], document["verdict"]) == (None, "differs")


def test_an_hour_that_changed_is_pending(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """The run does not know the rows that came after it, and is told to be made again."""
    world.commit()
    document = look(world, **USER, hour=HOUR)
    assert (document["verdict"], document["run"]["changed"]) == ("pending", True)
    assert "run: antennactl batch --hour 2025-10-26T01" in capsys.readouterr().err
    assert look(world, **USER, timestamp=HOUR + timedelta(minutes=6))["verdict"] == "agrees"


def test_only_the_hours_files_are_read(world: World) -> None:
    """Garbage in the other hour is not noticed."""
    others = list((world.lake.data / "year=2025/month=10/day=26/hour=2").glob("*.parquet"))
    assert others
    for path in others:
        path.write_bytes(b"garbage")
    assert look(world, **USER, hour=HOUR)["verdict"] == "agrees"


def test_committed_files_are_read_before_they_are_published(world: World) -> None:
    """Where they were staged; a file that is nowhere is exit 4."""
    made = world.commit(publish=False)
    window = HOUR + timedelta(minutes=6)
    assert look(world, **USER, timestamp=window)["verdict"] == "agrees"
    for file in made.files:
        (world.lake.root / str(file.stage_path)).unlink()
    with pytest.raises(FileNotReachableError):
        look(world, **USER, timestamp=window)


def test_what_is_not_there_is_refused(world: World) -> None:
    """A total of nobody, an hour without a run, and names that are no total's."""
    with pytest.raises(UsageError, match="there is no user_total_bytes of nobody"):
        look(world, total_type="user_total_bytes", total_id="nobody", hour=HOUR)
    with pytest.raises(NotReadyError, match="has no batch run"):
        look(world, **USER, hour=HOUR - timedelta(hours=3))
    for options in (
        {"hour": HOUR},
        {**USER},
        {**USER, "hour": HOUR, "timestamp": HOUR},
        {"total_id": "user-1", "hour": HOUR},
    ):
        with pytest.raises(UsageError):
            look(world, **options)
    world.execute("INSERT INTO antennactl.setting VALUES ('retention_floor', '2025-10-26T02:00:00Z')")
    with pytest.raises(UsageError, match="was pruned"):
        look(world, **USER, hour=HOUR)


def test_the_tables_say_the_same(world: World) -> None:
    """For people: total, micro-batches, files, offsets and rows."""
    with redirect_stdout(io.StringIO()) as printed:
        assert trace.run(world.settings(**USER, hour=HOUR, limit=2), threading.Event()) == 0
    text = printed.getvalue()
    for title in ("Total\n", "Micro-batches\n", "Lake files\n", "Kafka offsets (the first 2 of 4)\n"):
        assert title in text
    assert "Rows of the lake (the first 2 of" in text
    assert "agrees" in text
