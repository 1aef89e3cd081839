"""Dead letters in, JSON lines out; and such lines with corrected payloads in, letters to replay out."""

import base64
import binascii
import contextlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TextIO

import polars as pl

from antennactl.errors import StorageUnavailableError, UsageError
from antennactl.ledger.connection import Database
from antennactl.ledger.dead_letters import IDENTITY, LETTERS, PAGE_BYTES, PAGE_ROWS, read_named_letters
from antennactl.observe.output import format_time

_MAX_PARTITION: Final = 2**31 - 1
_MAX_OFFSET: Final = 2**63 - 1


@dataclass(frozen=True)
class CorrectedLine:
    """One line of a --fixed file: which message, and its payload as each of two keys gives it."""

    number: int
    topic_id: str
    kafka_partition: int
    kafka_offset: int
    payload: bytes | None
    text: bytes | None

    @property
    def identity(self) -> tuple[str, int, int]:
        """The message's identity, in the order of IDENTITY."""
        return self.topic_id, self.kafka_partition, self.kafka_offset

    def choose_payload(self, stored: bytes | None) -> bytes | None:
        """Return the payload to replay: what differs from the stored one, which an export wrote under both keys.

        Raises UsageError when both differ from it and from each other.
        """
        changed = {given for given in (self.payload, self.text) if given is not None} - {stored}
        if len(changed) > 1:
            message = f"line {self.number}: payload and text were both changed, and differ"
            raise UsageError(message, hint="leave one of the two keys out")
        return changed.pop() if changed else stored


def letter_document(letter: dict[str, Any]) -> dict[str, object]:
    """Return one row of LETTERS in the form of the export: the payload in base64, and as text where it is UTF-8."""
    payload = letter["payload"]
    return {
        "topic": letter["topic"],
        "topic_id": letter["topic_id"],
        "partition": letter["kafka_partition"],
        "offset": letter["kafka_offset"],
        "reason": letter["reason"],
        "detail": letter["detail"],
        "rejected_at": format_time(letter["rejected_at"]),
        "replayed_at": letter["replayed_at"] and format_time(letter["replayed_at"]),
        "payload_bytes": letter["payload_bytes"],
        "payload": None if payload is None else base64.b64encode(payload).decode("ascii"),
        "text": None if payload is None else decode_utf8(payload),
    }


def decode_utf8(payload: bytes) -> str | None:
    """Return the text of a payload, None where it is not UTF-8."""
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return None


def write_lines(target: str, pages: Iterable[pl.DataFrame]) -> int:
    """Write a line a letter to the new file `target`, or to stdout (`-`), and return how many there were.

    The file is its owner's alone, as payloads may be anybody's data, and appears only when it is complete. Raises
    UsageError when it is there already: it may hold corrections. Raises StorageUnavailableError when it cannot be
    written.
    """
    if target == "-":
        return _write_to(sys.stdout, pages)
    path = Path(target)
    if path.exists():
        message = f"{path} is there already"
        raise UsageError(message, hint="it may hold corrections: give another name, or remove it")
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            n_lines = _write_to(file, pages)
        part.rename(path)
    except OSError as error:
        message = f"cannot write {path}: {error.strerror}"
        if isinstance(error, (FileNotFoundError, NotADirectoryError, PermissionError)):
            raise UsageError(message, hint="--export names a new file in a folder that is there") from error
        raise StorageUnavailableError(message) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink()
    return n_lines


def read_corrected_pages(path: Path, database: Database) -> Iterator[pl.DataFrame]:
    """Yield LETTERS with the payloads of a --fixed file in place of the stored ones, a bounded page at a time.

    The whole file is checked before the first page: raises UsageError, which names the line, when one is not in the
    form of the export, names a message twice or one that was never rejected.
    """
    seen: set[tuple[str, int, int]] = set()
    for lines in _read_chunks(path):
        for line in lines:
            if line.identity in seen:
                message = f"{path} line {line.number}: the message stands in it twice"
                raise UsageError(message)
            seen.add(line.identity)
        _join_letters(path, database, lines)
    for lines in _read_chunks(path):
        yield _join_letters(path, database, lines)


