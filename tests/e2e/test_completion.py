"""What bash offers after antennactl: the script that is installed, run by a real bash, by typer's protocol."""

import os
import subprocess
from pathlib import Path

import pytest

from antennactl.cli import COMMANDS
from antennactl.settings import options
from e2e.antennactl_process import COMMAND

# Calls what `complete` names, with the line as bash would hand it over, and prints what came back.
SCRIPT = """
source "$HOME/.bashrc"
[[ $(complete -p antennactl) == *" -F _antennactl_completion "* ]] || exit 9
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_antennactl_completion antennactl
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a home folder in which completion was installed."""
    folder = tmp_path_factory.mktemp("home")
    done = subprocess.run(
        [COMMAND, "--install-completion", "bash"], env=environ(folder), capture_output=True, check=True
    )
    assert b"bash completion installed" in done.stdout
    return folder


def environ(home: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ANTENNACTL_")}
    return {**kept, "HOME": str(home), "PATH": f"{COMMAND.parent}:{os.environ['PATH']}"}


def complete(home: Path, *words: str) -> list[str]:
    """Return what is offered for the last of `words`."""
    command = ["bash", "--norc", "--noprofile", "-c", SCRIPT, "bash", "antennactl", *words]
    done = subprocess.run(command, env=environ(home), capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [line for line in done.stdout.splitlines() if line]


def test_commands_are_offered(home: Path) -> None:
    assert complete(home, "") == list(COMMANDS)
    assert complete(home, "comp") == ["compact"]


def test_a_commands_options_are_offered_and_no_other_commands(home: Path) -> None:
    offered = complete(home, "stream", "--")
    assert {option.flag for _, option in options("stream")} <= set(offered)
    assert "--seed" not in offered
    assert complete(home, "simulate", "--se") == ["--seed", "--sent"]


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("stream", "--on-data-loss", ""), ["fail", "record"]),
        (("stream", "--start", "e"), ["earliest"]),
        (("status", "--log-format", ""), ["text", "json"]),
        (("batch", "-X", "security."), ["security.protocol="]),
        (("batch", "--lake", ""), []),
    ],
)
def test_values_of_choices_are_offered_and_else_bashs_own_file_names(
    home: Path, words: tuple[str, ...], offered: list[str]
) -> None:
    assert complete(home, *words) == offered
