"""What an older antennactl left, database and lake, goes on under this one, and an older one keeps its hands off.

`tests/older/schema_<n>` holds a dump and a lake that the code of that time made: four hours with late, malformed and
unknown messages, a batch run of each, and a micro-batch whose stream was killed after its commit, before its file was
in the lake.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import antennactl
from antennactl import sql
from antennactl.ledger.connection import Database
from antennactl.ledger.schema import latest_version
from e2e.antennactl_process import WAIT_S, World

OLDER = Path(__file__).parents[1] / "older"
VERSIONS = sorted(int(path.name.removeprefix("schema_")) for path in OLDER.glob("schema_*"))
TOPIC = "devices_old3"
"""What the dumps call their topic; each test has one of another name."""
HOUR_TOTALS = "SELECT * FROM bytes_hourly WHERE timestamp < '2025-03-01 07:00Z' ORDER BY timestamp, type, id"


@pytest.fixture(params=VERSIONS)
def older(
    request: pytest.FixtureRequest,
    empty_postgres_dsn: str,
    bootstrap_servers: str,
    topic: str,
    tmp_path: Path,
) -> World:
    """Give the database and the lake of an older version, and a topic made anew, as on another cluster."""
    folder = OLDER / f"schema_{request.param}"
    dump = (folder / "database.sql").read_text(encoding="utf-8").replace(TOPIC, topic)
    with Database(empty_postgres_dsn) as database, database.transaction() as tx:
        tx.script(dump)
    shutil.copytree(folder / "lake", tmp_path / "lake")
    return World(empty_postgres_dsn, bootstrap_servers, topic, tmp_path)


def test_it_is_upgraded_and_goes_on(older: World) -> None:
    """Refused before provision; afterwards old and new messages are in one lake, and verify proves them all."""
    for command in ("stream", "batch", "verify"):
        assert "upgrade it with: antennactl provision" in older.run(command, code=2)
    before = older.query(HOUR_TOTALS)
    changes = older.document("provision")
    assert changes["schema_version"] == latest_version()
    assert changes["schema_changes"]
    assert changes["users"]["unchanged"] == 20

    older.run("simulate", "--messages", "200", "--start", "2025-03-01T09:00:00Z", "--sent", str(older.sent))
    assert "made again" in older.run("stream", "--drain", code=5)
    older.run("stream", "--drain", "--accept-new-topic")
    assert {row["hour"] for row in older.document("batch", "--catch-up")["runs"]} == {
        f"2025-03-01T{hour:02}:00:00Z" for hour in (7, 9, 10)
    }
    older.run("verify")
    assert older.query(HOUR_TOTALS).equals(before)
    # 392 events of the old stream, 40 of its last micro-batch, all of the new one.
    assert len(older.lake_rows()) == 392 + 40 + 200
    assert older.staged_files() == []


def test_its_dead_letters_are_still_open(older: World) -> None:
    """With the reasons that they were given then."""
    older.run("provision")
    listed = {row["reason"]: row["n_open"] for row in older.document("rejects")}
    assert listed == {"wrong_type": 4, "not_json": 2, "missing_field": 1, "not_object": 1}


def test_a_next_version_is_a_next_file(older: World, tmp_path: Path) -> None:
    """One more numbered file is all it takes: its antennactl provisions, the one of before refuses from then on."""
    older.run("provision")
    package = tmp_path / "next" / "antennactl"
    shutil.copytree(
        Path(antennactl.__file__).parent, package, ignore=shutil.ignore_patterns("__pycache__", "queries")
    )
    shutil.copytree(str(sql.root()), package / "queries")
    number = latest_version() + 1
    name = f"{number:02}_note.sql"
    statement = "ALTER TABLE antennactl.batch_run ADD COLUMN note text NOT NULL DEFAULT 'none';"
    (package / "queries" / "postgres" / "schema" / name).write_text(statement)

    assert provision_as(older, package)["schema_changes"] == [f"applied schema file {name}"]
    assert provision_as(older, package)["schema_changes"] == []
    assert older.query("SELECT DISTINCT note FROM antennactl.batch_run").rows() == [("none",)]
    for command in ("provision", "stream", "batch", "verify"):
        refused = older.run(command, code=2)
        assert f"the schema is at version {number}, made by a newer version of antennactl" in refused
        assert "install the newer one" in refused


def provision_as(world: World, package: Path) -> Any:
    """Run provision of the antennactl in `package` and return its document."""
    done = subprocess.run(
        [sys.executable, "-m", "antennactl", "provision", "--json"],
        env=world.environ({"PYTHONPATH": str(package.parent)}),
        cwd=world.folder,
        text=True,
        capture_output=True,
        timeout=WAIT_S,
        check=True,
    )
    return json.loads(done.stdout)
