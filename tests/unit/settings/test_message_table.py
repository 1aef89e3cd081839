"""How messages are written: the table [message] of the file, and what each command makes of it."""

from pathlib import Path

import pytest

from antennactl.decode import decode_messages
from antennactl.errors import UsageError
from antennactl.settings import Settings, load_settings
from antennactl.sources.formats import choose_decoder, map_fields

TABLE = '[message]\ntimestamp = "meta.ts"\ntimestamp-unit = "ms"\nantenna_id = "cell.id"\n'


def load(text: str, command: str = "stream", **environ: str) -> Settings:
    Path("antennactl.toml").write_text(text)
    return load_settings(command, {}, environ={"HOME": "/nowhere", **environ})


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("command", ["stream", "simulate", "rejects", "rebuild"])
def test_the_table_counts_for_every_command_that_reads_or_writes_messages(command: str) -> None:
    settings = load(TABLE, command)
    assert settings.origins["message_timestamp"] == "antennactl.toml: [message] timestamp"
    assert settings.origins["message_antenna_id"] == "antennactl.toml: [message] antenna_id"
    fields = map_fields(settings)
    assert fields.by_name()["timestamp"] == ("meta", "ts")
    assert (fields.by_name()["antenna_id"], fields.by_name()["id"], fields.unit) == (
        ("cell", "id"),
        ("id",),
        "ms",
    )


def test_a_commands_own_table_and_the_environment_come_before_it() -> None:
    settings = load(f'{TABLE}[stream]\nmessage-app = "name"\n', ANTENNACTL_MESSAGE_TIMESTAMP="t")
    assert (settings.message_app, settings.message_timestamp) == ("name", "t")


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('[message]\ntimestmp = "ts"\n', r"unknown key \[message\] timestmp", "timestamp"),
        ('[message]\nmessage-id = "u"\n', r"unknown key \[message\] message-id", None),
        ('message-id = "u"\n', "unknown key message-id", None),
        ('message = "u"\n', "message is a table", "[message]"),
        ('[message]\nid = ["u"]\n', r"\[message\] id takes one value", None),
        ('[message]\nid = "user..id"\n', r"\[message\] id: 'user..id' is not a name", None),
        ('[message]\ntimestamp-unit = "m"\n', "'m' is not", None),
        ('[mesage]\nid = "u"\n', r"unknown key \[mesage\]", "message"),
    ],
)
def test_what_is_wrong_is_named(text: str, message: str, hint: str | None) -> None:
    with pytest.raises(UsageError, match=message) as caught:
        load(text)
    if hint is not None:
        assert hint in str(caught.value.hint)


def test_two_fields_in_one_place_are_refused() -> None:
    with pytest.raises(UsageError, match="id and app cannot both stand in user"):
        choose_decoder(load('[message]\nid = "user"\napp = "user"\n'))


def test_without_it_messages_are_the_exercises() -> None:
    assert choose_decoder(load("")) is decode_messages
    assert choose_decoder(load('[message]\ntimestamp-unit = "s"\nid = "id"\n')) is decode_messages
