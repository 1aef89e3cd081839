"""A query is translated for Spark when it means the same there; all else is refused, with its file and line."""

from pathlib import Path
from typing import Final

import pytest

from antennactl import sql
from antennactl.engines.queries import HourQuery, load_queries
from antennactl.engines.spark.translate import translate
from antennactl.errors import UsageError

# What batch does not run: they read files by their paths, for other commands.
OTHERS: Final = {
    *(
        "census_files",
        "census_holders",
        "census_identities",
        "census_runs",
        "census_stretches",
        "census_totals",
    ),
    *("hour_facts", "sort_hour", "trace_rows", "trace_sources", "trace_stretches", "trace_uses"),
}

REFUSED: Final = {
    "asof join": (
        "SELECT d.id\nFROM devices AS d\nASOF JOIN user_totals AS t ON d.id = t.id AND d.bytes >= t.value",
        r"line 3: ASOF JOIN",
    ),
    "positional join": (
        "SELECT d.id FROM devices d POSITIONAL JOIN user_totals t",
        "line 1: POSITIONAL JOIN",
    ),
    "unknown function": ("SELECT id,\n  epoch_us(timestamp)\nFROM devices", r"line 2: epoch_us\(\)"),
    "average": ("SELECT avg(bytes) FROM devices", r"avg\(\)"),
    "median": ("SELECT median(bytes) FROM devices", r"median\(\)"),
    "first": ("SELECT any_value(id) FROM devices", "IGNORENULLS"),
    "sum of doubles": ("SELECT sum(quota / 2) FROM user_metadata", r"sum\(\) of a floating-point number"),
    "division by zero": ("SELECT bytes / bytes FROM devices", "a division"),
    "division by a column": ("SELECT id\nFROM devices\nWHERE bytes % bytes = 0", "line 3: a division"),
    "decimals in a division": ("SELECT (quota * 0.5) / 2 FROM user_metadata", "a division"),
    "many decimals": ("SELECT quota * 0.1234567 FROM user_metadata", "the number 0.1234567"),
    "exponent": ("SELECT 1e3 FROM devices", "the number 1e3"),
    "text to number": ("SELECT id::BIGINT FROM devices", "a cast from text to BIGINT"),
    "time to text": ("SELECT timestamp::VARCHAR FROM devices", "a cast from a time to TEXT"),
    "date": ("SELECT timestamp::DATE FROM devices", "a cast from a time to DATE"),
    "text and number": ("SELECT 1 FROM devices WHERE id = 5", "a comparison of a whole number and text"),
    "time and text": (
        "SELECT 1 FROM devices WHERE timestamp > '2024-01-01'",
        "a comparison of a time and text",
    ),
    "upper": ("SELECT upper(id) FROM devices", r"upper\(\)"),
    "like": ("SELECT 1 FROM devices WHERE id LIKE 'a%'", "LIKE"),
    "months": ("SELECT timestamp + INTERVAL 1 MONTH FROM devices", "this INTERVAL"),
    "sample": ("SELECT id FROM devices USING SAMPLE 10%", "SELECT with sample|TABLESAMPLE"),
    "distinct on": ("SELECT DISTINCT ON (id) id FROM devices", "DISTINCT ON"),
    "order by all": ("SELECT id FROM devices ORDER BY ALL", "ORDER BY ALL"),
    "rollup": ("SELECT id FROM devices GROUP BY ROLLUP (id)", "GROUP with rollup|ROLLUP"),
    "frame": (
        "SELECT sum(bytes) OVER (ORDER BY timestamp ROWS 2 PRECEDING) FROM devices",
        "WINDOW with spec|WINDOWSPEC",
    ),
    "pivot": ("PIVOT devices ON app USING sum(bytes)", "one SELECT is wanted|PIVOT"),
    "list": ("SELECT [1, 2] FROM devices", "ARRAY|array"),
    "unnest": ("SELECT unnest([1, 2])", "unnest|explode|array"),
    "values": ("SELECT * FROM (VALUES (1)) AS v(a)", "VALUES"),
    "range": ("SELECT 1 FROM range(10)", "a function in the place of a table"),
    "file": ("SELECT 1 FROM read_parquet('x')", "a function in the place of a table"),
    "file as table": ("SELECT 1 FROM 'x.parquet'", "table x.parquet|TABLE"),
    "another table": ("SELECT 1 FROM secrets", "table secrets"),
    "catalog": ("SELECT 1 FROM other.devices", "TABLE with db"),
    "renamed columns": ("SELECT a FROM devices AS d(a, b, c)", "TABLEALIAS with columns"),
    "lambda": ("SELECT list_transform([1], x -> x) FROM devices", "list_transform|transform|array"),
    "union by name": ("SELECT id FROM devices UNION BY NAME SELECT id FROM devices", "UNION with by name"),
    "recursion": (
        "WITH RECURSIVE r AS (SELECT 1 AS a UNION ALL SELECT a + 1 FROM r) SELECT a FROM r",
        "WITH with recursive",
    ),
    "unclosed": ("SELECT id\nFROM devices\nWHERE (id = 'a'", "line 3: cannot be translated"),
    "two statements": ("SELECT 1; SELECT 2", "one SELECT is wanted"),
    "copy": ("COPY (SELECT 1) TO 'x'", "one SELECT is wanted"),
    "set": ("SET threads = 1", "one SELECT is wanted"),
}


@pytest.mark.parametrize("foreign", [False, True])
@pytest.mark.parametrize("name", [script.removesuffix(".sql") for script, _ in sql.scripts("duckdb")])
def test_every_query_of_batch_has_an_equal_in_spark(name: str, foreign: bool) -> None:  # noqa: FBT001
    """A new file is either one of them, or named above as another command's."""
    if name in OTHERS:
        assert name not in load_queries(None)
        return
    translated = translate(load_queries(None)[name], foreign=foreign)
    assert "SUM" in translated or "JOIN" in translated
    assert "::" not in translated
    assert "--" not in translated


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_not_known_to_be_the_same_is_named_with_its_line(case: str) -> None:
    """Translated word by word it would fail late, or give other rows."""
    text, named = REFUSED[case]
    query = HourQuery("hourly_totals", text, Path("/own/hourly_totals.sql"))
    with pytest.raises(UsageError, match=rf"^/own/hourly_totals\.sql.*({named})") as caught:
        translate(query, foreign=False)
    assert caught.value.exit_code == 2


def test_columns_of_our_lake_are_no_columns_of_another_writers() -> None:
    """The view `devices` of an unmanaged lake has five columns."""
    query = HourQuery("hourly_totals", "SELECT * FROM devices")
    assert "kafka_offset" in translate(query, foreign=False)
    assert "kafka_offset" not in translate(query, foreign=True)


def test_a_line_of_a_long_query_is_the_files_own() -> None:
    """Comments and empty lines count."""
    text = "-- one\n/* two\nthree */\n\nSELECT id\nFROM devices\n\nUNION ALL\nSELECT\n  md5(id)\nFROM devices"
    with pytest.raises(UsageError, match="line 10: "):
        translate(HourQuery("hourly_totals", text, Path("q.sql")), foreign=False)
