"""Why no connection came about: refusals are told apart from a server that is away, and told with what to do."""

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import pytest

from antennactl.errors import AntennactlError, PostgresRefusedError, PostgresUnavailableError, UsageError
from antennactl.ledger.connection import Database

PREFIX = "IO: [libpq] Failed to connect: "


def connect_error(monkeypatch: pytest.MonkeyPatch, text: str) -> AntennactlError:
    """Return what becomes of libpq's words."""
    failure = adbc_driver_manager.OperationalError(
        PREFIX + text, status_code=adbc_driver_manager.AdbcStatusCode.IO
    )

    def fail(_dsn: str) -> None:
        raise failure

    monkeypatch.setattr(adbc_driver_postgresql.dbapi, "connect", fail)
    with pytest.raises(AntennactlError) as caught, Database("postgresql://u:hunter2@h/d").transaction():
        pass
    return caught.value


@pytest.mark.parametrize(
    ("text", "kind", "words"),
    [
        (
            'FATAL:  password authentication failed for user "u"',
            PostgresRefusedError,
            "(password authentication",
        ),
        ("SSL error: certificate verify failed", PostgresRefusedError, "(SSL error: certificate"),
        ("server does not support SSL, but SSL was required", PostgresRefusedError, "(server does not"),
        ('root certificate file "/x" does not exist', UsageError, '"/x" does not exist'),
        ("Connection refused\n\tIs the server running?", PostgresUnavailableError, "(connection refused)"),
        # A server that goes down in the middle of a handshake comes back.
        ("SSL error: unexpected eof while reading", PostgresUnavailableError, "(SSL error: unexpected eof"),
        ("SSL SYSCALL error: Connection reset by peer", PostgresUnavailableError, "(SSL SYSCALL error"),
        ("FATAL:  the database system is starting up", PostgresUnavailableError, "starting up"),
    ],
)
def test_a_refusal_is_told_apart_from_a_server_that_is_away(
    monkeypatch: pytest.MonkeyPatch, text: str, kind: type[AntennactlError], words: str
) -> None:
    error = connect_error(monkeypatch, f'connection to server at "db1" (192.0.2.1), port 5432 failed: {text}')
    assert type(error) is kind
    assert "db1:5432" in str(error)
    assert words in str(error)


def test_of_several_addresses_the_one_that_said_no_has_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    error = connect_error(
        monkeypatch,
        'connection to server at "localhost" (::1), port 5432 failed: Connection refused\n\tIs the server running?\n'
        'connection to server at "localhost" (127.0.0.1), port 5432 failed: FATAL:  password authentication failed',
    )
    assert isinstance(error, PostgresRefusedError)
    assert "password authentication failed" in str(error)
