"""A user's own SQL takes the place of ours, and every mistake in it is named with its file."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from antennactl.errors import UsageError
from integration.batch_lake import HOUR, BatchLake, make_traffic

BY_EMAIL = """
SELECT $hour AS timestamp, coalesce(email, 'nobody') AS id, sum(bytes)::BIGINT AS value, 'user_total_bytes'
AS type FROM devices LEFT JOIN user_metadata USING (id) GROUP BY ALL;
"""
TOTALS = "SELECT $hour AS timestamp, id, value, 'user_total_bytes' AS type FROM user_totals"


@pytest.fixture
def lake(postgres_dsn: str, tmp_path: Path) -> Iterator[BatchLake]:
    """Yield a lake with one hour of traffic, read to its end."""
    with BatchLake(postgres_dsn, tmp_path / "lake") as made:
        made.read_to_end()
        made.set_users({"key-0": 1})
        made.put(make_traffic(HOUR, 50))
        yield made


@pytest.fixture
def queries(tmp_path: Path) -> Path:
    """Return an empty folder for queries."""
    folder = tmp_path / "queries"
    folder.mkdir()
    return folder


def test_a_users_own_file_replaces_ours_and_the_others_stay(lake: BatchLake, queries: Path) -> None:
    """Totals by e-mail, users over quota as ever."""
    (queries / "hourly_totals.sql").write_text(BY_EMAIL)
    assert lake.batch(hour=HOUR, queries=queries) == 0
    assert {key for _, key, _ in lake.hourly()} == {"key-0@mail", "nobody"}
    assert [email for email, *_ in lake.violations()] == ["key-0@mail"]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("hourly_totals", "SELECT 1", "returns"),
        ("hourly_totals", TOTALS.replace("value,", "value::HUGEINT AS value,"), "HUGEINT"),
        ("hourly_totals", TOTALS.replace("id,", "id, 1 AS extra,"), "extra"),
        ("hourly_totals", TOTALS.replace("user_totals", "nowhere"), "nowhere"),
        ("hourly_totals", TOTALS + " WHERE", "syntax error"),
        ("hourly_totals", TOTALS.replace("$hour", "$hour - INTERVAL 1 HOUR"), "timestamp"),
        ("hourly_totals", TOTALS.replace("$hour", "$day"), r"\$day"),
        ("hourly_totals", TOTALS + " UNION ALL " + TOTALS, "same id and type"),
        ("hourly_totals", TOTALS.replace("id,", "nullif(id, 'key-1') AS id,"), "without a value"),
        ("hourly_totals", TOTALS.replace("value,", "error('key-0@mail')::BIGINT AS value,"), "Exception"),
        ("hourly_totals", "DROP VIEW devices", "one SELECT"),
        ("hourly_totals", f"{TOTALS}; {TOTALS}", "one SELECT"),
        ("hourly_totals", "", "one SELECT"),
        ("users_over_quota", "SELECT email FROM user_metadata", "returns"),
        ("user_totals", "SELECT id FROM devices", "returns"),
        ("hourly_totals", "SELECT * FROM read_text('/etc/hostname')", "PermissionException"),
    ],
)
def test_a_mistake_is_named_with_its_file(
    lake: BatchLake, queries: Path, name: str, text: str, said: str
) -> None:
    """Exit 2, nothing written, and no value of a row in the message."""
    (queries / f"{name}.sql").write_text(text)
    with pytest.raises(UsageError, match=said) as caught:
        lake.batch(hour=HOUR, queries=queries)
    assert str(queries / f"{name}.sql") in str(caught.value)
    assert "@mail" not in str(caught.value)
    assert lake.runs() == {}


def test_a_query_cannot_write_over_the_lake(lake: BatchLake, queries: Path) -> None:
    """COPY to a file of the hour, which the session may read, is no SELECT."""
    (path,) = lake.lake.data.rglob("*.parquet")
    before = path.read_bytes()
    (queries / "hourly_totals.sql").write_text(f"COPY (SELECT 1) TO '{path}' (USE_TMP_FILE false)")
    with pytest.raises(UsageError, match="one SELECT"):
        lake.batch(hour=HOUR, queries=queries)
    assert path.read_bytes() == before


def test_a_folder_with_none_of_the_queries_is_refused(lake: BatchLake, queries: Path) -> None:
    """A misspelt file would go unnoticed."""
    (queries / "hourly_total.sql").write_text(TOTALS)
    with pytest.raises(UsageError, match="none of"):
        lake.batch(hour=HOUR, queries=queries)
    with pytest.raises(UsageError, match="not a folder"):
        lake.batch(hour=HOUR, queries=queries / "absent")
