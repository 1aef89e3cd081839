"""What a query may be made of has the same rows on Spark as on DuckDB; what a query does wrong is told alike."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import polars as pl
import pytest

from antennactl.engines.choose import choose_engine
from antennactl.engines.devices import LedgerFile
from antennactl.engines.devices import show_devices as show_on_duckdb
from antennactl.engines.queries import HourQuery, load_queries
from antennactl.engines.session import open_session, read_frame, register_frame
from antennactl.engines.spark.devices import show_devices
from antennactl.engines.spark.remote import connect, disconnect
from antennactl.engines.spark.translate import translate
from antennactl.engines.spark.users import show_users
from antennactl.errors import UsageError
from antennactl.schemas import LAKE, USERS
from integration.batch_lake import HOUR, make_events

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql.connect.session import SparkSession

pytestmark = pytest.mark.timeout(1500)

QUERIES: Final = {
    "rounding": "SELECT (bytes * 0.5)::BIGINT AS half, (bytes / 2)::BIGINT AS even, bytes // 3 AS cut, "
    "bytes % 7 AS rest FROM devices",
    "negative rounding": "SELECT (-bytes * 0.5)::BIGINT AS a, (-bytes / 2)::BIGINT AS b, -bytes // 3 AS c, "
    "-bytes % 7 AS d, abs(-bytes) AS e FROM devices",
    "division": "SELECT id, sum(bytes) / nullif(count(*) - 2, 0) AS a FROM devices GROUP BY id",
    "huge sums": "SELECT sum(big)::VARCHAR AS a FROM (SELECT quota AS big FROM user_metadata UNION ALL SELECT "
    "9223372036854775807 AS big)",
    "sum of sums": "SELECT sum(s)::VARCHAR AS a, count(*) AS n FROM (SELECT id, sum(quota) AS s FROM user_metadata "
    "GROUP BY id) AS x",
    "no rows": "SELECT sum(bytes)::BIGINT AS a, count(*) AS b, max(id) AS c FROM devices WHERE false",
    "filter": "SELECT app, sum(bytes) FILTER (WHERE bytes > 5)::BIGINT AS a, count(*) FILTER (bytes > 5) AS b, "
    "count(DISTINCT id) AS c, min(id) AS d FROM devices GROUP BY ALL",
    "having": "SELECT id, sum(bytes)::BIGINT AS a FROM devices GROUP BY 1 HAVING sum(bytes) > 20",
    "qualify": "SELECT id, timestamp, bytes FROM devices "
    "QUALIFY row_number() OVER (PARTITION BY app ORDER BY bytes DESC, id, timestamp) <= 2",
    "windows": "SELECT id, kafka_offset, sum(bytes) OVER (PARTITION BY app ORDER BY kafka_offset)::BIGINT AS a, "
    "rank() OVER (ORDER BY bytes) AS b, dense_rank() OVER (ORDER BY id) AS c FROM devices",
    "joins": "SELECT devices.id, quota, email FROM devices LEFT JOIN user_metadata USING (id)",
    "full join": "SELECT a.id AS a, b.id AS b FROM user_totals AS a FULL JOIN user_metadata AS b ON a.id = b.id",
    "semi join": "SELECT id FROM user_metadata SEMI JOIN user_totals USING (id)",
    "anti join": "SELECT id FROM user_metadata ANTI JOIN user_totals USING (id)",
    "cross join": "SELECT a.id, b.id AS other FROM user_totals AS a CROSS JOIN user_totals AS b",
    "subqueries": "SELECT id FROM user_metadata WHERE id IN (SELECT id FROM devices WHERE bytes > 3) "
    "AND quota > (SELECT min(quota) FROM user_metadata)",
    "not in": "SELECT id FROM user_metadata WHERE quota NOT IN (SELECT quota FROM user_metadata WHERE quota > 1)",
    "exists": "SELECT id FROM user_metadata u WHERE EXISTS (SELECT 1 FROM devices d WHERE d.id = u.id)",
    "with": "WITH busy AS MATERIALIZED (SELECT id, sum(bytes) AS s FROM devices GROUP BY id) "
    "SELECT id, s::BIGINT AS s FROM busy WHERE s > 10",
    "sets": "(SELECT id FROM devices EXCEPT SELECT id FROM user_metadata) UNION ALL "
    "(SELECT id FROM devices INTERSECT SELECT id FROM user_metadata)",
    "distinct": "SELECT DISTINCT app, antenna_id FROM devices",
    "stars": "SELECT * EXCLUDE (topic_id, timestamp) FROM devices",
    "from first": "FROM user_totals SELECT id, value",
    "order": "SELECT id, quota FROM user_metadata ORDER BY quota, id LIMIT 4",
    "order down": "SELECT id, quota FROM user_metadata ORDER BY quota DESC, id LIMIT 4 OFFSET 1",
    "order of text": "SELECT id FROM user_metadata ORDER BY id LIMIT 5",
    "nulls": "SELECT id, quota IS NULL AS a, coalesce(quota, 7) AS b, quota IS DISTINCT FROM 5 AS c, "
    "nullif(quota, 5) AS d, greatest(quota, 6) AS e, least(quota, 6) AS f FROM user_metadata",
    "case": "SELECT id, CASE WHEN quota > 5 THEN 'much' WHEN quota IS NULL THEN NULL ELSE 'little' END AS a, "
    "CASE app WHEN 'A' THEN 1 ELSE 0 END AS b, if(bytes > 5, 1, 2) AS c "
    "FROM devices JOIN user_metadata USING (id)",
    "text": "SELECT id || '/' || app AS a, length(id) AS b, id < 'b' AS c, 'it''s \\n' AS d, id = 'a ' AS e "
    "FROM devices",
    "numbers as text": "SELECT bytes::VARCHAR AS a, sum(bytes)::VARCHAR AS b FROM devices GROUP BY bytes",
    "times": "SELECT timestamp, timestamp >= $hour + INTERVAL 30 MINUTE AS late, "
    "timestamp - INTERVAL 1 SECOND AS before, $hour AS hour FROM devices "
    "WHERE timestamp BETWEEN $hour AND $hour::TIMESTAMPTZ + INTERVAL 59 MINUTES",
    "decimals": "SELECT id FROM devices JOIN user_metadata USING (id) WHERE bytes > quota * 0.8",
    "boolean": "SELECT id, bytes > 5 AND NOT app = 'A' OR false AS a FROM devices",
    "in list": "SELECT id FROM devices WHERE bytes IN (1, 3, 5) AND app NOT IN ('A', 'x') AND bytes BETWEEN 0 AND 9",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[LedgerFile]:
    """Return the files of an hour with few rows, and keys of every kind."""
    keys = ["a", "b", "A", "a ", "ñandú", "\n", "0", "\\", "", "😀"]
    rows = [
        (
            HOUR + timedelta(seconds=number * 61, microseconds=number),
            keys[number % len(keys)],
            keys[number % 3],
            number * 5 % 13,
            "AB"[number % 2],
        )
        for number in range(50)
    ]
    path = tmp_path_factory.mktemp("lake") / "0.parquet"
    events = make_events(rows).with_columns(topic_id=pl.lit("topic")).select(LAKE.names())
    events.write_parquet(path)
    return [LedgerFile(path, events.height, int(events["bytes"].sum()))]


@pytest.fixture(scope="module")
def users() -> pl.DataFrame:
    """Return users, some without a quota, some that sent nothing."""
    rows = [
        (key, "n", f"{key}@mail", quota)
        for key, quota in zip("abA0xyz", (5, 9, None, 1, 5, None, 2**62), strict=True)
    ]
    return pl.DataFrame(rows, USERS, orient="row")


@pytest.fixture(scope="module")
def spark_session(
    spark_remote: str, files: list[LedgerFile], users: pl.DataFrame
) -> "Iterator[SparkSession]":
    """Yield a session with the hour's views."""
    session = connect(spark_remote)
    show_devices(session, files)
    show_users(session, users)
    query = load_queries(None)["user_totals"]
    session.sql(translate(query, foreign=False)).createOrReplaceTempView("user_totals")
    yield session
    disconnect(session)


