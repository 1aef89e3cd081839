"""Lake files and a query of `queries/duckdb` in, its rows out; a file may move to its place while it is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
import polars as pl

from antennactl import sql
from antennactl.engines.session import register_frame
from antennactl.errors import NotReadyError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# A file moves once, from staging to its place; more than that, and somebody is exchanging files.
_ATTEMPTS: Final = 5


@dataclass(frozen=True)
class CensusFile:
    """A lake file: its path in the ledger and where it may stand, the likeliest place first."""

    path: str
    places: tuple[Path, ...]


def scan_files(
    session: "DuckDBPyConnection",
    name: str,
    files: Sequence[CensusFile],
    tables: Mapping[str, pl.DataFrame],
    **values: object,
) -> pl.DataFrame:
    """Run `queries/duckdb/<name>.sql` on `files` (its `$files`), with `tables` by their names; return its rows.

    It is run again when a file moved to its place while it was read. Raises duckdb.Error when a file that is there
    cannot be read, NotReadyError when one is nowhere.
    """
    for _attempt in range(_ATTEMPTS):
        paths = _locate(files)
        cursor = session.cursor()  # a failed query may leave its own cursor unusable
        try:
            for table, rows in tables.items():
                register_frame(cursor, table, rows)
            parameters = {"files": [str(path) for path in paths], **values}
            return pl.DataFrame(cursor.sql(sql.statement(f"duckdb/{name}"), params=parameters))
        except duckdb.Error:
            if all(path.exists() for path in paths):
                raise
        finally:
            cursor.close()
    raise _changed()


def name_files(rows: pl.DataFrame, files: Sequence[CensusFile]) -> pl.DataFrame:
    """Return `rows` with the `path` of the ledger in place of DuckDB's `filename`."""
    names = {str(place): file.path for file in files for place in file.places}
    return rows.with_columns(path=pl.col("filename").replace_strict(names, return_dtype=pl.String)).drop(
        "filename"
    )


def _locate(files: Sequence[CensusFile]) -> list[Path]:
    located = []
    for file in files:
        # The first place is looked at again last: the file may move there between two looks.
        place = next((place for place in (*file.places, file.places[0]) if place.exists()), None)
        if place is None:
            raise _changed()
        located.append(place)
    return located


def _changed() -> NotReadyError:
    return NotReadyError("the lake's files were exchanged while they were read", hint="run it again")
