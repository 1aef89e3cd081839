"""examples/antennactl.toml names every key that has a default, with that default, and nothing that is not one."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from antennactl.settings import Settings, every_command, every_option, load_settings, options

FILE = Path(__file__).parents[3] / "examples" / "antennactl.toml"
TEXT = FILE.read_text()
# A key that was commented out begins right after the #; prose after a space.
KEY = re.compile(r"^#(?=[a-z])", re.MULTILINE)


def load(command: str, text: str, folder: Path) -> Settings:
    file = folder / "antennactl.toml"
    file.write_text(text)
    file.chmod(0o600)
    return load_settings(command, {}, config=file, environ={"HOME": "/nowhere"})


def test_the_file_as_it_stands_sets_nothing() -> None:
    assert all(table == {} for table in tomllib.loads(TEXT).values())
    assert len(KEY.findall(TEXT)) > 20


@pytest.mark.parametrize("command", every_command())
def test_each_key_is_known_and_has_the_default_unless_it_is_said_to_be_an_example(
    command: str, tmp_path: Path
) -> None:
    examples = r"^#[a-z].*# for example$"
    uncommented = KEY.sub("", re.sub(examples, "", TEXT, flags=re.MULTILINE))
    settings = load(command, uncommented, tmp_path)
    defaults = Settings()
    for name, option in options(command):
        assert getattr(settings, name) == getattr(defaults, name), option.key
        is_in_file = settings.origins[name] != "default"
        # A switch is for one run.
        assert is_in_file == (not option.is_switch and getattr(defaults, name) is not None), option.key


@pytest.mark.parametrize("command", every_command())
def test_the_examples_are_taken_too(command: str, tmp_path: Path) -> None:
    settings = load(command, KEY.sub("", TEXT), tmp_path)
    assert settings.kafka_properties["sasl.mechanism"] == "SCRAM-SHA-512"


def test_an_example_has_no_default() -> None:
    examples = re.findall(r"^\[.*|^#[a-z].*# for example$", TEXT, re.MULTILINE)
    document: dict[str, Any] = tomllib.loads(KEY.sub("", "\n".join(examples)))
    named = {(command, key) for command, table in document.items() for key in table if command != "kafka"}
    without = {
        place
        for name, option in every_option()
        if getattr(Settings(), name) is None
        for place in (option.table, *((command, option.key) for command in option.commands))
    }
    assert named
    assert named <= without
