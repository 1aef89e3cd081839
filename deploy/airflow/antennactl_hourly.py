"""The batch layer on Airflow 3: the totals and the users over quota of each hour, then the proof that they are right.

Copy it into the DAGs folder and set FIRST_HOUR. antennactl has to be installed where tasks run, in whichever
environment; the variable `antennactl_command` of Airflow says how it is called there, with --config FILE or without.
Its settings may as well come from the environment of the tasks: ANTENNACTL_DSN, ANTENNACTL_LAKE and so on.
"""

import shlex
import subprocess
from contextlib import suppress
from datetime import UTC, datetime, timedelta

from airflow.sdk import DAG, Param, Variable, get_current_context, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException
from airflow.timetables.interval import CronDataIntervalTimetable

# The first hour that is to have totals. Each hour from here on gets its run; older ones: antennactl batch --catch-up.
FIRST_HOUR = datetime(2026, 11, 24, 0, tzinfo=UTC)
# Usage or configuration, and inconsistent data: the next attempt would end in the same way.
NEEDS_A_PERSON = {2, 5}
WHY = {
    2: "usage or configuration",
    3: "a service cannot be reached",
    4: "the hour is not complete, or a file of it cannot be reached",
    5: "the data is inconsistent",
}
STOP_WITHIN_S = 60


def run_antennactl(*words: str) -> None:
    """Run a command and put what it says into the task's log.

    Raises AirflowFailException where a person is needed, and AirflowException where the task is to be tried again.
    """
    program, *options = shlex.split(Variable.get("antennactl_command", default="antennactl"))
    command = [program, *words, *options]
    print(shlex.join(command), flush=True)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            for line in process.stdout:
                print(line, end="", flush=True)
        except BaseException:
            # The task is being killed. What antennactl had not committed is as if it had never been.
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_WITHIN_S)
            process.kill()
            raise
    code = process.returncode
    if code == 0:
        return
    message = f"antennactl {words[0]} ended with {code} ({WHY.get(code, 'failed')})"
    raise AirflowFailException(message) if code in NEEDS_A_PERSON else AirflowException(message)


def hour_of_run() -> str:
    """Return the hour that the run is for, in UTC: the parameter `hour`, else the one in which its interval begins."""
    context = get_current_context()
    given = context["params"].get("hour")
    if given:
        return given
    run = context["dag_run"]
    # A run that was triggered without a date has no interval: it takes the last hour that has ended.
    begins = run.data_interval_start or run.run_after - timedelta(hours=1)
    return begins.astimezone(UTC).strftime("%Y-%m-%dT%H")


with DAG(
    "antennactl_hourly",
    description="Hourly totals and users over quota, from the lake",
    # Seven minutes past each hour for the hour before: its events are in by then. `batch` asks the ledger whether they
    # are, and ends with 4 when not.
    schedule=CronDataIntervalTimetable("7 * * * *", timezone="UTC"),
    start_date=FIRST_HOUR,
    catchup=True,
    # Hours do not wait for each other; two runs of one hour do, by a lock of antennactl's own.
    max_active_runs=4,
    default_args={
        # After 5, 10, 20, 40 and then every 60 minutes, for a day: a stream that was away has that long to come back.
        "retries": 26,
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": timedelta(hours=1),
        "execution_timeout": timedelta(hours=2),
    },
    params={
        "hour": Param(None, type=["null", "string"], description="Another hour, such as 2026-11-24T06 (UTC)")
    },
    tags=["antennactl"],
) as dag:

    @task
    def batch() -> None:
        """Replace the hour's totals by those of the lake. Any number of times is the same as once."""
        run_antennactl("batch", "--hour", hour_of_run())

    @task
    def verify() -> None:
        """Prove that the hour's lake, live totals and hourly totals agree."""
        run_antennactl("verify", "--hour", hour_of_run())

    batch() >> verify()
