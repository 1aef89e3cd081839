"""The SQL that the README shows runs on the tables that provision makes."""

import re
from pathlib import Path

from antennactl.ledger.connection import Database

README = (Path(__file__).parents[2] / "README.md").read_text()


def test_the_readmes_sql_runs(postgres_dsn: str) -> None:
    blocks = re.findall(r"```sql\n(.*?)```", README, re.DOTALL)
    assert blocks
    with Database(postgres_dsn) as database:
        for block in blocks:
            with database.transaction() as transaction:
                transaction.query_text(block.strip().rstrip(";"))


def test_every_table_that_the_readme_names_is_there(postgres_dsn: str) -> None:
    named = set(re.findall(r"`((?:public|antennactl)\.[a-z_]+)`", README)) - {"antennactl.toml"}
    assert {"public.bytes", "antennactl.dead_letter"} <= named
    with Database(postgres_dsn) as database, database.transaction() as transaction:
        for name in sorted(named):
            assert transaction.query_text("SELECT to_regclass($1)::text AS found", name).item(), name
