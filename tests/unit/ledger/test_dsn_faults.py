"""A connection string that libpq cannot read: the part that is wrong is named, and no piece of it is repeated."""

import pytest

from antennactl.errors import UsageError
from antennactl.ledger.connection import Database


@pytest.mark.parametrize(
    ("dsn", "told"),
    [
        ("postgresql://h:hunter2/d", "the port is not a number"),
        ("postgresql://u:hunter2/x@h/d", "the port is not a number"),
        ("host=h port=99999", "the port is not a number"),
        ("postgresql://h/d?sslmode=hunter2", "the value of sslmode is none"),
        (
            "postgresql://h/d?ssl_min_protocol_version=hunter2",
            "the value of ssl_min_protocol_version is none",
        ),
        ("postgresql://h/d?sslmod=require", "did you mean sslmode?"),
        ("host=h pasword=hunter2", "did you mean password?"),
        ("postgresql://h/d?hunter2=1", "a parameter that is not known"),
        ("hunter2", "neither a URI that begins with postgresql:// nor pairs"),
        ("postgresql://h/d?hunter2", 'what follows "?"'),
        ("postgresql://u:hunter2%zz@h/d", 'a "%" is not followed by two hexadecimal digits'),
        ("postgresql://u:hunter2%00@h/d", "%00 stands for no character"),
        ("host='hunter2", "a quote is not closed"),
        ("postgresql://[::1/hunter2", "IPv6 address is missing"),
        ("postgresql://[::1]hunter2", "a character follows the host"),
        ("host=a,hunter2 port=1,2,3", "not as many ports"),
        ("service=hunter2", "is not in the service file"),
    ],
)
def test_the_wrong_part_is_named_and_not_repeated(
    dsn: str, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGSERVICEFILE", "/dev/null")
    with pytest.raises(UsageError) as caught, Database(dsn).transaction():
        pass
    assert "cannot be used: " in str(caught.value)
    assert told in str(caught.value)
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
