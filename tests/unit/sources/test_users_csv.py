"""The users' CSV: what is read, and that the first bad line is named without its content."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from antennactl.errors import UsageError
from antennactl.schemas import USERS
from antennactl.sources.users_csv import read_users

HEADER = b"id,name,email,quota\n"


def write(folder: Path, content: bytes) -> Path:
    """Write a file of users and return its path."""
    path = folder / "users.csv"
    path.write_bytes(content)
    return path


def refusal(folder: Path, content: bytes) -> str:
    """Return the message of the refusal of a file."""
    with pytest.raises(UsageError) as caught:
        read_users(write(folder, content))
    return str(caught.value)


def test_packaged_users_are_the_twenty_of_the_exercise() -> None:
    """Without a file the exercise's users come, with its quotas."""
    users = read_users(None)
    assert users.schema == USERS
    assert users.height == 20
    assert users.row(3) == ("00000000-0000-0000-0000-000000000004", "fede", "fede@gmail.com", 5000)
    assert users["quota"].sum() == 7_505_000


@pytest.mark.parametrize(
    "content",
    [
        HEADER + b"a,Ann,ann@x.org,5\n",
        HEADER + b"a,Ann,ann@x.org,5",
        b"\xef\xbb\xbf" + HEADER + b"a,Ann,ann@x.org,5\n",
        (HEADER + b"a,Ann,ann@x.org,5\n").replace(b"\n", b"\r\n"),
        HEADER + b'"a","Ann","ann@x.org","5"\n',
        HEADER + b"\na,Ann,ann@x.org,5\n\n",
        HEADER + b"a,Ann,ann@x.org,0005\n",
    ],
)
def test_every_usual_form_of_csv_gives_the_same_user(tmp_path: Path, content: bytes) -> None:
    """BOM, CRLF, quotes, empty lines and a missing last line end make no difference."""
    assert read_users(write(tmp_path, content)).rows() == [("a", "Ann", "ann@x.org", 5)]


def test_quoted_fields_keep_commas_quotes_and_line_ends(tmp_path: Path) -> None:
    """A quoted field may hold what would else end it."""
    users = read_users(write(tmp_path, HEADER + b'a,"A, ""B""\nC",e@x.org,9223372036854775807\n'))
    assert users.rows() == [("a", 'A, "B"\nC', "e@x.org", 2**63 - 1)]


def test_a_header_alone_is_no_users(tmp_path: Path) -> None:
    """A file without a user is legal."""
    assert read_users(write(tmp_path, HEADER)).schema == USERS


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"b,Bob,secret@x.org", "has 3 fields, not 4"),
        (b"b,Bob,secret@x.org,5,6", "has 5 fields, not 4"),
        (b",Bob,secret@x.org,5", "has no id"),
        (b"b,Bob,secret@x.org,", "has a quota that is not"),
        (b"b,Bob,secret@x.org,-1", "has a quota that is not"),
        (b"b,Bob,secret@x.org,+1", "has a quota that is not"),
        (b"b,Bob,secret@x.org,1.0", "has a quota that is not"),
        (b"b,Bob,secret@x.org, 1", "has a quota that is not"),
        (b"b,Bob,secret@x.org,1_000", "has a quota that is not"),
        (b"b,Bob,secret@x.org,9223372036854775808", "has a quota that is not"),
        (b"b,B\0b,secret@x.org,5", "holds a NUL character"),
        (b"b" * 257 + b",Bob,secret@x.org,5", "has an id of more than 256 bytes"),
        ("é".encode() * 129 + b",Bob,secret@x.org,5", "has an id of more than 256 bytes"),
        (b"b,B\xff,secret@x.org,5", "is not UTF-8"),
        (b'b,"Bob"x,secret@x.org,5', "is not CSV"),
        (b'b,"Bob,secret@x.org,5', "is not CSV"),
        (b"a,Bob,secret@x.org,5", "repeats the id of line 3"),
    ],
)
def test_a_bad_line_is_named_by_its_physical_number(tmp_path: Path, line: bytes, reason: str) -> None:
    """Line 2 is empty, the user of line 3 takes two lines: the bad one is line 5 of the file."""
    content = HEADER + b'\na,"Ann\nLee",ann@x.org,5\n' + line + b"\n"
    message = refusal(tmp_path, content)
    assert f"{tmp_path / 'users.csv'}, line 5 {reason}" in message
    assert "secret" not in message


def test_the_first_of_several_bad_lines_is_named(tmp_path: Path) -> None:
    """What is reported does not depend on the order of the checks."""
    assert "line 2 has a quota" in refusal(tmp_path, HEADER + b"a,A,a@x.org,x\n,B,b@x.org,5\n")


@pytest.mark.parametrize(
    "header", [b"id;name;email;quota\n", b"name,email\n", b"id,name,quota,email\n", b"a,Ann,ann@x.org,5\n"]
)
def test_another_header_is_refused(tmp_path: Path, header: bytes) -> None:
    """A file without the header would lose its first user."""
    assert "line 1 is not the header id,name,email,quota" in refusal(tmp_path, header)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    """A missing file and a folder end with exit code 2."""
    for path in (tmp_path / "missing.csv", tmp_path):
        with pytest.raises(UsageError, match="cannot read the users of"):
            read_users(path)


@given(content=st.binary(max_size=200) | st.text(alphabet='a,"\n\r5\0é', max_size=60).map(str.encode))
def test_any_bytes_are_users_or_a_usage_error(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    """No content of a file raises anything else."""
    path = write(tmp_path_factory.mktemp("csv"), HEADER + content)
    try:
        users = read_users(path)
    except UsageError:
        return
    assert users.select(pl.col("id").is_unique().all()).item()


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    """What was cut short before its first line has no line to complain of."""
    assert "users.csv is empty" in refusal(tmp_path, b"")
    assert "users.csv is empty" in refusal(tmp_path, b"\xef\xbb\xbf\r\n")
