"""Warnings name what others could read or change, once a service, and only for the services of the command."""

from pathlib import Path

import pytest

from antennactl.security import find_risks, postgres_parameters
from antennactl.settings import load_settings

FAR_DSN = "postgresql://antenna@db1/telecom"
FAR_KAFKA = "k1:9092"


@pytest.fixture(autouse=True)
def in_an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def risks(command: str, environ: dict[str, str], *kafka_flags: str, **flags: str) -> list[str]:
    environ = {"HOME": "/nowhere", **environ}
    settings = load_settings(command, flags, environ=environ, kafka_flags=kafka_flags)
    return find_risks(command, settings, kafka_flags, environ)


@pytest.mark.parametrize(
    ("command", "services"),
    [
        ("provision", ["PostgreSQL"]),
        ("batch", ["PostgreSQL"]),
        ("verify", ["PostgreSQL"]),
        ("rejects", ["PostgreSQL"]),
        ("simulate", ["Kafka"]),
        ("stream", ["PostgreSQL", "Kafka"]),
        ("status", ["PostgreSQL", "Kafka"]),
        ("report", ["PostgreSQL", "Kafka"]),
        ("rebuild", ["PostgreSQL", "Kafka"]),
        ("demo", ["PostgreSQL", "Kafka"]),
    ],
)
def test_a_command_warns_of_its_own_services(command: str, services: list[str]) -> None:
    environ = {"ANTENNACTL_DSN": FAR_DSN, "ANTENNACTL_BOOTSTRAP_SERVERS": FAR_KAFKA}
    assert [risk.split()[0] for risk in risks(command, environ)] == services


def test_nothing_is_said_of_this_machine_or_of_tls() -> None:
    assert risks("stream", {}) == []
    safe = {"ANTENNACTL_DSN": f"{FAR_DSN}?sslmode=verify-full", "ANTENNACTL_BOOTSTRAP_SERVERS": FAR_KAFKA}
    assert risks("stream", safe, "security.protocol=SASL_SSL") == []


def test_a_demo_with_services_of_its_own_and_a_file_as_output_warn_of_nothing() -> None:
    assert risks("demo", {"PGHOST": "db1"}) == []
    assert risks("simulate", {"ANTENNACTL_BOOTSTRAP_SERVERS": FAR_KAFKA}, out="-") == []


def test_libpqs_variables_and_service_file_decide_what_the_dsn_leaves_open(tmp_path: Path) -> None:
    assert "sslmode=prefer" in risks("batch", {"PGHOST": "db1"})[0]
    assert risks("batch", {"PGHOST": "db1", "PGSSLMODE": "verify-full"}) == []
    file = tmp_path / "services.conf"
    file.write_text("[telecom]\nhost=db1\nsslmode=disable\n")
    environ = {"HOME": "/nowhere", "PGSERVICEFILE": str(file), "PGSSLMODE": "verify-full"}
    found = postgres_parameters("service=telecom", environ)
    assert (found["host"], found["sslmode"]) == ("db1", "disable")
    assert postgres_parameters("service=telecom sslmode=require", environ)["sslmode"] == "require"
    file.write_text("no service file")
    assert "host" not in postgres_parameters("service=telecom", environ)


def test_a_root_certificate_at_home_makes_require_check_it(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PGHOST": "db1", "PGSSLMODE": "require"}
    assert "not checked" in risks("batch", environ)[0]
    (tmp_path / ".postgresql").mkdir()
    (tmp_path / ".postgresql" / "root.crt").touch()
    assert risks("batch", environ) == []


def test_a_secret_on_the_command_line_is_warned_of_without_saying_it() -> None:
    (risk,) = risks("stream", {}, "sasl.password=hunter2", dsn="postgresql://u:hunter3@localhost/d")
    assert "--dsn, -X sasl.password" in risk
    assert "hunter" not in risk
    environ = {
        "ANTENNACTL_DSN": "postgresql://u:hunter3@localhost/d",
        "ANTENNACTL_X": "sasl.password=hunter2",
    }
    assert risks("stream", environ) == []
