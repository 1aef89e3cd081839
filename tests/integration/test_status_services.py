"""Status shows what it can reach, says what it cannot, and never shows a secret."""

import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from antennactl.cli import run_command
from antennactl.commands import status
from antennactl.lake.identity import check_lake
from antennactl.lake.layout import Lake
from antennactl.ledger.connection import Database
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.settings import Settings

SECRET = "hunter2"


@pytest.fixture
def closed_port() -> Iterator[int]:
    """Hold a port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


@pytest.fixture
def settings(postgres_dsn: str, bootstrap_servers: str, topic: str, tmp_path: Path) -> Settings:
    """Return settings of a system that is all there, but for the lake."""
    return Settings(
        dsn=postgres_dsn,
        bootstrap_servers=bootstrap_servers,
        topic=topic,
        lake=tmp_path / "lake",
        json=True,
    )


def look(settings: Settings, capsys: pytest.CaptureFixture[str]) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the document."""
    code = status.run(settings, threading.Event())
    return code, json.loads(capsys.readouterr().out)


def look_when_kafka_answers(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> tuple[int, dict[str, Any]]:
    """Look until the broker answers within status's few seconds, which on a busy machine it may not at first."""
    deadline = time.monotonic() + 60
    code, report = look(settings, capsys)
    while report["services"]["kafka"]["state"] != "ready":
        assert time.monotonic() < deadline, report["problems"]
        code, report = look(settings, capsys)
    return code, report


def changed(settings: Settings, **values: Any) -> Settings:
    """Return the settings with these fields in place of theirs."""
    return replace(settings, **values)


def test_a_system_that_is_all_there_is_exit_zero(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A lake that was not made yet and a topic that was not read yet are no failure."""
    code, report = look_when_kafka_answers(settings, capsys)
    assert (code, report["problems"]) == (0, [])
    services = report["services"]
    assert services["postgresql"]["state"] == services["kafka"]["state"] == "ready"
    assert services["lake"] == {"state": "not made yet", "path": str(settings.lake), "ledger": None}
    assert services["kafka"]["partitions"] == len(report["partitions"]) == 4
    assert report["partitions"][0]["end_offset"] == 0
    assert report["partitions"][0]["lag"] is None
    assert not Path(settings.lake).exists()
    assert report["versions"]["postgresql"]


def test_services_that_are_away_hide_their_own_part_alone(
    settings: Settings, closed_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without PostgreSQL Kafka is still shown, exit 3; the message names the address and not the password."""
    away = f"postgresql://ann:{SECRET}@127.0.0.1:{closed_port}/shop"
    code, report = look_when_kafka_answers(changed(settings, dsn=away), capsys)
    assert code == 3
    assert report["services"]["postgresql"]["state"] == "unreachable"
    assert f"cannot reach PostgreSQL at 127.0.0.1:{closed_port}" in report["problems"][0]
    assert SECRET not in json.dumps(report)


def test_kafka_away_leaves_the_ledger_shown(
    settings: Settings, closed_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 3, with the ledger's part complete."""
    code, report = look(changed(settings, bootstrap_servers=f"127.0.0.1:{closed_port}"), capsys)
    assert code == 3
    assert report["services"]["kafka"]["state"] == "unreachable"
    assert report["services"]["postgresql"]["state"] == "ready"


def test_a_topic_that_is_not_there_is_exit_three(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Told apart from a cluster that is not there."""
    code, report = look(changed(settings, topic=f"{settings.topic}-other"), capsys)
    assert code == 3
    assert report["services"]["kafka"]["state"] == "without the topic"


def test_a_database_that_is_not_provisioned_is_exit_two(
    settings: Settings, empty_postgres_dsn: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """The rest is shown all the same, and the command that helps is named."""
    code = status.run(changed(settings, dsn=empty_postgres_dsn), threading.Event())
    captured = capsys.readouterr()
    report = json.loads(captured.out)
    assert code == 2
    assert report["services"]["postgresql"]["state"] == "not ready"
    assert report["services"]["kafka"]["state"] == "ready"
    assert report["problems"] == ["the database is not provisioned"]
    assert "antennactl provision" in captured.err


def test_another_ledgers_lake_is_exit_two(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Its own lake is exit 0."""
    with Database(settings.dsn) as database, database.transaction() as tx:
        ours = read_setting(tx, LEDGER)
    assert ours is not None
    lake = Path(settings.lake)
    check_lake(Lake(lake), ours, create=True)
    code, report = look(settings, capsys)
    assert (code, report["services"]["lake"]["state"]) == (0, "present")

    other = changed(settings, lake=lake.with_name("other"))
    check_lake(Lake(lake.with_name("other")), "another-ledger", create=True)
    code, report = look(other, capsys)
    assert (code, report["services"]["lake"]["state"]) == (2, "does not belong to this database")


@pytest.mark.parametrize("as_json", [True, False])
def test_no_secret_is_shown(
    settings: Settings,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    as_json: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Planted in the DSN, the environment, the configuration file and a flag, it is nowhere in the output."""
    separator = "&" if "?" in settings.dsn else "?"
    monkeypatch.setenv("ANTENNACTL_DSN", f"{settings.dsn}{separator}sslpassword={SECRET}")
    monkeypatch.setenv("ANTENNACTL_X", f"sasl.password={SECRET}-environment")
    monkeypatch.setenv("PGSSLPASSWORD", SECRET)
    config = tmp_path / "antennactl.toml"
    config.touch(mode=0o600)
    config.write_text(
        f'topic = "{settings.topic}"\n[kafka]\n"ssl.key.password" = "{SECRET}"\n"client.id" = "shown"\n',
        encoding="utf-8",
    )
    given = {
        "bootstrap_servers": settings.bootstrap_servers,
        "lake": str(settings.lake),
        "json": as_json or None,
        "config": config,
        "kafka_property": [f"sasl.oauthbearer.client.secret={SECRET}"],
        "quiet": None,
        "verbose": 2,
    }
    assert run_command("status", given) == 0
    captured = capsys.readouterr()
    assert SECRET not in captured.out + captured.err
    for expected in ("ANTENNACTL_DSN", "sslpassword=***", "-X ssl.key.password", "shown", f"{config}: topic"):
        assert expected in captured.out
