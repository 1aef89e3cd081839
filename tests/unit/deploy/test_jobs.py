"""Units, timers and crontab run commands with options that exist, within the limits of the stream itself."""

import re
from configparser import RawConfigParser
from pathlib import Path

import pytest

from antennactl.pipeline.run import STOP_WITHIN_S
from antennactl.pipeline.watchdog import HANGS_AFTER_S
from deploy_files import DEPLOY, crontab_lines, crontab_variables, settings_of, words_of

UNITS = DEPLOY / "systemd"
SERVICES = sorted(UNITS.glob("*.service"))


def unit(name: str) -> RawConfigParser:
    parser = RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNITS / name)
    return parser


@pytest.mark.parametrize("name", [path.name for path in SERVICES])
def test_every_service_runs_a_command_with_options_that_it_has(name: str) -> None:
    command, settings = settings_of(words_of(unit(name)["Service"]["ExecStart"]))
    assert name == f"antennactl-{command}.service"
    assert settings.lake == Path("/var/lib/antennactl/lake")


def test_every_timer_starts_a_service_of_its_name_at_an_hour_of_utc() -> None:
    timers = sorted(UNITS.glob("*.timer"))
    assert {path.stem for path in timers} == {path.stem for path in SERVICES} - {"antennactl-stream"}
    assert all(unit(path.name)["Timer"]["OnCalendar"].endswith(" UTC") for path in timers)
    assert all(unit(f"{path.stem}.service")["Service"]["Type"] == "oneshot" for path in timers)


def test_the_streams_own_limits_come_before_those_of_systemd() -> None:
    service = unit("antennactl-stream.service")["Service"]
    assert service["Type"] == "notify"
    assert int(service["WatchdogSec"]) > HANGS_AFTER_S
    assert int(service["TimeoutStopSec"]) > 2 * STOP_WITHIN_S
    assert service["RestartPreventExitStatus"].split() == ["2", "5"]


def test_the_crontab_runs_what_the_timers_run() -> None:
    assert crontab_variables()["CRON_TZ"] == "UTC"
    jobs = dict(map(settings_of, map(words_of, crontab_lines())))
    assert set(jobs) == {path.stem.removeprefix("antennactl-") for path in UNITS.glob("*.timer")}
    assert all(settings.quiet for settings in jobs.values())
    for command, settings in jobs.items():
        words = words_of(unit(f"antennactl-{command}.service")["Service"]["ExecStart"])
        assert settings.catch_up == settings_of(words)[1].catch_up == (command != "prune")


def test_a_percent_sign_in_a_crontab_would_be_a_line_break() -> None:
    assert not any(re.search(r"(?<!\\)%", line) for line in crontab_lines())
