"""The login that Grafana reads with: made by psql as the compose file does, twice, and good for reading alone."""

import os
import subprocess
from urllib.parse import urlsplit

import pytest
import yaml

from antennactl.errors import AntennactlError
from antennactl.ledger.connection import Database
from antennactl.local import Postgres
from deploy_files import DEPLOY
from services import made_database, provision_template
from system_packages import find_psql

PASSWORD = "it's $a \\secret"


def make_reader(dsn: str) -> None:
    """Run what the service `roles` runs, with its files where they are in the checkout."""
    service = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["roles"]
    mounted = {target: DEPLOY / source for source, target, _ in (m.split(":") for m in service["volumes"])}
    words = [
        f"--file={mounted[word.removeprefix('--file=')]}" if word.startswith("--file=") else word
        for word in service["command"]
    ]
    found = find_psql()
    assert found, "psql makes Grafana's login: apt-get install postgresql-client"
    assert words[0] == "psql"
    done = subprocess.run(
        [found, f"--dbname={dsn}", *words[1:]],
        env={**os.environ, "READER_PASSWORD": PASSWORD},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_grafanas_login_reads_the_tables_and_writes_nothing(
    own_postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    with made_database(own_postgres.dsn) as dsn:
        provision_template(dsn)
        make_reader(dsn)
        make_reader(dsn)
        parts = urlsplit(dsn)
        login = parts._replace(netloc=f"grafana@{parts.netloc.rpartition('@')[2]}").geturl()
        monkeypatch.setenv("PGPASSWORD", PASSWORD)
        with Database(login) as database:
            with database.transaction() as transaction:
                assert transaction.query_text("SELECT count(*) FROM public.user_quota_live").item() == 0
            for refused in (
                "DELETE FROM public.bytes",
                "SELECT payload FROM antennactl.dead_letter",
                "CREATE TABLE public.mine (id int)",
            ):
                with (
                    pytest.raises(AntennactlError, match=r"may not|permission"),
                    database.transaction() as transaction,
                ):
                    transaction.query_text(refused)
        monkeypatch.setenv("PGPASSWORD", "another")
        with Database(login) as database, pytest.raises(AntennactlError), database.transaction():
            pass
