"""The command line starts light and says the same as the documents."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from antennactl.cli import COMMANDS
from antennactl.settings import load_settings, options

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
HEAVY = {
    "polars",
    "duckdb",
    "adbc_driver_postgresql",
    "confluent_kafka",
    "rich",
    "jgo",
    "asyncio",
    "altair",
    "prometheus_client",
}
COMMON = {"--config", "-X", "-q", "--quiet", "-v", "--verbose", "-h", "--help"}


@pytest.mark.parametrize("words", [["--help"], ["stream", "--help"], ["--version"]])
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    script = (
        "import sys; from antennactl import cli\n"
        f"sys.argv = ['antennactl', *{words!r}]\n"
        "try: cli.main()\n"
        "except SystemExit: pass\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    modules = set(done.stderr.split())
    loaded = {name.split(".")[0] for name in modules}
    assert "antennactl" in loaded
    assert not loaded & HEAVY
    # The options of all commands together take as long as Typer itself: only a command's own help makes them.
    assert ("antennactl.settings" in modules) == (words[0] in COMMANDS)
    assert "antennactl.security" not in modules


def test_the_two_commands_stand_on_the_readmes_first_screen() -> None:
    first_screen = "\n".join(README.splitlines()[:25])
    assert "make demo" in first_screen
    assert "make test" in first_screen


@pytest.mark.parametrize("command", COMMANDS)
def test_the_readme_lists_every_command(command: str) -> None:
    assert re.search(rf"^antennactl {command}\b", README, re.MULTILINE)


def documents() -> list[Path]:
    return [ROOT / "README.md", ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("**/*.md"))]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_every_command_in_a_document_is_one_that_the_command_line_takes(path: Path) -> None:
    for line in re.findall(
        rf"antennactl ((?:{'|'.join(COMMANDS)})\b[^`\n#|;]*)",
        path.read_text(),
    ):
        command, *words = line.split()
        known = {option.flag for _, option in options(command)} | COMMON
        for word in words:
            flag = re.match(r"\[?(--?[a-zA-Z][a-z-]*)", word)
            assert not flag or flag[1] in known, f"{path.name}: antennactl {line}"


def test_the_configuration_in_the_readme_is_accepted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    tomllib.loads(block)
    (tmp_path / "antennactl.toml").write_text(block)
    monkeypatch.chdir(tmp_path)
    settings = load_settings("stream", {}, environ={})
    assert settings.origins["interval_s"] == "antennactl.toml: [stream] interval"
    assert settings.kafka_properties == {"security.protocol": "SSL"}


def test_every_option_has_a_variable_and_a_help_text() -> None:
    for command in COMMANDS:
        for _, option in options(command):
            assert option.variable.startswith("ANTENNACTL_")
            assert option.help.endswith(".")
