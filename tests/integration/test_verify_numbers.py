"""Verify names every number that does not follow from the others: ranges, dead letters, totals."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest

from antennactl.engines import census
from integration.verify_world import HOUR, LENGTH, N_EVENTS, TOPIC_ID, World, first_of, read_rows

CASES = {
    "a range is gone": (
        "DELETE FROM antennactl.offset_range WHERE first_offset = 23 AND kafka_partition = 1",
        {"chain": 1, "micro_batch": 1, "rows": 1, "partition": 1, "dead_letter": 2},
    ),
    "ranges overlap": (
        (
            "UPDATE antennactl.offset_range SET first_offset = 22, n_skipped = 2 "
            "WHERE first_offset = 23 AND kafka_partition = 1"
        ),
        {"chain": 1},
    ),
    "next_offset went back": ("UPDATE antennactl.stream_offset SET next_offset = 23", {"chain": 2}),
    "a partition is gone": ("DELETE FROM antennactl.stream_offset WHERE kafka_partition = 0", {"chain": 1}),
    "a count is wrong": (
        "UPDATE antennactl.offset_range SET n_skipped = 0 WHERE first_offset = 0",
        {"count": 2},
    ),
    "counts that hide each other": (
        (
            "UPDATE antennactl.offset_range SET n_events = n_events - 1, n_skipped = n_skipped + 1 "
            "WHERE first_offset = 0 AND kafka_partition = 0"
        ),
        {"micro_batch": 1, "rows": 1, "partition": 1},
    ),
    "events counted in the wrong micro-batch": (
        (
            "UPDATE antennactl.offset_range SET n_events = n_events + CASE first_offset WHEN 0 THEN 1 ELSE -1 END, "
            "n_skipped = n_skipped - CASE first_offset WHEN 0 THEN 1 ELSE -1 END WHERE kafka_partition = 0"
        ),
        {"micro_batch": 2},
    ),
    "a dead letter is lost": (
        "DELETE FROM antennactl.dead_letter WHERE kafka_offset = 21 AND kafka_partition = 0",
        {"dead_letter": 1},
    ),
    "a dead letter is of another range": (
        "UPDATE antennactl.dead_letter SET kafka_offset = 45 WHERE kafka_offset = 21 AND kafka_partition = 0",
        {"dead_letter": 2},
    ),
    "a dead letter is of no range": (
        "UPDATE antennactl.dead_letter SET kafka_offset = 99 WHERE kafka_offset = 21 AND kafka_partition = 0",
        {"dead_letter": 2},
    ),
    "an event is a dead letter too": (
        "UPDATE antennactl.dead_letter SET kafka_offset = 5 WHERE kafka_offset = 21 AND kafka_partition = 0",
        {"dead_letter": 1},
    ),
    "a dead letter only looks replayed": (
        "UPDATE antennactl.dead_letter SET replayed_at = now() WHERE kafka_offset = 21 AND kafka_partition = 0",
        {"rows": 1, "partition": 1, "dead_letter": 1},
    ),
    "the live totals are doubled": ("UPDATE public.bytes SET value = value * 2", {"totals": 6}),
    "one live total is off": (
        "UPDATE public.bytes SET value = value + 1 WHERE timestamp = '2025-10-26 01:05Z' AND id = 'user-1'",
        {"totals": 1},
    ),
    "bytes moved between keys": (
        (
            "UPDATE public.bytes SET value = value + CASE id WHEN 'user-1' THEN 1 ELSE -1 END "
            "WHERE id IN ('user-1', 'user-2') AND timestamp < '2025-10-26 02:00Z'"
        ),
        {"totals": 1},
    ),
    "bytes moved between windows": (
        (
            "UPDATE public.bytes SET timestamp = timestamp + interval '5 min' "
            "WHERE timestamp = '2025-10-26 01:05Z' AND type = 'user_total_bytes'"
        ),
        {"totals": 1},
    ),
    "a type that nobody knows": (
        "INSERT INTO public.bytes VALUES ('2025-10-26 01:05Z', 'x', 0, 'total_bytes')",
        {"totals": 1},
    ),
    "a key of nothing": (
        "INSERT INTO public.bytes VALUES ('2025-10-26 01:05Z', 'x', 0, 'app_total_bytes')",
        {"totals": 1},
    ),
    "live totals of an hour without rows": (
        "INSERT INTO public.bytes VALUES ('2025-10-26 09:05Z', 'x', 1, 'app_total_bytes')",
        {"totals": 1},
    ),
    "the hourly totals are doubled": ("UPDATE public.bytes_hourly SET value = value * 2", {"hourly": 6}),
    "hourly bytes moved between keys": (
        (
            "UPDATE public.bytes_hourly SET value = value + CASE id WHEN 'user-1' THEN 1 ELSE -1 END "
            "WHERE id IN ('user-1', 'user-2') AND timestamp = '2025-10-26 01:00Z'"
        ),
        {"hourly": 1},
    ),
    "an hourly total within an hour": (
        (
            "UPDATE public.bytes_hourly SET timestamp = timestamp + interval '1 min' WHERE id = 'SKYPE' "
            "AND timestamp = '2025-10-26 01:00Z'"
        ),
        {"hourly": 1},
    ),
    "an hourly total is gone": (
        "DELETE FROM public.bytes_hourly WHERE id = 'antenna-1' AND timestamp = '2025-10-26 01:00Z'",
        {"hourly": 1},
    ),
    "the run counted other bytes": ("UPDATE antennactl.batch_run SET sum_bytes = 0", {"run": 2}),
    "a user over quota is listed twice": (
        "INSERT INTO public.user_quota_limit SELECT * FROM public.user_quota_limit LIMIT 1",
        {"violators": 1},
    ),
}


@pytest.fixture
def world(postgres_dsn: str, tmp_path: Path) -> Iterator[World]:
    """Yield a system of one micro-batch, in a folder whose name engines could take for a pattern."""
    with World(postgres_dsn, tmp_path / "a lake's [1]* folder") as made:
        made.commit()
        yield made


@pytest.fixture
def told(world: World) -> World:
    """Return a system of two micro-batches, with a user over quota and a current run of every hour."""
    world.execute("INSERT INTO public.user_metadata VALUES ('user-1', 'one', 'one@mail.example', 5)")
    world.commit()
    world.batch()
    return world


@pytest.mark.parametrize("name", CASES)
def test_a_number_that_is_off_is_found_by_its_check_alone(told: World, name: str) -> None:
    statement, expected = CASES[name]
    assert told.verify()[0] == 0
    told.execute(statement)
    assert told.differences() == expected
    code, text = told.verify_text()
    assert code == 5
    assert "mail.example" not in text


def test_every_difference_is_counted_and_the_first_of_each_check_named(told: World) -> None:
    told.execute("DELETE FROM public.bytes")
    told.execute(
        "INSERT INTO public.bytes SELECT '2025-01-01Z'::timestamptz + h * interval '1 h', 'x', 1, 'app_total_bytes' "
        "FROM generate_series(1, 300) AS h"
    )
    code, document = told.verify()
    assert code == 5
    assert document["n_differences"] == {"totals": 306}
    assert len(document["differences"]) == 20


def test_what_differs_is_told_with_both_sides(told: World) -> None:
    told.execute(CASES["bytes moved between keys"][0])
    _, document = told.verify()
    named = first_of(document, "totals")
    assert named["hour"] == "2025-10-26T01:00:00Z"
    assert named["where"] == "bytes user_total_bytes"
    assert named["expected"] == named["found"]
    assert "the sums agree" in named["text"]
    assert "user-1" in named["text"]


def first_file(world: World, hour: int) -> str:
    folder = world.lake.data / f"year=2025/month=10/day=26/hour={hour}"
    return min(folder.iterdir()).relative_to(world.lake.root).as_posix()


def test_an_identity_that_is_twice_in_a_file_is_named_with_it(told: World) -> None:
    name = first_file(told, 1)
    told.rewrite(name, lambda rows: pl.concat([rows, rows.head(1)]))
    code, document = told.verify()
    assert code == 5
    named = first_of(document, "identity")
    assert (named["found"], named["hour"]) == (2, "2025-10-26T01:00:00Z")
    assert TOPIC_ID in named["where"]
    assert name in named["text"]


@pytest.mark.parametrize("slice_rows", [census._SLICE_ROWS, 7])  # noqa: SLF001 - slices of a test-sized lake
def test_an_identity_that_is_twice_across_hours_and_batches_is_named_with_both_files(
    told: World, monkeypatch: pytest.MonkeyPatch, slice_rows: int
) -> None:
    monkeypatch.setattr(census, "_SLICE_ROWS", slice_rows)
    assert told.verify()[0] == 0
    source, target = first_file(told, 1), first_file(told, 2)
    taken = read_rows(told.lake.root / source)
    told.rewrite(
        target,
        lambda rows: pl.concat(
            [rows, taken.with_columns(pl.col("timestamp") + timedelta(hours=1))],
        ),
    )
    code, document = told.verify()
    assert code == 5
    assert document["n_differences"]["identity"] == taken.height
    assert source in first_of(document, "identity")["text"]
    assert target in first_of(document, "identity")["text"]


def test_an_offset_outside_of_the_ranges_is_named(told: World) -> None:
    moved = pl.when(pl.col("kafka_offset") == 0).then(10 * LENGTH).otherwise("kafka_offset")
    told.rewrite(first_file(told, 1), lambda rows: rows.with_columns(kafka_offset=moved.cast(pl.Int64)))
    code, document = told.verify()
    assert code == 5
    assert document["n_differences"] == {"partition": 2}
    assert "the ranges 0 to" in first_of(document, "partition")["text"]


def test_a_compacted_lake_is_proved_like_any_other(told: World) -> None:
    folder = told.lake.data / "year=2025/month=10/day=26/hour=1"
    paths = sorted(folder.iterdir())
    whole = folder / "part-compacted.parquet"
    pl.concat([read_rows(path) for path in paths]).write_parquet(whole)
    told.execute(
        "UPDATE antennactl.lake_file SET removed_at = now(), removed_by = 'compact' WHERE hour = $1", HOUR
    )
    told.execute(
        (
            "INSERT INTO antennactl.lake_file (path, hour, n_rows, sum_bytes, sha256, published_at) "
            "SELECT $1::text, hour, sum(n_rows), sum(sum_bytes), '', now() FROM antennactl.lake_file "
            "WHERE hour = $2::timestamptz GROUP BY hour"
        ),
        relative := whole.relative_to(told.lake.root).as_posix(),
        HOUR,
    )
    told.adopt(relative)
    for path in paths:
        path.unlink()
    code, document = told.verify()
    assert code == 0
    assert document["totals"]["files"] == 3
    assert document["totals"]["rows"] == 4 * N_EVENTS


def test_the_machine_s_zone_changes_nothing(
    told: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    del tmp_path
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    assert told.verify()[0] == 0
