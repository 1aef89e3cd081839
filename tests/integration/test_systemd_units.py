"""systemd itself finds nothing to say of the units, and little that their services could do to the machine."""

import shutil
import subprocess
from pathlib import Path

import pytest

from deploy_files import DEPLOY
from e2e.antennactl_process import COMMAND
from system_packages import find_systemd_analyze

UNITS = DEPLOY / "systemd"
# systemd's own measure, in tenths: 100 is a service that may do what it likes. What is left is network and files.
EXPOSURE = 20


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the units with the command where it is on this machine: systemd looks for it."""
    folder = tmp_path_factory.mktemp("systemd") / "units"
    shutil.copytree(UNITS, folder)
    for path in folder.glob("*.service"):
        path.write_text(path.read_text().replace("/opt/antennactl/bin/antennactl", str(COMMAND)))
    return folder


def systemd_analyze(*words: str | Path) -> "subprocess.CompletedProcess[str]":
    found = find_systemd_analyze()
    assert found, "systemd-analyze checks the units: apt-get install systemd"
    return subprocess.run([found, *words], capture_output=True, text=True, check=False)


def test_systemd_takes_the_units_without_a_word(installed: Path) -> None:
    done = systemd_analyze("verify", "--man=no", *installed.glob("*.service"), *installed.glob("*.timer"))
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_systemd_does_say_what_is_wrong_with_a_unit(installed: Path) -> None:
    broken = installed / "broken.service"
    broken.write_text("[Service]\nExecStart=/nowhere/antennactl\nWatchdogSecs=1\n")
    done = systemd_analyze("verify", "--man=no", broken)
    broken.unlink()
    assert "'WatchdogSecs'" in done.stderr
    assert "not executable" in done.stderr


@pytest.mark.parametrize("name", [path.name for path in sorted(UNITS.glob("*.service"))])
def test_every_service_is_hardened(installed: Path, name: str) -> None:
    done = systemd_analyze("security", "--offline=true", f"--threshold={EXPOSURE}", installed / name)
    assert done.returncode == 0, done.stdout + done.stderr
