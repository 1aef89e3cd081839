"""The DAG of deploy/ at work: Airflow itself runs it, on a real lake, with the command that is installed."""

import json
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from airflow_environment import airflow_programs
from deploy_files import DEPLOY
from e2e.antennactl_process import COMMAND, World

DAG = DEPLOY / "airflow" / "antennactl_hourly.py"
HOUR = "2025-03-01T06"
# When the run of that hour is due: seven minutes past its end.
LOGICAL_DATE = "2025-03-01T07:07:00+00:00"
INSTALL_S = 600
# What the DAG's own code makes of each exit code, asked in Airflow's Python; the command ends as its second word says.
ASK = """
import json, sys
from airflow.sdk import timezone
from airflow.sdk.exceptions import AirflowFailException
sys.path.insert(0, sys.argv[1])
import antennactl_hourly as module
outcomes = {}
for code in range(6):
    try:
        module.run_antennactl("batch", str(code))
        outcomes[code] = "done"
    except AirflowFailException as error:
        outcomes[code] = f"failed: {error}"
    except Exception as error:
        outcomes[code] = f"again: {error}"
dag = module.dag
interval = dag.timetable.infer_manual_data_interval(run_after=timezone.parse(sys.argv[2]))
print(json.dumps({
    "outcomes": outcomes,
    "catchup": dag.catchup,
    "interval": [moment.isoformat() for moment in interval],
    "downstream": {name: sorted(dag.get_task(name).downstream_task_ids) for name in dag.task_ids},
    "retries": {name: dag.get_task(name).retries for name in dag.task_ids},
}))
"""


@dataclass(frozen=True)
class Airflow:
    """An installation of Airflow: its programs, and a home with a database and the DAG."""

    programs: Path
    home: Path

    def run(self, *words: str, env: Mapping[str, str] | None = None) -> str:
        """Run one of its programs to the end and return what it printed."""
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("ANTENNACTL_", "PG"))
        }
        environment = {
            **kept,
            "AIRFLOW_HOME": str(self.home),
            "AIRFLOW__CORE__DAGS_FOLDER": str(self.home / "dags"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "PYTHONPATH": "",
            **(env or {}),
        }
        done = subprocess.run(
            [self.programs / words[0], *words[1:]],
            env=environment,
            cwd=self.home,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=INSTALL_S,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def airflow(tmp_path_factory: pytest.TempPathFactory) -> Airflow:
    """Install Airflow, and put the DAG into its folder as its first lines say: with FIRST_HOUR set."""
    home = tmp_path_factory.mktemp("airflow")
    dags = home / "dags"
    dags.mkdir()
    text, n = re.subn(
        r"(?m)^FIRST_HOUR = .*", "FIRST_HOUR = datetime(2025, 3, 1, tzinfo=UTC)", DAG.read_text()
    )
    assert n == 1
    (dags / DAG.name).write_text(text)
    return Airflow(airflow_programs(), home)


@pytest.mark.timeout(INSTALL_S)
def test_airflow_runs_the_hour_and_a_second_run_changes_nothing(airflow: Airflow, world: World) -> None:
    """A retry or a run that is cleared and run again is the same as one run."""
    world.run("simulate", "--messages", "500", "--start", f"{HOUR}:00:00Z", "--span", "50m")
    world.run("stream", "--drain")
    airflow.run("airflow", "db", "migrate")
    env = {**world.environ(), "AIRFLOW_VAR_ANTENNACTL_COMMAND": str(COMMAND)}
    results = []
    for _ in range(2):
        said = airflow.run("airflow", "dags", "test", "antennactl_hourly", LOGICAL_DATE, env=env)
        assert f"antennactl batch --hour {HOUR}" in said
        assert f"antennactl verify --hour {HOUR}" in said
        assert "state=success" in said
        results.append([world.table(name, "1, 2, 3") for name in ("bytes_hourly", "user_quota_limit")])
    assert results[0] == results[1]
    assert len(results[0][0]) > 20
    runs = world.query("SELECT hour::text, n_rows FROM antennactl.batch_run")
    assert runs.rows() == [("2025-03-01 06:00:00+00", 500)]


@pytest.mark.timeout(INSTALL_S)
def test_what_comes_right_by_itself_is_tried_again_and_what_needs_a_person_is_not(airflow: Airflow) -> None:
    command = airflow.home / "antennactl"
    command.write_text('#!/bin/sh\nexit "$2"\n')
    command.chmod(0o755)
    asked = [str(airflow.home / "dags"), LOGICAL_DATE]
    said = airflow.run("python", "-c", ASK, *asked, env={"AIRFLOW_VAR_ANTENNACTL_COMMAND": str(command)})
    found: dict[str, Any] = json.loads(said.splitlines()[-1])
    words = {code: outcome.partition(":")[0] for code, outcome in found["outcomes"].items()}
    assert words == {"0": "done", "1": "again", "2": "failed", "3": "again", "4": "again", "5": "failed"}
    assert "the hour is not complete" in found["outcomes"]["4"]
    assert found["catchup"]
    assert found["interval"] == [f"{HOUR}:07:00+00:00", "2025-03-01T07:07:00+00:00"]
    assert found["downstream"] == {"batch": ["verify"], "verify": []}
    assert min(found["retries"].values()) > 0
