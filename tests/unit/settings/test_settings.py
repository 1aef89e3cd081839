"""Settings: flag before environment before file before default, each error naming its source."""

import os
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from antennactl import parsers
from antennactl.errors import UsageError
from antennactl.settings import Settings, load_settings


def load(command: str = "stream", flags: dict[str, str] | None = None, environ: dict[str, str] | None = None,
         config: Path | None = None, kafka: tuple[str, ...] = ()) -> Settings:  # fmt: skip
    return load_settings(
        command,
        flags or {},
        environ={"HOME": "/nowhere", **(environ or {})},
        config=config,
        kafka_flags=kafka,
    )


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_each_source_yields_to_the_one_before_it() -> None:
    Path("antennactl.toml").write_text('interval = "1s"\ntopic = "file"\ngroup = "file"\n')
    settings = load(
        flags={"interval_s": "3s"}, environ={"ANTENNACTL_INTERVAL": "2s", "ANTENNACTL_TOPIC": "env"}
    )
    assert (settings.interval_s, settings.topic, settings.group, settings.max_rows) == (
        3.0,
        "env",
        "file",
        500_000,
    )
    assert settings.origins["interval_s"] == "--interval"
    assert settings.origins["topic"] == "ANTENNACTL_TOPIC"
    assert settings.origins["group"] == "antennactl.toml: group"
    assert settings.origins["max_rows"] == "default"


def test_a_commands_own_table_of_the_file_comes_before_the_top_level() -> None:
    Path("antennactl.toml").write_text('lateness = "1m"\n[batch]\nlateness = "5m"\n')
    assert load("stream").lateness_s == 60
    assert load("batch").lateness_s == 300


def test_the_file_of_the_configuration_folder_is_read_when_none_is_here(tmp_path: Path) -> None:
    (tmp_path / "xdg" / "antennactl").mkdir(parents=True)
    (tmp_path / "xdg" / "antennactl" / "antennactl.toml").write_text('topic = "xdg"\n')
    assert load(environ={"XDG_CONFIG_HOME": str(tmp_path / "xdg")}).topic == "xdg"


@pytest.mark.parametrize(
    ("content", "words", "hint"),
    [
        ('intervall = "1s"', "antennactl.toml: unknown key intervall", "interval"),
        ("[stream]\nmax_row = 5", "unknown key [stream] max_row", "max-rows"),
        ('[strem]\ngroup = "x"', "unknown key [strem]", "stream"),
        ('[batch]\ninterval = "1s"', "[batch] takes no key interval", "interval is a key of stream"),
        ('interval = "soon"', "antennactl.toml: interval: 'soon' is not a duration", None),
        ("interval = ", "cannot read the configuration antennactl.toml", "text in quotes"),
    ],
)
def test_a_bad_file_is_named_with_the_key_and_the_nearest_known_one(
    content: str, words: str, hint: str | None
) -> None:
    Path("antennactl.toml").write_text(content)
    with pytest.raises(UsageError) as caught:
        load()
    assert words in str(caught.value)
    assert (caught.value.hint is None) if hint is None else (hint in str(caught.value.hint))


@pytest.mark.parametrize(
    ("environ", "hint"),
    [
        ({"ANTENNACTL_LOG_FORMAT": "jsn"}, "did you mean json?"),
        ({"ANTENNACTL_ON_DATA_LOSS": "records"}, "did you mean record?"),
        ({"ANTENNACTL_START": "erliest"}, "did you mean earliest?"),
        ({"ANTENNACTL_START": "noon"}, None),
        ({"ANTENNACTL_LOG_FORMAT": "xml"}, None),
    ],
)
def test_a_word_that_is_no_choice_is_answered_with_the_nearest_one(
    environ: dict[str, str], hint: str | None
) -> None:
    with pytest.raises(UsageError, match="is not") as caught:
        load(environ=environ)
    assert caught.value.hint == hint


def test_a_named_configuration_that_is_missing_is_an_error() -> None:
    with pytest.raises(UsageError, match="no such file"):
        load(config=Path("gone.toml"))


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("plugin.library.paths", "loads libraries"),
        ("ssl.engine.location", "loads a library"),
        ("ssl.providers", "loads libraries"),
        ("sasl.kerberos.kinit.cmd", "runs a command"),
        ("error_cb", "is no text"),
        ("oauth_cb", "is no text"),
        ("default.topic.config", "is no text"),
        ("logger", "is no text"),
        ("group.id", "belongs to antennactl"),
        ("auto.offset.reset", "belongs to antennactl"),
    ],
)
def test_kafka_properties_that_run_code_or_break_the_protocol_are_refused(key: str, why: str) -> None:
    for given in ({"kafka": (f"{key}=x",)}, {"environ": {"ANTENNACTL_X": f" {key} = x"}}):
        with pytest.raises(UsageError, match=f"{re.escape(key)} {why}"):
            load(**given)
    Path("antennactl.toml").write_text(f'[kafka]\n"{key}" = "x"\n')
    with pytest.raises(UsageError, match=why):
        load()


