"""`config` shows what every command would run with and where each value comes from; no service is asked."""

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from antennactl.commands import config
from antennactl.errors import UsageError
from antennactl.settings import every_option, load_settings
from json_keys import documented_keys, key_paths

Look = Callable[..., dict[tuple[str | None, str], Any]]


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("PGHOST", "PGPASSWORD"):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture
def look(capsys: pytest.CaptureFixture[str]) -> Look:
    def run(
        environ: dict[str, str] | None = None, kafka: tuple[str, ...] = (), **flags: str
    ) -> dict[tuple[str | None, str], Any]:
        environ = {"HOME": "/nowhere", **(environ or {})}
        settings = load_settings("config", {"json": "true", **flags}, environ=environ, kafka_flags=kafka)
        assert config.run(settings, threading.Event()) == 0
        rows = json.loads(capsys.readouterr().out)["settings"]
        return {(row["command"], row["setting"]): (row["value"], row["origin"]) for row in rows}

    return run


def test_each_value_has_the_origin_that_gave_it(look: Look) -> None:
    Path("antennactl.toml").write_text(
        'interval = "90s"\nlateness = "60s"\n[batch]\nlateness = "5m"\n[kafka]\nclient.id = "f"\n'
    )
    found = look({"ANTENNACTL_MAX_ROWS": "1_000", "ANTENNACTL_X": "acks=1"}, ("retries=3",), topic="mine")
    assert found[None, "--topic"] == ("mine", "--topic")
    assert found["stream", "--interval"] == ("90s", "antennactl.toml: interval")
    assert found["stream", "--lateness"] == ("1m", "antennactl.toml: lateness")
    assert found["batch", "--lateness"] == ("5m", "antennactl.toml: [batch] lateness")
    assert found["stream", "--max-rows"] == ("1000", "ANTENNACTL_MAX_ROWS")
    assert found["stream", "--window"] == (None, "default")
    assert found[None, "-X client.id"] == ("f", "antennactl.toml: [kafka] client.id")
    assert found[None, "-X acks"] == ("1", "ANTENNACTL_X")
    assert found[None, "-X retries"] == ("3", "-X")


def test_every_option_of_every_command_is_there(look: Look) -> None:
    found = look()
    wanted = {(command, option.flag) for _, option in every_option() for command in option.commands or [None]}
    assert set(found) == wanted


def test_a_command_that_differs_in_a_common_setting_has_a_row_of_its_own(look: Look) -> None:
    Path("antennactl.toml").write_text('[stream]\ntopic = "other"\n')
    found = look()
    assert found[None, "--topic"] == ("devices", "default")
    assert found["stream", "--topic"] == ("other", "antennactl.toml: [stream] topic")
    assert ("batch", "--topic") not in found
    assert ("stream", "--topic") not in look(topic="mine")


def test_secrets_are_masked(look: Look, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPASSWORD", "hunter1")
    file = Path("antennactl.toml")
    file.write_text('[stream]\ndsn = "postgresql://u:hunter2@h/d"\n[kafka]\nsasl.password = "hunter3"\n')
    file.chmod(0o600)
    found = look({"ANTENNACTL_DSN": "host=h password=hunter4"}, ("ssl.key.password=hunter5",))
    assert found[None, "--dsn"] == ("host=h password=***", "ANTENNACTL_DSN")
    assert found[None, "-X sasl.password"][0] == found[None, "PGPASSWORD"][0] == "***"
    assert "hunter" not in str(found)
    assert look()["stream", "--dsn"] == ("postgresql://u:***@h/d", "antennactl.toml: [stream] dsn")


def test_a_value_that_a_command_would_refuse_is_shown_as_it_stands_and_ends_with_2(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """30d is how long `prune` keeps, and no truth value for `demo`."""
    environ = {"HOME": "/nowhere", "ANTENNACTL_KEEP": "30d"}
    settings = load_settings("config", {"json": "true"}, environ=environ)
    with pytest.raises(UsageError, match=r"^demo: ANTENNACTL_KEEP: '30d' is not true or false$"):
        config.run(settings, threading.Event())
    document = json.loads(capsys.readouterr().out)
    kept = {row["command"]: row["value"] for row in document["settings"] if row["setting"] == "--keep"}
    assert kept == {"prune": "30d", "demo": "30d"}
    assert key_paths(document) == documented_keys("config")
    assert document["problems"] == ["demo: ANTENNACTL_KEEP: '30d' is not true or false"]


def test_the_tables_name_the_file_and_show_defaults_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    Path("antennactl.toml").write_text('topic = "mine"\n')
    settings = load_settings("config", {}, environ={"HOME": "/nowhere"})
    assert config.run(settings, threading.Event()) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"Configuration file: {Path.cwd()}/antennactl.toml\n")
    assert "\nFor every command\n" in out
    assert "\nFor stream\n" in out
    assert "(the stored one, else 5m)" in out
