"""The demo: the whole system on services of its own, which are gone afterwards, or kept."""

import json
import os
import signal
import subprocess
from pathlib import Path

import pytest

from e2e.antennactl_process import COMMAND, wait_for


def run_demo(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    env = {name: value for name, value in os.environ.items() if not name.startswith(("ANTENNACTL_", "PG"))}
    return subprocess.run(
        [COMMAND, "demo", *words],
        cwd=folder,
        env=env,
        text=True,
        capture_output=True,
        timeout=150,
        check=False,
    )


def test_the_demo_runs_every_step_and_proves_its_numbers(tmp_path: Path) -> None:
    done = run_demo(tmp_path, "--json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["ok"] is True
    assert document["users_over_quota"]
    assert document["rejected_messages"]
    assert len(document["hourly_bytes_per_antenna"]) == 5
    for step in ("provision", "simulate", "stream --drain", "batch --catch-up", "verify", "report"):
        assert f"$ antennactl {step}" in done.stderr
    report = tmp_path / "antennactl-report.html"
    assert document["report"] == str(report)
    assert "All is well" in report.read_text()
    assert list(tmp_path.iterdir()) == [report]


def test_a_kept_demo_prints_addresses_that_work_and_how_to_end_it(tmp_path: Path) -> None:
    done = run_demo(tmp_path, "--keep")
    assert done.returncode == 0, done.stderr
    exports = dict(
        line.strip().removeprefix("export ").split("=", 1)
        for line in done.stdout.splitlines()
        if "export ANTENNACTL" in line
    )
    kill = next(line for line in done.stdout.splitlines() if line.strip().startswith("kill "))
    pids = [int(word) for word in kill.split(";")[0].split()[1:]]
    try:
        env = {**os.environ, **{name: value.strip("'") for name, value in exports.items()}}
        for words in (["status"], ["verify"], ["simulate", "--messages", "100"], ["stream", "--drain"]):
            subprocess.run(
                [COMMAND, *words], env=env, cwd=tmp_path, check=True, capture_output=True, timeout=90
            )
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGTERM)
        wait_for(lambda: not any(Path(f"/proc/{pid}").exists() for pid in pids))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_no_process_behind(tmp_path: Path, number: signal.Signals) -> None:
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith(("ANTENNACTL_", "PG"))},
        "TMPDIR": str(tmp_path),
    }
    demo = subprocess.Popen(
        [COMMAND, "demo"], cwd=tmp_path, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert demo.stderr is not None
    for line in demo.stderr:
        if "antennactl simulate" in line:
            break
    demo.send_signal(number)
    demo.communicate(timeout=90)
    assert demo.returncode == 130
    wait_for(lambda: not processes_in(tmp_path))


def processes_in(folder: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found
