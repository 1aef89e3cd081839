"""Lake files and a query of `queries/duckdb` in, its rows out; a file may move to its place while it is read."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
import polars as pl

from antennactl import sql
from antennactl.engines.session import read_frame, register_frame
from antennactl.errors import NotReadyError, StorageUnavailableError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A file moves once, from staging to its place; more than that, and somebody is exchanging files.
_ATTEMPTS: Final = 5


Bring = Callable[[Sequence[Sequence[Path]]], list[Path | None]]
"""Where files stand in, where this host's engines can read them out; see `lake.files.Files.bring`."""


@dataclass(frozen=True)
class Source:
    """A session that may read files, and what brings them to where it may."""

    session: "DuckDBPyConnection"
    bring: Bring


@dataclass(frozen=True)
class CensusFile:
    """A lake file: its path in the ledger and where it may stand, the likeliest place first."""

    path: str
    places: tuple[Path, ...]


def scan_files(
    source: "Source",
    name: str,
    files: Sequence[CensusFile],
    tables: Mapping[str, pl.DataFrame],
    **values: object,
) -> pl.DataFrame:
    """Run `queries/duckdb/<name>.sql` on `files` (its `$files`), with `tables` by their names; return its rows.

    DuckDB's `filename` comes back as the ledger's `path`. It is run again when a file moved to its place while it was
    read. Raises duckdb.Error when a file that is there cannot be read, NotReadyError when one is nowhere,
    StorageUnavailableError when the lake's store does not answer.
    """
    for _attempt in range(_ATTEMPTS):
        paths = _locate(source, files)
        cursor = source.session.cursor()  # a failed query may leave its own cursor unusable
        try:
            for table, rows in tables.items():
                register_frame(cursor, table, rows)
            parameters = {"files": [str(path) for path in paths], **values}
            rows = read_frame(cursor.sql(sql.statement(f"duckdb/{name}"), params=parameters))
            return _name_files(rows, files, paths) if "filename" in rows.columns else rows
        except duckdb.Error:
            if all(path.exists() for path in paths):
                raise
        finally:
            cursor.close()
    raise _changed()


def _name_files(rows: pl.DataFrame, files: Sequence[CensusFile], paths: Sequence[Path]) -> pl.DataFrame:
    names = {str(path): file.path for file, path in zip(files, paths, strict=True)}
    return rows.with_columns(path=pl.col("filename").replace_strict(names, return_dtype=pl.String)).drop(
        "filename"
    )


def _locate(source: "Source", files: Sequence[CensusFile]) -> list[Path]:
    located = []
    try:
        found = source.bring([file.places for file in files])
    except OSError as error:
        message = f"the lake's files cannot be read: {error.strerror or type(error).__name__}"
        raise StorageUnavailableError(message) from error
    for place in found:
        if place is None:
            raise _changed()
        located.append(place)
    return located


def _changed() -> NotReadyError:
    return NotReadyError("the lake's files were exchanged while they were read", hint="run it again")
