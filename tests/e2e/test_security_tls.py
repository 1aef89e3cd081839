"""Over TLS with a password everything works; whatever is wrong about either ends the command with 3 and the reason."""

from pathlib import Path
from typing import Any

import pytest
from confluent_kafka.admin import (  # type: ignore[attr-defined] # its stub hides them
    AclBinding,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from antennactl.ledger.connection import Database
from e2e.antennactl_process import check_oracle
from e2e.secure_world import SecureWorld
from security_services import TlsKafka

FRESH = ("simulate", "--messages", "200")
POSTGRES_COMMANDS = [
    ("provision",),
    ("stream", "--drain"),
    ("batch", "--catch-up"),
    ("verify",),
    ("rejects",),
    ("report",),
    ("status",),
]
KAFKA_COMMANDS = [("simulate", "--messages", "1"), ("stream", "--drain"), ("status",)]
# A refusal is told at once, not after the half minute that a start waits for a service. Loaded machines are slow.
BOUND_S = 25


def name_of(words: tuple[str, ...]) -> str:
    return words[0]


def test_everything_works_over_tls_with_passwords(secure_world: SecureWorld) -> None:
    world = secure_world
    world.run("provision")
    world.run(*FRESH, "--malformed", "0.1", "--sent", str(world.sent))
    world.run("stream", "--drain")
    world.run("batch", "--catch-up")
    check_oracle(world)
    world.run("status")
    world.run("rejects", "--replay")
    with Database(world.dsn) as database, database.transaction() as transaction:
        assert transaction.query_text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()").item()


def test_the_passwords_may_stand_in_a_file_that_others_cannot_read(secure_world: SecureWorld) -> None:
    world, services = secure_world, secure_world.services
    dsn = world.dsn.replace("antenna@", f"antenna:{services.postgres.password}@")
    lines = [f'"{key}" = "{value}"' for key, value in services.kafka.properties().items()]
    file = world.folder / "antennactl.toml"
    file.touch(mode=0o600)
    file.write_text(
        "\n".join([f'dsn = "{dsn}"', "[kafka]", f'"sasl.password" = "{services.kafka.password}"', *lines])
    )
    own = ["ANTENNACTL_DSN", "ANTENNACTL_X", "PGPASSWORD"]
    environ = {name: value for name, value in world.environ().items() if name not in own}
    for words in (("provision",), FRESH, ("stream", "--drain"), ("status",)):
        assert run_with(world, environ, *words) == 0
    file.chmod(0o644)
    assert run_with(world, environ, "status") == 2


def run_with(world: SecureWorld, environ: dict[str, str], *words: str) -> int:
    class Plain(SecureWorld):
        def environ(self, extra: Any = None) -> dict[str, str]:
            return {**environ, **(extra or {})}

    plain = Plain(
        world.dsn,
        world.bootstrap_servers,
        world.topic,
        world.folder,
        services=world.services,
        database=world.database,
    )
    return plain.attempt(*words).code


@pytest.mark.parametrize("words", POSTGRES_COMMANDS, ids=name_of)
def test_a_wrong_password_of_postgresql_is_refused(secure_world: SecureWorld, words: tuple[str, ...]) -> None:
    wrong = secure_world.services.postgres.password + "x"
    done = secure_world.attempt(*words, "-vv", env=secure_world.postgres_variables(password=wrong))
    assert done.code == 3
    assert "password authentication failed" in done.printed
    assert "hint: check user, password" in done.printed or "; check user, password" in done.printed
    assert done.duration_s < BOUND_S


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"ca": "other"}, "certificate verify failed"),
        ({"host": "127.0.0.1"}, 'does not match host name "127.0.0.1"'),
        ({"mode": "disable"}, "no encryption"),
    ],
    ids=["wrong CA", "wrong host name", "no TLS"],
)
@pytest.mark.parametrize("words", [("provision",), ("stream", "--drain"), ("status",)], ids=name_of)
def test_a_postgresql_that_cannot_be_trusted_is_refused(
    secure_world: SecureWorld, words: tuple[str, ...], fault: dict[str, str], reason: str
) -> None:
    given: dict[str, Any] = {**fault}
    if "ca" in given:
        given["ca"] = secure_world.services.certificates.other_ca
    done = secure_world.attempt(*words, "-vv", env=secure_world.postgres_variables(**given))
    assert done.code == 3
    assert reason in done.printed
    assert "PostgreSQL at" in done.printed
    assert done.duration_s < BOUND_S


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("wrong password", "refused this client (SASL authentication error"),
        ("wrong CA", "is not trusted (SSL handshake failed: certificate verify failed)"),
        ("wrong host name", "is not trusted (SSL handshake failed: certificate verify failed)"),
        ("no rights", "uthorization failed"),
    ],
)
@pytest.mark.parametrize("words", KAFKA_COMMANDS, ids=name_of)
def test_kafka_refuses_or_is_refused(
    secure_world: SecureWorld, words: tuple[str, ...], fault: str, reason: str
) -> None:
    world = secure_world
    world.run("provision")
    given = {
        "wrong password": world.kafka_variables(password=world.services.kafka.password + "x"),
        "wrong CA": world.kafka_variables(ca=world.services.certificates.other_ca),
        "wrong host name": world.kafka_variables(host="127.0.0.1"),
        "no rights": world.kafka_variables(user=world.services.kafka.stranger),
    }[fault]
    topic = {"ANTENNACTL_TOPIC": "not-there-yet"} if words[0] == "simulate" else {}
    done = world.attempt(*words, "-vv", env={**given, **topic})
    assert done.code == 3
    assert "Kafka at " in done.printed
    assert reason in done.printed
    assert done.duration_s < BOUND_S


