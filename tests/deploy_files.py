"""What deploy/ runs: command lines in, checked by the table of options as the command line would."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from antennactl.cli import COMMANDS
from antennactl.settings import Settings, load_settings, options

DEPLOY = Path(__file__).parents[1] / "deploy"
CONFIGURATION = DEPLOY / "antennactl.toml"


def crontab_lines() -> list[str]:
    """Return the commands of the crontab, as cron hands them to the shell."""
    lines = (DEPLOY / "crontab").read_text().splitlines()
    return [line.split(maxsplit=5)[5] for line in lines if line[:1].isspace() or line[:1] in {"*", "0"}]


def crontab_variables() -> dict[str, str]:
    """Return the variables that the crontab sets."""
    lines = (DEPLOY / "crontab").read_text().splitlines()
    pairs = (line.partition("=") for line in lines if line[:1].isalpha())
    return {name: value for name, _, value in pairs}


def settings_of(words: list[str], environ: Mapping[str, str] | None = None) -> tuple[str, Settings]:
    """Return command and settings of an antennactl line with the sample configuration.

    Fails where the command line would: at an unknown command, flag, variable, key or value.
    """
    command, *rest = words
    assert command in COMMANDS
    names = {option.flag: (name, option) for name, option in options(command)}
    variables = {option.variable for _, option in options(command)}
    unknown = (
        {name for name in environ or {} if name.startswith("ANTENNACTL_")} - variables - {"ANTENNACTL_X"}
    )
    assert not unknown
    given: dict[str, Any] = {}
    quiet = False
    while rest:
        flag = rest.pop(0)
        if flag == "--config":
            assert rest.pop(0) in {"/etc/antennactl/antennactl.toml", "$CONFIG"}
        elif flag == "--quiet":
            quiet = True
        else:
            name, option = names[flag]
            given[name] = True if option.is_switch else rest.pop(0)
    config = CONFIGURATION if environ is None else None
    return command, load_settings(command, given, config=config, quiet=quiet, environ=environ or {})


def words_of(line: str) -> list[str]:
    """Return the words after `antennactl` of a shell line with one command, up to where its output goes."""
    words = shlex.split(line.partition(">")[0])
    assert Path(words[0]).name == "antennactl"
    return words[1:]