@pytest.mark.parametrize(
    "key", ["sasl.kerberos.principal", "sasl.kerberos.keytab", "sasl.kerberos.service.name"]
)
def test_what_librdkafka_gives_to_a_shell_holds_nothing_that_a_shell_reads(key: str) -> None:
    for value in (
        "x; touch pwned",
        "$(touch pwned)",
        "`touch pwned`",
        "x\ntouch pwned",
        'x" y',
        "x|y",
        "x&y",
    ):
        with pytest.raises(UsageError, match="goes through a shell"):
            load(kafka=(f"{key}={value}",))
    load(kafka=(f"{key}=antenna/host.example@EXAMPLE.COM",))


@pytest.mark.parametrize("content", ['[kafka]\n"sasl.password" = "hunter2"', '[kafka]\nsasl.password = "hunter2"',
                                     'dsn = "postgresql://u:hunter2@h/d"',
                                     '[stream]\ndsn = "host=h password=hunter2"'])  # fmt: skip
def test_a_file_with_a_secret_that_others_can_read_is_refused(content: str) -> None:
    file = Path("antennactl.toml")
    file.write_text(content)
    file.chmod(0o604)
    with pytest.raises(UsageError, match="others can read it") as caught:
        load()
    assert caught.value.hint == "chmod 600 antennactl.toml"
    assert "hunter2" not in repr(caught.value)
    file.chmod(0o600)
    load()


def test_roots_file_of_secrets_may_be_read_by_its_group(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Kubernetes and systemd make them; a user's own may not, as libpq has it for its keys."""
    file = Path("antennactl.toml")
    file.write_text('[kafka]\n"sasl.password" = "hunter2"\n')
    file.chmod(0o640)
    found = list(file.stat())
    for owner, is_refused in ((0, False), (1000, True)):
        found[4] = owner
        monkeypatch.setattr("os.fstat", lambda _number: os.stat_result(found))
        if is_refused:
            with pytest.raises(UsageError, match="others can read it"):
                load()
        else:
            load()


@pytest.mark.parametrize("content", ['[kafka]\n"ssl.key.location" = "key.pem"', 'dsn = "postgresql://u@h/d"'])
def test_a_file_without_a_secret_may_be_read_by_all(content: str) -> None:
    file = Path("antennactl.toml")
    file.write_text(content)
    file.chmod(0o644)
    load()


def test_kafka_properties_come_from_the_file_the_environment_and_x() -> None:
    Path("antennactl.toml").write_text('[kafka]\n"a.b" = true\nc = 1\n')
    settings = load(environ={"ANTENNACTL_X": "c=2;d=3"}, kafka=("d=4",))
    assert settings.kafka_properties == {"a.b": "true", "c": "2", "d": "4"}


def test_no_secret_in_repr() -> None:
    settings = load(flags={"dsn": "postgresql://u:hunter2@h/d"}, kafka=("sasl.password=hunter3",))
    assert "hunter" not in repr(settings)


@pytest.mark.parametrize(
    ("text", "seconds"), [("500ms", 0.5), ("2s", 2), ("5m", 300), ("1h", 3600), ("1.5h", 5400)]
)
def test_durations(text: str, seconds: float) -> None:
    assert parsers.duration(text) == seconds


@pytest.mark.parametrize("text", ["", "5", "5 minutes", "-1s", "1hh", "ms"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="duration"):
        parsers.duration(text)


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-24T06", 6),
        ("2026-11-24T06:59:59", 6),
        ("2026-11-24T06:30+01:00", 5),
        ("2026-11-24T06:10+05:45", 0),
        ("2026-11-24", 0),
    ],
)
def test_hours_are_named_by_their_start_in_utc(text: str, hour: int) -> None:
    assert parsers.hour(text) == datetime(2026, 11, 24, hour, tzinfo=UTC)


@pytest.mark.parametrize("text", ["2026-11-24", "20261124", " 2026-11-24 "])
def test_a_date_alone_names_no_one_hour(text: str) -> None:
    with pytest.raises(ValueError, match="not a date alone"):
        parsers.named_hour(text)
    assert parsers.named_hour("2026-11-24T00") == parsers.hour(text)
