"""Passwords are planted everywhere they can stand and hunted for wherever something is written."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from antennactl.errors import AntennactlError
from e2e.secure_world import SecureWorld
from services import with_database

COMMANDS = [
    ("provision",),
    ("simulate", "--messages", "100", "--malformed", "0.2"),
    ("stream", "--drain"),
    ("batch", "--catch-up"),
    ("verify",),
    ("rejects",),
    ("rejects", "--replay"),
    ("report", "--out", "report.html"),
    ("config",),
    ("status",),
]
LOUD = ("-vv", "-X", "debug=all")


@pytest.fixture(params=["PGPASSWORD", "DSN"])
def hunted(secure_world: SecureWorld, request: pytest.FixtureRequest) -> dict[str, str]:
    """Give the variables that hold the passwords: PostgreSQL's in PGPASSWORD, or in the DSN."""
    if request.param == "PGPASSWORD":
        return {}
    return {"ANTENNACTL_DSN": dsn_with_password(secure_world), "PGPASSWORD": ""}


def dsn_with_password(world: SecureWorld) -> str:
    login = f"antenna:{world.services.postgres.password}@"
    return with_database(world.services.postgres.dsn().replace("antenna@", login), world.database)


@pytest.mark.timeout(400)
def test_no_command_that_works_writes_a_secret_anywhere(
    secure_world: SecureWorld, hunted: dict[str, str]
) -> None:
    world = secure_world
    for words in COMMANDS:
        assert world.attempt(*words, *LOUD, env=hunted).code == 0
        assert world.attempt(*words, "--json", "-vv", "--log-format", "json", env=hunted).code == 0
    shown = world.attempt("status", env=hunted).printed
    assert "***" in shown
    assert "sasl.password" in shown
    for place, text in written(world):
        assert not [secret for secret in world.secrets() if secret in text], place


def written(world: SecureWorld) -> Iterator[tuple[str, str]]:
    """Yield all that the commands left: every row of every table, every file, and what a lake file holds."""
    tables = world.query(
        "SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables "
        "WHERE schemaname IN ('public', 'antennactl')"
    )
    for table in tables["name"]:
        yield table, str(world.query(f"SELECT t::text AS row FROM {table} AS t")["row"].to_list())
    files = [path for path in world.folder.rglob("*") if path.is_file()]
    assert world.folder / "report.html" in files
    for path in files:
        yield str(path), path.read_bytes().decode("latin-1")
        if path.suffix == ".parquet":
            yield str(path), str(pl.read_parquet(path).rows())


@pytest.mark.timeout(400)
def test_no_command_that_fails_prints_a_secret(secure_world: SecureWorld) -> None:
    world = secure_world
    world.run("provision")
    world.run("simulate", "--messages", "100")
    postgres, kafka = world.services.postgres.password, world.services.kafka.password
    pairs = world.environ()["ANTENNACTL_X"]
    key = world.folder / "key.pem"
    key.write_text(f"{kafka}\n")
    failures: list[tuple[int, tuple[str, ...], dict[str, str]]] = [
        # A DSN that cannot be read, in the ways that a password with special characters makes one.
        (2, ("status",), {"ANTENNACTL_DSN": f"postgresql://antenna:{postgres}@localhost:{postgres}/x"}),
        (2, ("stream",), {"ANTENNACTL_DSN": f"postgresql://antenna:{postgres}%zz@localhost/x"}),
        (2, ("batch",), {"ANTENNACTL_DSN": f"host=localhost password={postgres} what"}),
        (2, ("verify",), {"ANTENNACTL_DSN": f"host=localhost password='{postgres}"}),
        (
            2,
            ("provision",),
            {"ANTENNACTL_DSN": f"postgresql://antenna:{postgres}@localhost/x?nonsense={postgres}"},
        ),
        (2, ("rejects",), {"ANTENNACTL_DSN": f"postgresql://[::1/{postgres}"}),
        (3, ("report",), {"ANTENNACTL_DSN": f"postgresql://antenna:{postgres}@nowhere.invalid/x"}),
        (3, ("batch",), {"ANTENNACTL_DSN": f"postgresql://antenna:{postgres}@127.0.0.1:1/x"}),
        (
            3,
            ("status",),
            {"ANTENNACTL_DSN": f"postgresql://antenna:{postgres}@localhost:{world.services.kafka.port}/x"},
        ),
        # Properties that Kafka's client refuses beside the password.
        (2, ("stream",), {"ANTENNACTL_X": f"{pairs};security.protocol=nonsense"}),
        (2, ("status",), {"ANTENNACTL_X": f"{pairs};nonsense={kafka}"}),
        (2, ("simulate",), {"ANTENNACTL_X": f"{pairs};ssl.key.pem={kafka}"}),
        (2, ("simulate",), {"ANTENNACTL_X": f"{pairs};ssl.key.location={key};ssl.key.password={kafka}"}),
        (
            2,
            ("stream",),
            {"ANTENNACTL_X": f"{pairs};sasl.kerberos.principal={kafka};sasl.kerberos.keytab=$({kafka})"},
        ),
        (2, ("stream",), {"ANTENNACTL_X": f"{pairs};{kafka}"}),
        # Errors that nobody foresaw, with their tracebacks, and the others of the contract.
        (1, ("stream", "--drain"), {"ANTENNACTL_FAILPOINT": "before_commit:error"}),
        (4, ("batch", "--hour", "2026-01-01T00"), {}),
        (2, ("rebuild",), {}),
    ]
    for code, words, env in failures:
        done = world.attempt(*words, *LOUD, env=env)
        assert done.code == code, (words, done.printed)


@pytest.mark.parametrize(
    "content",
    [
        '[kafka]\n"sasl.password" = "{secret}',
        'dsn = "postgresql://u:{secret}@h/d"\ndsn = "{secret}"',
        '[kafka]\n"sasl.password" = {secret}',
        'dsn = "postgresql://u:{secret}@h/d"\nnonsense = "{secret}"',
        'interval = "10s"\nlake = ["{secret}"]\n[stream]\npassword = "{secret}"',
    ],
)
def test_a_configuration_that_cannot_be_read_is_not_quoted(tmp_path: Path, content: str) -> None:
    from antennactl.settings import load_settings

    file = tmp_path / "antennactl.toml"
    file.touch(mode=0o600)
    file.write_text(content.format(secret="hunter2"))
    with pytest.raises(AntennactlError) as caught:
        load_settings("stream", {}, config=file)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"


def test_a_password_on_the_command_line_is_warned_of(secure_world: SecureWorld) -> None:
    done = secure_world.attempt("provision", "--dsn", dsn_with_password(secure_world))
    assert done.code == 0
    assert "warning: a password on the command line (--dsn)" in done.printed