@pytest.fixture(scope="module")
def duckdb_session(files: list[LedgerFile], users: pl.DataFrame) -> "Iterator[DuckDBPyConnection]":
    """Yield a session with the hour's views."""
    with open_session([file.path.parent for file in files]) as session:
        show_on_duckdb(session, files)
        register_frame(session, "user_metadata", users)
        session.sql(load_queries(None)["user_totals"].text).create("user_totals")
        yield session


@pytest.mark.parametrize("name", QUERIES)
def test_what_is_taken_means_the_same(
    spark_session: "SparkSession", duckdb_session: "DuckDBPyConnection", name: str
) -> None:
    text = QUERIES[name]
    parameters = {"hour": HOUR} if "$hour" in text else None
    expected = duckdb_session.sql(text, params=parameters)
    translated = translate(HourQuery("hourly_totals", text), foreign=False)
    found = spark_session.sql(translated, args={"hour": HOUR}).toArrow()
    assert found.column_names == expected.columns
    rows = [tuple(row) for row in zip(*(column.to_pylist() for column in found.columns), strict=True)]
    assert _in_order(rows) == _in_order(read_frame(expected).rows())
    assert rows or "WHERE false" in text


def test_a_users_own_query_runs_on_spark(
    spark_remote: str, files: list[LedgerFile], users: pl.DataFrame, tmp_path: Path
) -> None:
    """In the place of ours, with the same results as on DuckDB."""
    (tmp_path / "users_over_quota.sql").write_text(
        "SELECT email, value AS usage, quota, $hour::TIMESTAMPTZ AS timestamp\n"
        "FROM user_totals JOIN user_metadata USING (id)\nWHERE value > quota * 0.5"
    )
    queries = load_queries(tmp_path)
    with choose_engine("spark", spark_remote, queries) as engine:
        found = engine.compute_hour(HOUR, files, users)
    expected = choose_engine("duckdb", None, queries).compute_hour(HOUR, files, users)
    assert sorted(found.violators.rows()) == sorted(expected.violators.rows())
    assert found.violators.height > 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "SELECT $hour::TIMESTAMPTZ AS timestamp, id, sum(bytes) AS value, 'x' AS type FROM devices GROUP BY id",
            "HUGEINT",
        ),
        ("SELECT nothing FROM devices", "nothing"),
        (
            "SELECT $hour::TIMESTAMPTZ AS timestamp, id, bytes AS value, 'x' AS type FROM devices",
            "two rows have the same id",
        ),
        (
            "SELECT timestamp, id, 1::BIGINT AS value, 'x' AS type FROM devices",
            "timestamp has to be the hour",
        ),
    ],
)
def test_what_a_users_own_query_does_wrong_is_told_alike(
    spark_remote: str, files: list[LedgerFile], users: pl.DataFrame, tmp_path: Path, text: str, said: str
) -> None:
    """With exit 2 and the file, by either engine."""
    (tmp_path / "hourly_totals.sql").write_text(text)
    queries = load_queries(tmp_path)
    for engine in ("duckdb", "spark"):
        address = spark_remote if engine == "spark" else None
        with (
            pytest.raises(UsageError, match=said) as caught,
            choose_engine(engine, address, queries) as chosen,
        ):
            chosen.compute_hour(HOUR, files, users)
        assert str(tmp_path / "hourly_totals.sql") in str(caught.value)


def _in_order(rows: list[tuple[Any, ...]]) -> list[str]:
    # A decimal without decimals is the whole number that DuckDB has.
    return sorted(repr(tuple(int(value) if _is_whole(value) else value for value in row)) for row in rows)


def _is_whole(value: object) -> bool:
    return type(value).__name__ == "Decimal" and value == int(value)  # type: ignore[call-overload]
