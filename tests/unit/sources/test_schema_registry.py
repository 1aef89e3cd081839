"""The schema registry over real HTTP: what is there, what is not, and what cannot be known."""

import json
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from antennactl.decode import WriterSchema
from antennactl.errors import RegistryRefusedError, RegistryUnavailableError, UsageError
from antennactl.settings import Settings, load_settings
from antennactl.sources.formats import check_services, choose_decoder
from antennactl.sources.schema_registry import SchemaRegistry
from schema_registry import Registry, run_registry
from security_services import make_certificates

SCHEMA = {"type": "record", "name": "usage", "fields": [{"name": "x", "type": "int"}]}


@pytest.fixture
def registry() -> Iterator[Registry]:
    with run_registry() as running:
        running.add(7, SCHEMA)
        yield running


def client(registry: Registry, **more: Any) -> SchemaRegistry:
    return SchemaRegistry(Settings(registry_url=registry.url, message_format="avro", **more))


def test_a_schema_is_found_and_asked_for_once(registry: Registry) -> None:
    asking = client(registry)
    assert [asking.find(7), asking.find(7)] == [WriterSchema(json.dumps(SCHEMA))] * 2
    assert registry.asked == ["GET /schemas/ids/7"]


def test_a_schema_that_is_not_there_is_said_to_be_so_without_asking_for_each_message(
    registry: Registry,
) -> None:
    asking = client(registry)
    assert [asking.find(8), asking.find(8)] == ["not in the registry"] * 2
    assert asking.find(2**31) == "not in the registry"
    assert registry.asked == ["GET /schemas/ids/8"]


def test_a_schema_that_comes_later_is_found(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("antennactl.sources.schema_registry._FORGET_S", 0.0)
    asking = client(registry)
    assert asking.find(8) == "not in the registry"
    registry.add(8, SCHEMA)
    assert asking.find(8) == WriterSchema(json.dumps(SCHEMA))


def test_a_schema_of_another_kind_is_named(registry: Registry) -> None:
    registry.add(9, 'syntax = "proto3";', schemaType="PROTOBUF")
    assert client(registry).find(9) == "of type PROTOBUF, not AVRO"


def test_references_come_with_it_in_an_order_that_defines_them_first(registry: Registry) -> None:
    def refer(subject: str) -> list[dict[str, Any]]:
        return [{"name": subject, "subject": subject, "version": 1}]

    registry.add(10, '"outer"', references=refer("middle"))
    registry.versions["middle", 1] = {
        "subject": "middle",
        "version": 1,
        "id": 2,
        "schema": '"m"',
        "references": refer("inner"),
    }
    registry.versions["inner", 1] = {
        "subject": "inner",
        "version": 1,
        "id": 3,
        "schema": '"i"',
        "references": refer("middle"),
    }
    assert client(registry).find(10) == WriterSchema('"outer"', ('"i"', '"m"'))
    registry.add(11, '"outer"', references=refer("nowhere"))
    assert client(registry).find(11) == "refers to one that is not in the registry"


@pytest.mark.parametrize("status", [500, 503, 429, 408])
def test_a_registry_in_trouble_is_not_taken_for_a_no(registry: Registry, status: int) -> None:
    registry.status = status
    with pytest.raises(RegistryUnavailableError, match=str(status)) as caught:
        client(registry).find(7)
    assert not isinstance(caught.value, RegistryRefusedError)


def test_a_registry_that_is_away_is_unavailable() -> None:
    with run_registry() as gone:
        pass
    with pytest.raises(RegistryUnavailableError, match="cannot reach the schema registry") as caught:
        client(gone).find(7)
    assert not isinstance(caught.value, RegistryRefusedError)
    assert caught.value.exit_code == 3


def test_a_wrong_path_is_no_schema_that_is_not_there(registry: Registry) -> None:
    """A 404 of the web server would otherwise reject every message."""
    registry.url += "/elsewhere"
    with pytest.raises(RegistryRefusedError, match="answers 404"):
        client(registry).find(7)


def test_a_page_in_place_of_an_answer_is_refused(registry: Registry) -> None:
    registry.body = b"<html>Log in</html>"
    with pytest.raises(RegistryRefusedError, match="answers otherwise than a schema registry"):
        client(registry).find(7)


def test_the_login_is_sent_and_shown_nowhere(registry: Registry) -> None:
    registry.login = "antenna:s3cret"
    assert client(registry, registry_user_info="antenna:s3cret").find(7) == WriterSchema(json.dumps(SCHEMA))
    with pytest.raises(RegistryRefusedError, match=r"refuses this client \(401\)") as caught:
        client(registry, registry_user_info="antenna:wr0ng").find(7)
    assert "wr0ng" not in f"{caught.value} {caught.value.hint}"
    assert "s3cret" not in repr(Settings(registry_user_info="antenna:s3cret"))


def test_over_tls_the_authority_that_was_named_decides(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path / "certificates")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server, certificates.server_key)
    with run_registry(tls=context) as running:
        running.add(7, SCHEMA)
        assert client(running, registry_ca=certificates.ca).find(7) == WriterSchema(json.dumps(SCHEMA))
        for others in ({"registry_ca": certificates.other_ca}, {}):
            with pytest.raises(RegistryRefusedError, match="cannot be trusted: its certificate is not"):
                client(running, **others).find(7)
        assert running.asked == ["GET /schemas/ids/7"]


def test_a_registry_is_there_whether_or_not_it_has_the_schema_that_is_asked_for(registry: Registry) -> None:
    check_services(Settings(message_format="avro", registry_url=registry.url))
    registry.status = 503
    with pytest.raises(RegistryUnavailableError):
        check_services(Settings(message_format="avro", registry_url=registry.url))
    check_services(Settings(registry_url=registry.url))


def test_without_the_client_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "confluent_kafka.schema_registry", None)
    with pytest.raises(UsageError, match="need the client of the schema registry") as caught:
        choose_decoder(Settings(message_format="avro", registry_url="https://r"))
    assert caught.value.hint == "pip install 'antennactl[avro]'"


def test_what_is_missing_is_named() -> None:
    with pytest.raises(UsageError, match="need the URL of their schema registry"):
        choose_decoder(Settings(message_format="avro"))
    with pytest.raises(UsageError, match="No such file or directory"):
        choose_decoder(
            Settings(message_format="avro", registry_url="https://r", registry_ca=Path("/nowhere"))
        )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[registry]\nurl = "registry:8081"\n', "is not a URL such as"),
        ('[registry]\nurl = "https://me:secret@registry"\n', "is not a URL such as"),
        ('[registry]\nuser-info = "secret"\n', "is not a user and a password"),
        ('[registry]\npassword = "x"\n', r"unknown key \[registry\] password"),
    ],
)
def test_wrong_settings_are_named_and_no_secret_is(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "antennactl.toml"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(UsageError, match=message) as caught:
        load_settings("stream", {}, config=path, environ={})
    assert "secret" not in str(caught.value)


def test_a_file_with_the_login_that_others_can_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "antennactl.toml"
    path.write_text('[registry]\nuser-info = "a:b"\n')
    path.chmod(0o644)
    with pytest.raises(UsageError, match=r"holds a secret \(\[registry\] user-info\)"):
        load_settings("stream", {}, config=path, environ={})
