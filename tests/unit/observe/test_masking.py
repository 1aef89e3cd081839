"""Whatever form a DSN or property has, its password is not in what is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antennactl.observe.masking import mask_dsn, mask_property

SECRET = "hunter2"


@pytest.mark.parametrize(
    ("dsn", "shown"),
    [
        ("postgresql://", "postgresql://"),
        ("postgresql://ann@db1:5432/shop", "postgresql://ann@db1:5432/shop"),
        ("postgresql://ann:hunter2@db1,db2:5433/shop", "postgresql://ann:***@db1,db2:5433/shop"),
        ("postgres://ann:hunter2@[::1]:5432/shop", "postgres://ann:***@[::1]:5432/shop"),
        (
            "postgresql:///shop?host=/tmp&user=ann&password=hunter2",
            "postgresql:///shop?host=/tmp&user=ann&password=***",
        ),
        (
            "postgresql://db1?sslpassword=hunter2&sslmode=require",
            "postgresql://db1?sslpassword=***&sslmode=require",
        ),
        ("host=db1 user=ann password=hunter2 dbname=shop", "host=db1 user=ann password=*** dbname=shop"),
        ("host = db1 password = 'hunter2 \\' x' user='ann'", "host=db1 password=*** user=ann"),
        ("host=db1 options='-c x=hunter2'", "host=db1 options=***"),
        ("", ""),
    ],
)
def test_the_harmless_parts_of_a_dsn_are_shown(dsn: str, shown: str) -> None:
    """Where and as whom one connects is what an operator needs to see."""
    assert mask_dsn(dsn) == shown


@pytest.mark.parametrize(
    "dsn",
    [
        "postgresql://ann:pa@hunter2@db1/shop",
        "postgresql://ann:pa/hunter2@db1/shop",
        "postgresql://ann:pa?hunter2@db1/shop",
        "postgresql://ann:pa#hunter2@db1/shop",
        "postgresql://ann:hunter2",
        "postgresql://ann:hunter2/shop",
        "postgresql://db1?password",
        "postgresql://[hunter2",
        "password='hunter2",
        "host=db1 password=hunter2'x",
        "hunter2",
        "host db1 password hunter2",
        "POSTGRESQL://ann:hunter2@db1/shop",
    ],
)
def test_a_dsn_that_is_not_understood_is_hidden(dsn: str) -> None:
    """An unescaped character in a password must not carry the rest of it into the shown parts."""
    assert SECRET not in mask_dsn(dsn)


@given(password=st.text(min_size=1, max_size=20), quoted=st.booleans())
def test_no_password_comes_through(password: str, quoted: bool) -> None:  # noqa: FBT001 - drawn by hypothesis
    """Marked by a word on both sides, no part of any password is shown, in either form."""
    marked = f"hunter2{password}hunter2"
    pair = "'" + marked.replace("\\", "\\\\").replace("'", "\\'") + "'" if quoted else marked
    for dsn in (f"postgresql://ann:{marked}@db1/shop", f"host=db1 password={pair} dbname=shop"):
        assert SECRET not in mask_dsn(dsn)


@pytest.mark.parametrize(
    "key",
    [
        "sasl.password",
        "ssl.key.password",
        "ssl.keystore.password",
        "ssl.key.pem",
        "sasl.jaas.config",
        "sasl.oauthbearer.client.secret",
        "sasl.oauthbearer.config",
        "SASL.PASSWORD",
        "token",
        "sasl.pwd",
        "sasl.pasword",
        "nonsense",
        "group.id\n",
    ],
)
def test_secret_properties_are_masked(key: str) -> None:
    """By their name, whatever its case, and whatever else is not known to be harmless."""
    assert mask_property(key, SECRET) == "***"


def test_other_properties_are_shown() -> None:
    """So that status says how Kafka is spoken to."""
    assert mask_property("security.protocol", "SASL_SSL") == "SASL_SSL"
    assert mask_property("sasl.username", "ann") == "ann"
    assert mask_property("ssl.ca.location", "/etc/ca.pem") == "/etc/ca.pem"
    assert mask_property("fetch.queue.backoff.ms", "10") == "10"
