"""A CSV of the users in (`id,name,email,quota`, a file or the exercise's 20), a checked frame of them out."""

import codecs
import csv
import io
from collections.abc import Callable, Iterator
from importlib.resources import files
from itertools import islice
from pathlib import Path
from typing import Final

import polars as pl

from antennactl.errors import UsageError
from antennactl.schemas import MAX_TEXT_BYTES, USERS

_COLUMNS: Final = USERS.names()
# Rows that are Python objects at the same time: a million at once would take half a gigabyte.
_CHUNK_ROWS: Final = 65_536


def read_users(
    path: Path | None, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> pl.DataFrame:
    """Return the users of the CSV at `path`, or the exercise's 20, in the schema USERS and the file's order.

    The file is UTF-8 (a BOM is passed over), with a header, fields quoted or not, lines ended by LF or CRLF;
    empty lines are passed over. Ids are unique and 1 to 256 bytes long, quotas whole numbers of bytes from 0
    to 2^63 - 1. Raises UsageError for the first line that is not so, with the file and the line's number but
    none of its content. `progress` gets (lines, about how many there are) now and then.
    """
    name = "the packaged users.csv" if path is None else str(path)
    content = _read_bytes(path).removeprefix(codecs.BOM_UTF8)
    _refuse_other_encodings(content, name)
    fields = _read_fields(content, name, progress)
    users = fields.with_columns(pl.col("quota").cast(pl.Int64, strict=False)).match_to_schema(USERS)
    _refuse_bad_rows(fields, users, content, name)
    return users


def _read_bytes(path: Path | None) -> bytes:
    if path is None:
        return files("antennactl").joinpath("data", "users.csv").read_bytes()
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"cannot read the users of {path} ({error.strerror or type(error).__name__})"
        raise UsageError(message, hint="--users names a CSV file: id,name,email,quota") from None


def _refuse_other_encodings(content: bytes, name: str) -> None:
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise _bad_line(name, line, "is not UTF-8") from None


def _read_fields(content: bytes, name: str, progress: Callable[[int, int], None]) -> pl.DataFrame:
    """Return the rows below the header, every field as text."""
    rows = _rows(content, name)
    _refuse_other_headers(content, name)
    next(rows)
    schema = dict.fromkeys(_COLUMNS, pl.String)
    chunks = [pl.DataFrame(schema=schema)]
    n_lines, done = content.count(b"\n"), 0
    while chunk := [row for _, row in islice(rows, _CHUNK_ROWS)]:
        chunks.append(pl.DataFrame(chunk, schema=schema, orient="row"))
        done += len(chunk)
        progress(done, max(done, n_lines))
    return pl.concat(chunks)


def _refuse_other_headers(content: bytes, name: str) -> None:
    wanted = ",".join(_COLUMNS)
    text = content.decode().strip()
    if not text:
        message = f"{name} is empty"
        raise UsageError(
            message, hint=f"its first line is {wanted}, a user each follows; nothing was written"
        )
    fields = [field.strip().strip('"') for field in text.splitlines()[0].split(",")]
    if fields != _COLUMNS:
        separated = " (commas separate the fields)" if len(fields) == 1 else ""
        raise _bad_line(name, 1, f"is not the header {wanted}{separated}")


def _rows(content: bytes, name: str) -> Iterator[tuple[int, list[str]]]:
    """Yield (line it starts at, fields) of every row, the header among them, empty lines left out."""
    # Not io.StringIO, which takes four bytes a character.
    lines = io.TextIOWrapper(io.BytesIO(content), encoding="utf-8", newline="")
    reader = csv.reader(lines, strict=True)
    line = 1
    try:
        for row in reader:
            if row and len(row) != len(_COLUMNS):
                raise _bad_line(name, line, f"has {len(row)} fields, not {len(_COLUMNS)}")
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise _bad_line(name, line, f"is not CSV: {error}") from None


def _refuse_bad_rows(fields: pl.DataFrame, users: pl.DataFrame, content: bytes, name: str) -> None:
    """Raise UsageError for the first row, in the file's order, whose values are not to be stored."""
    reasons = users.select(
        reason=pl.when(pl.any_horizontal(pl.col("id", "name", "email").str.contains("\0", literal=True)))
        .then(pl.lit("holds a NUL character"))
        .when(pl.col("id") == "")
        .then(pl.lit("has no id"))
        .when(pl.col("id").str.len_bytes() > MAX_TEXT_BYTES)
        .then(pl.lit(f"has an id of more than {MAX_TEXT_BYTES} bytes"))
        .when(pl.col("quota").is_null() | ~fields["quota"].str.contains(r"^[0-9]+$"))
        .then(pl.lit("has a quota that is not a whole number from 0 to 2^63 - 1"))
        .when(~pl.col("id").is_first_distinct())
        .then(pl.lit("repeats the id of line")),
    )["reason"]
    bad = reasons.is_not_null().arg_max()
    if bad is None or reasons[bad] is None:
        return
    reason = reasons[bad]
    if reason.startswith("repeats"):
        first = (users["id"] == users["id"][bad]).arg_max()
        reason = f"{reason} {_line_of(first or 0, content, name)}"
    raise _bad_line(name, _line_of(bad, content, name), reason)


def _line_of(position: int, content: bytes, name: str) -> int:
    """Return the physical line that a row starts at. Reads the file again, which only a bad one needs."""
    line, _ = next(islice(_rows(content, name), position + 1, None))
    return line


def _bad_line(name: str, line: int, reason: str) -> UsageError:
    return UsageError(f"{name}, line {line} {reason}", hint="nothing was written")
