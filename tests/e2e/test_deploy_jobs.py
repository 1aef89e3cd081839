"""What cron runs says nothing when all is well, and says what is wrong when it is not."""

import os
import subprocess

from deploy_files import crontab_lines, crontab_variables
from e2e.antennactl_process import COMMAND, WAIT_S, World


def run_as_cron(world: World, line: str, dsn: str) -> "subprocess.CompletedProcess[str]":
    """Run a line of the crontab as cron does: by the crontab's shell, with its variables and nothing else."""
    config = world.folder / "antennactl.toml"
    config.write_text(
        f'dsn = "{dsn}"\nlake = "{world.lake}"\ntopic = "{world.topic}"\n'
        f'bootstrap-servers = "{world.bootstrap_servers}"\n[prune]\nkeep = "3650d"\n'
    )
    config.chmod(0o600)
    variables = {
        **crontab_variables(),
        "PATH": f"{COMMAND.parent}:/usr/bin:/bin",
        "CONFIG": str(config),
        "HOME": str(world.folder),
        "LOGNAME": os.environ.get("LOGNAME", "root"),
    }
    return subprocess.run(
        [variables["SHELL"], "-c", line],
        env=variables,
        cwd=world.folder,
        capture_output=True,
        text=True,
        timeout=WAIT_S,
        check=False,
    )


def test_the_crontabs_jobs_are_silent_when_they_succeed_and_speak_when_they_fail(world: World) -> None:
    world.run("simulate", "--messages", "500", "--start", "2022-10-31T17", "--span", "2h", "--late", "0.2")
    world.run("stream", "--drain", "--max-rows", "100")
    lines = crontab_lines()
    for line in lines:
        done = run_as_cron(world, line, world.dsn)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), line
    assert world.query("SELECT count(*) FROM antennactl.batch_run").item() >= 2
    assert world.query("SELECT count(*) FROM antennactl.lake_file WHERE removed_by = 'compact'").item() > 0
    for line in lines:
        done = run_as_cron(world, line, "postgresql://127.0.0.1:1/none")
        assert done.returncode == 3, line
        assert done.stdout == ""
        assert done.stderr.startswith("error: cannot reach PostgreSQL at 127.0.0.1:1")
