"""Results and notices in; tables or one JSON document on stdout and plain lines on stderr out.

Text that came from outside (messages, users, file names) is shown with its control characters visible: it can
neither move the cursor of a terminal nor forge a line of its own.
"""

import json
import math
import sys
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import PurePath
from typing import Any, Final, TextIO

import polars as pl

from antennactl.settings import Settings

WIDTH: Final = 120
"""A piped table wider than this is printed as one block a row, as psql does in its expanded form."""

_GAP: Final = "  "
# Control, format (bidirectional overrides among them), surrogate, line and paragraph separators.
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SHORT_ESCAPES: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}


def print_document(document: object) -> None:
    """Print `document` as one line of JSON on stdout.

    Times become ISO 8601 with Z, durations seconds, Decimals and paths text, frames lists of objects, and
    numbers that JSON lacks null. Everything beyond ASCII is escaped: the line is the same under every locale.
    """
    _write(json.dumps(_jsonable(document), allow_nan=False, separators=(", ", ": ")) + "\n", sys.stdout)


def print_table(title: str, rows: pl.DataFrame, *, file: TextIO | None = None) -> None:
    """Print `rows` under `title`, to stdout unless told otherwise, and an empty line after them.

    On a terminal a table drawn by rich; else aligned text, one line a row, or one block a row where a line
    would pass WIDTH columns. Null is `-`, no rows is `(none)`. Nothing is cut off.
    """
    target = sys.stdout if file is None else file
    cells = [[_cell(value) for value in row] for row in rows.iter_rows()]
    if target.isatty():
        _print_rich(title, rows, cells, target)
    else:
        _write("\n".join([escape(title), *_plain_lines(rows, cells), "", ""]), target)


def print_lines(*lines: str) -> None:
    """Print lines of text on stdout, hidden characters escaped, and an empty line after them."""
    _write("\n".join([*map(escape, lines), "", ""]), sys.stdout)


def note(settings: Settings, text: str) -> None:
    """Print a progress or notice line on stderr, unless the run is quiet."""
    if not settings.quiet:
        _print_line("info", text, settings)


def warn(text: str, settings: Settings | None = None) -> None:
    """Print a warning line on stderr, quiet or not; given `settings`, in the form of --log-format."""
    _print_line("warning", text, settings)


def escape(text: str) -> str:
    """Return `text` with every character that does not print, or reorders what does, as a visible escape."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape_character(c) for c in text)


def format_time(moment: datetime) -> str:
    """Return an aware time as ISO 8601 in UTC with Z, with microseconds only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _escape_character(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN_CATEGORIES:
        return character
    code = ord(character)
    if character in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[character]
    if code < 0x100:  # noqa: PLR2004 - the last code of two hexadecimal digits
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004 - four hexadecimal digits


def _print_line(level: str, text: str, settings: Settings | None) -> None:
    if settings is not None and settings.log_format == "json":
        line = json.dumps({"time": format_time(datetime.now(UTC)), "level": level, "message": text})
    else:
        line = escape(text) if level == "info" else f"{level}: {escape(text)}"
    _write(line + "\n", sys.stderr)


def _write(text: str, file: TextIO) -> None:
    """Write and flush; what the stream's encoding lacks is escaped rather than an error."""
    encoding = getattr(file, "encoding", None) or "utf-8"
    file.write(text.encode(encoding, "backslashreplace").decode(encoding))
    file.flush()


def _jsonable(value: Any) -> Any:  # noqa: ANN401, PLR0911 - any document in, any JSON out, a line a type
    match value:
        case datetime():
            return format_time(value)
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): _jsonable(inner) for key, inner in value.items()}
        case pl.DataFrame():
            return [_jsonable(row) for row in value.iter_rows(named=True)]
        case list() | tuple() | set() | frozenset():
            return [_jsonable(inner) for inner in value]
        case float() if not math.isfinite(value):
            return None
        case None | bool() | int() | float() | str():
            return value
        case date() | Decimal() | PurePath():
            return str(value)
    message = f"no JSON form for {type(value).__name__}"
    raise TypeError(message)


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return format_time(value)
    if isinstance(value, float):
        return f"{value:.6g}"
    return escape(str(value))


def _plain_lines(rows: pl.DataFrame, cells: list[list[str]]) -> list[str]:
    if not cells:
        return ["(none)"]
    table = [rows.columns, *cells]
    widths = [max(_width(line[i]) for line in table) for i in range(rows.width)]
    if sum(widths) + len(_GAP) * (rows.width - 1) > WIDTH:
        return _block_lines(rows.columns, cells)
    right = [dtype.is_numeric() for dtype in rows.dtypes]
    rule = ["-" * width for width in widths]
    return [_aligned(line, widths, right) for line in (rows.columns, rule, *cells)]


def _aligned(line: list[str], widths: list[int], right: list[bool]) -> str:
    padded = []
    for cell, width, to_right in zip(line, widths, right, strict=True):
        space = " " * (width - _width(cell))
        padded.append(space + cell if to_right else cell + space)
    return _GAP.join(padded).rstrip()


def _block_lines(names: list[str], cells: list[list[str]]) -> list[str]:
    label = max(map(_width, names))
    lines: list[str] = []
    for number, row in enumerate(cells, 1):
        lines.append(f"- row {number}")
        named = zip(names, row, strict=True)
        lines.extend(f"  {name}{' ' * (label - _width(name))}{_GAP}{cell}" for name, cell in named)
    return lines


def _width(text: str) -> int:
    """Return how many terminal columns `text` takes: wide East Asian characters two, combining marks none."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.combining(c) > 0 for c in text)


def _print_rich(title: str, rows: pl.DataFrame, cells: list[list[str]], file: TextIO) -> None:
    # rich takes 50 ms to import and only a terminal shows what it adds.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    # Text, never str: rich would read `[red]` in a str as its own markup.
    table = Table(title=Text(escape(title), style="bold"), title_justify="left", show_edge=False)
    for name, dtype in rows.schema.items():
        table.add_column(Text(name), justify="right" if dtype.is_numeric() else "left", overflow="fold")
    for row in cells:
        table.add_row(*map(Text, row))
    console = Console(file=file)
    console.print(table if cells else Text(f"{escape(title)}: (none)"))
    console.print()