def test_a_report_that_kafka_refuses_is_written_and_ends_with_3(secure_world: SecureWorld) -> None:
    world = secure_world
    world.run("provision")
    world.run(*FRESH)
    world.run("stream", "--drain")
    wrong = world.kafka_variables(password=world.services.kafka.password + "x")
    done = world.attempt("report", env=wrong)
    assert done.code == 3
    assert "error: Kafka at " in done.printed
    assert "hint: check the security.* and sasl.* properties" in done.printed
    page = (world.folder / "antennactl-report.html").read_text()
    assert "refused this client (SASL authentication error" in page
    assert "needs a look" in page
    assert done.duration_s < BOUND_S


def test_a_password_is_never_sent_in_the_clear(secure_world: SecureWorld) -> None:
    """Without TLS the broker's TLS listener is not spoken to: the command ends, the password stays here."""
    done = secure_world.attempt(
        "simulate", "--messages", "1", "-vv", env=secure_world.kafka_variables(protocol="SASL_PLAINTEXT")
    )
    assert done.code == 3


def test_a_stream_needs_no_more_rights_in_kafka_than_the_documents_say(secure_world: SecureWorld) -> None:
    world, kafka = secure_world, secure_world.services.kafka
    world.run("provision")
    world.run(*FRESH)
    as_stranger = world.kafka_variables(user=kafka.stranger)
    allow(kafka, (ResourceType.TOPIC, world.topic, AclOperation.DESCRIBE))
    world.run("status", env=as_stranger)
    assert world.attempt("stream", "--drain", env=as_stranger).code == 3
    # The world's group is named like its topic.
    allow(
        kafka,
        (ResourceType.TOPIC, world.topic, AclOperation.READ),
        (ResourceType.GROUP, world.topic, AclOperation.READ),
    )
    world.run("stream", "--drain", env=as_stranger)
    assert len(world.lake_rows()) == 200


def allow(kafka: TlsKafka, *rights: tuple[ResourceType, str, AclOperation]) -> None:
    """Give rights to the one who has none."""
    admin = kafka.admin()
    acls = [
        AclBinding(kind, name, ResourcePatternType.LITERAL, f"User:{kafka.stranger}", "*", operation,
                   AclPermissionType.ALLOW)
        for kind, name, operation in rights
    ]  # fmt: skip
    for future in admin.create_acls(acls).values():
        future.result(30)


def test_a_file_of_certificates_that_is_not_there_is_a_mistake_of_usage(secure_world: SecureWorld) -> None:
    gone = Path("/nowhere/ca.pem")
    assert secure_world.attempt("status", "-vv", env=secure_world.postgres_variables(ca=gone)).code == 2
    assert secure_world.attempt("simulate", "-vv", env=secure_world.kafka_variables(ca=gone)).code == 2
