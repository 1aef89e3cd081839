"""What is risky about the way to a service: nothing inside this machine, and outside whatever is not proven."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antennactl.rules.transport import has_password, is_secret_property, kafka_risk, parse_dsn, postgres_risk


@pytest.mark.parametrize(
    ("dsn", "parameters"),
    [
        ("postgresql://", {}),
        ("postgres:///telecom", {"dbname": "telecom"}),
        ("postgresql://u:p%40ss@db1:5432/d", {"user": "u", "password": "p@ss", "host": "db1", "dbname": "d"}),
        ("postgresql://u@a:1,b:2/d?sslmode=require", {"user": "u", "host": "a,b", "dbname": "d", "sslmode": "require"}),
        ("postgresql://[2001:db8::1]:5432/", {"host": "2001:db8::1"}),
        ("postgresql://%2Frun%2Fpg/d", {"host": "/run/pg", "dbname": "d"}),
        ("postgresql:///d?host=db2&password=x", {"dbname": "d", "host": "db2", "password": "x"}),
        ("host=db1 password='it''s'", {}),
        (r"host=db1 password='it\'s'  sslmode = disable", {"host": "db1", "password": "it's", "sslmode": "disable"}),
        ("host=db1 what is this", {}),
    ],
)  # fmt: skip
def test_a_dsn_is_read_as_libpq_reads_it(dsn: str, parameters: dict[str, str]) -> None:
    assert parse_dsn(dsn) == parameters


@settings(deadline=None)
@given(st.text())
def test_no_text_makes_it_raise(text: str) -> None:
    for dsn in (text, f"postgresql://{text}", f"host={text}"):
        postgres_risk(parse_dsn(dsn))
    kafka_risk(text, {})


@pytest.mark.parametrize(
    "host",
    ["", "localhost", "LOCALHOST.", "127.0.0.1", "127.8.8.8", "::1", "/run/postgresql", "@abstract", "db.localhost"],
)  # fmt: skip
def test_inside_this_machine_nothing_is_risky(host: str) -> None:
    assert postgres_risk({"host": host, "sslmode": "disable"}) is None
    assert kafka_risk(f"[{host}]:9092" if ":" in host else f"{host}:9092", {}) is None


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"host": "db1"}, "without sure encryption (sslmode=prefer)"),
        ({"host": "db1", "sslmode": "disable"}, "sslmode=disable"),
        ({"host": "localhost,db1"}, "without sure encryption"),
        ({"host": "localhost", "hostaddr": "192.0.2.1"}, "without sure encryption"),
        ({"host": "db1", "sslmode": "require"}, "certificate is not checked"),
        ({"host": "db1", "sslmode": "require", "sslrootcert": "ca.pem"}, None),
        ({"host": "db1", "sslmode": "verify-ca"}, None),
        ({"host": "db1", "sslmode": "verify-full"}, None),
        ({"host": "db1", "gssencmode": "require"}, None),
    ],
)
def test_postgresql_outside_this_machine(parameters: dict[str, str], words: str | None) -> None:
    check(postgres_risk(parameters), words)


@pytest.mark.parametrize(
    ("servers", "properties", "words"),
    [
        ("k1:9092", {}, "security.protocol=plaintext"),
        ("localhost:9092,k1:9092", {}, "without encryption"),
        ("PLAINTEXT://k1:9092", {}, "without encryption"),
        ("k1:9092", {"security.protocol": "SASL_PLAINTEXT"}, "security.protocol=sasl_plaintext"),
        ("k1:9092", {"security.protocol": "ssl"}, None),
        ("k1:9092", {"security.protocol": "SASL_SSL"}, None),
        ("k1:9092", {"security.protocol": "SSL", "enable.ssl.certificate.verification": "False"}, "not checked"),
        ("k1:9092", {"security.protocol": "SSL", "ssl.endpoint.identification.algorithm": "none"}, "anybody's"),
    ],
)  # fmt: skip
def test_kafka_outside_this_machine(servers: str, properties: dict[str, str], words: str | None) -> None:
    check(kafka_risk(servers, properties), words)


def check(risk: str | None, words: str | None) -> None:
    assert (risk is None) if words is None else (risk is not None and words in risk)


@pytest.mark.parametrize(
    ("key", "is_secret"),
    [
        ("sasl.password", True),
        ("ssl.key.password", True),
        ("ssl.keystore.password", True),
        ("ssl.key.pem", True),
        ("sasl.oauthbearer.client.secret", True),
        ("ssl.key.location", False),
        ("ssl.ca.pem", False),
        ("sasl.username", False),
        ("sasl.oauthbearer.token.endpoint.url", False),
    ],
)
def test_which_properties_are_secrets(key: str, is_secret: bool) -> None:  # noqa: FBT001 - a table's cell
    assert is_secret_property(key) is is_secret


def test_a_password_is_found_wherever_libpq_takes_it() -> None:
    assert has_password(parse_dsn("postgresql://u:p@h/d"))
    assert has_password(parse_dsn("host=h password=p"))
    assert has_password(parse_dsn("postgresql://h/d?sslpassword=p"))
    assert not has_password(parse_dsn("postgresql://u@h/d?passfile=x"))
