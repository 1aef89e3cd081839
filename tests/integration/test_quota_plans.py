"""However long the history, `quota` reads its own hour of the totals alone, by their key."""

from datetime import UTC, datetime

import pytest

from antennactl import sql
from antennactl.ledger.connection import Database

HOUR = datetime(2025, 10, 27, 6, tzinfo=UTC)
HISTORY = """
INSERT INTO user_metadata SELECT 'user-' || n, 'n', 'n' || n || '@x', 1000 FROM generate_series(1, 1000) AS n;
INSERT INTO bytes SELECT '2025-10-26 00:00Z'::timestamptz + w * interval '30 min', 'user-' || n, n, 'user_total_bytes'
FROM generate_series(0, 99) AS w, generate_series(1, 1000) AS n;
INSERT INTO bytes_hourly SELECT timestamp, id, value, type FROM bytes WHERE extract(minute FROM timestamp) = 0;
ANALYZE;
CREATE FUNCTION plan_of(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
    RETURN QUERY EXECUTE 'EXPLAIN (ANALYZE, TIMING OFF) ' || statement;
END
$$;
"""


@pytest.mark.parametrize(("name", "table"), [("quota_live", "bytes"), ("quota_final", "bytes_hourly")])
def test_an_hour_is_read_by_its_key(postgres_dsn: str, name: str, table: str) -> None:
    """Of 100 windows of 1,000 users two are read, and of 50 hours one: the plan that was executed says so."""
    text = sql.statement(f"postgres/{name}").replace("$1", f"'{HOUR.isoformat()}'")
    text = text.replace("$2", "'0.8'").replace("$3", "NULL")
    with Database(postgres_dsn) as database:
        with database.transaction() as tx:
            tx.script(HISTORY)
        with database.transaction() as tx:
            plan = tx.query_text("SELECT plan_of($1::text) AS line", text)["line"].to_list()
    printed = "\n".join(plan)
    assert f"Seq Scan on {table} " not in printed
    assert f"{table}_key" in printed