def parse_line(text: str, number: int) -> CorrectedLine:
    """Return one line of a --fixed file. Raises ValueError, which says what is wrong and quotes nothing."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        message = "not JSON"
        raise ValueError(message) from None
    if not isinstance(found, dict):
        message = "not a JSON object"
        raise ValueError(message)  # noqa: TRY004 - bad content, not a caller's mistake
    if not isinstance(found.get("topic_id"), str):
        message = "topic_id is not text"
        raise ValueError(message)  # noqa: TRY004 - the same
    return CorrectedLine(
        number,
        found["topic_id"],
        _take_number(found, "partition", _MAX_PARTITION),
        _take_number(found, "offset", _MAX_OFFSET),
        _take_base64(found),
        _take_text(found),
    )


def _write_to(file: TextIO, pages: Iterable[pl.DataFrame]) -> int:
    n_lines = 0
    for page in pages:
        # ASCII alone, whatever the locale: json escapes the rest.
        file.writelines(json.dumps(letter_document(row)) + "\n" for row in page.iter_rows(named=True))
        n_lines += page.height
    file.flush()
    return n_lines


def _read_chunks(path: Path) -> Iterator[list[CorrectedLine]]:
    lines: list[CorrectedLine] = []
    n_bytes = 0
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            for number, text in enumerate(file, 1):
                if not text.strip():
                    continue
                lines.append(parse_line(text, number))
                n_bytes += len(text)
                if len(lines) == PAGE_ROWS or n_bytes > PAGE_BYTES:
                    yield lines
                    lines, n_bytes = [], 0
    except OSError as error:
        message = f"cannot read {path}: {error.strerror}"
        raise UsageError(message) from error
    except UnicodeDecodeError:
        message = f"{path} is not UTF-8 text"
        raise UsageError(message) from None
    except ValueError as error:
        message = f"{path} line {number}: {error}"
        raise UsageError(message, hint="a line has the form that --export writes") from None
    if lines:
        yield lines


def _join_letters(path: Path, database: Database, lines: list[CorrectedLine]) -> pl.DataFrame:
    schema = {name: LETTERS[name] for name in IDENTITY}
    identities = pl.DataFrame([line.identity for line in lines], schema=schema, orient="row")
    with database.transaction() as tx:
        letters = read_named_letters(tx, identities)
    stored = dict(zip(letters.select(IDENTITY).rows(), letters["payload"], strict=True))
    payloads: dict[tuple[str, int, int], bytes | None] = {}
    for line in lines:
        if line.identity not in stored:
            message = f"{path} line {line.number}: no such message was rejected"
            raise UsageError(message, hint="is the file of another database?")
        payloads[line.identity] = line.choose_payload(stored[line.identity])
    chosen = pl.Series([payloads[identity] for identity in stored], dtype=pl.Binary)
    is_new = chosen.ne_missing(letters["payload"])
    full = pl.when(is_new).then(chosen.bin.size().cast(pl.Int64)).otherwise("payload_bytes")
    return letters.with_columns(payload=chosen, payload_bytes=full)


def _take_number(found: dict[str, Any], key: str, most: int) -> int:
    value = found.get(key)
    if type(value) is not int or not 0 <= value <= most:
        message = f"{key} is not a number of Kafka's"
        raise ValueError(message)
    return value


def _take_base64(found: dict[str, Any]) -> bytes | None:
    value = found.get("payload")
    if value is None:
        return None
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        message = "payload is not base64"
        raise ValueError(message) from None


def _take_text(found: dict[str, Any]) -> bytes | None:
    value = found.get("text")
    if value is None:
        return None
    try:
        return str.encode(value, "utf-8")
    except (TypeError, UnicodeEncodeError):
        message = "text is not Unicode text"
        raise ValueError(message) from None
