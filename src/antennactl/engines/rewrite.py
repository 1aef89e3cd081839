"""Parquet files of an hour in, one sorted file with the same rows out: sorted by DuckDB, beyond memory if need be."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import polars as pl

from antennactl import sql
from antennactl.engines.session import open_session, read_frame
from antennactl.errors import InconsistentError, StorageUnavailableError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


def rewrite_sorted(files: Sequence[Path], target: Path) -> tuple[int, int]:
    """Write all rows of `files` into the new file `target`, by user and time; return its rows and its sum of bytes.

    Columns and types are those of LAKE. What was written is read back: rows, bytes, first and last offset of each
    partition and a checksum of all columns are those of `files`. What does not fit into memory spills to the folder
    of `target`. Raises InconsistentError when a file cannot be read or the rows differ, StorageUnavailableError when
    the file cannot be written.
    """
    folders = sorted({target.parent, *(file.parent for file in files)})
    with open_session(folders, spill_in=target.parent) as session:
        wanted = _read_facts(session, files)
        try:
            session.execute(
                sql.statement("duckdb/sort_hour"),
                {"files": [str(file) for file in files], "target": str(target)},
            )
        except (duckdb.IOException, duckdb.OutOfMemoryException) as error:
            message = f"cannot write {target} ({type(error).__name__})"
            raise StorageUnavailableError(message, hint="is there space for the hour once more?") from error
        found = _read_facts(session, [target])
    if not found.equals(wanted):
        message = f"{target} does not hold what it was made from; nothing was changed"
        raise InconsistentError(message)
    return int(found["n_rows"].sum()), int(found["sum_bytes"].sum())


def _read_facts(session: "DuckDBPyConnection", files: Sequence[Path]) -> pl.DataFrame:
    try:
        facts = session.sql(
            sql.statement("duckdb/hour_facts"), params={"files": [str(file) for file in files]}
        )
        return read_frame(facts)
    except duckdb.Error as error:
        message = f"the files of {files[0].parent} cannot be read ({type(error).__name__})"
        raise InconsistentError(message, hint="find every difference with: antennactl verify") from error
