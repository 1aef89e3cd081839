"""Folders in, a DuckDB session out that can read the files in them and nothing else."""

import contextlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import duckdb
import polars as pl

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

# An hour of 50 M rows and 1 M users needs 500 MB; beyond the limit DuckDB goes on through temporary files.
_MEMORY_LIMIT_BYTES: Final = 2 * 2**30
_MEMORY_SHARE: Final = 0.5


@contextlib.contextmanager
def open_session(folders: Sequence[Path], spill_in: Path | None = None) -> Iterator["DuckDBPyConnection"]:
    """Open an empty in-memory database that reads files below `folders` alone, in UTC on every machine.

    No network, no other files, no extensions from outside, no Python variables, and no setting can be
    changed in it. Files that hold what does not fit into memory go to the folder `spill_in`, or the system's
    temporary one, and with the session.
    """
    with tempfile.TemporaryDirectory(prefix="antennactl-", dir=spill_in) as spill:
        config: dict[str, Any] = {
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "python_enable_replacements": False,
            "memory_limit": f"{_memory_limit() // 2**20}MiB",
            "temp_directory": spill,
        }
        with contextlib.closing(duckdb.connect(":memory:", config=config)) as session:
            session.execute("SET TimeZone = 'UTC'")
            # The order matters: each of these closes a door that the ones before still need.
            session.execute(
                f"SET allowed_directories = [{', '.join(_quote(str(folder)) for folder in folders)}]"
            )
            session.execute("SET enable_external_access = false")
            session.execute("SET lock_configuration = true")
            yield session


def register_frame(session: "DuckDBPyConnection", name: str, rows: pl.DataFrame) -> None:
    """Make `rows` readable as table `name`, without a copy."""
    session.register(name, _ArrowStream(rows))


def read_frame(relation: "DuckDBPyRelation") -> pl.DataFrame:
    """Return the rows of a relation, which is run for them. Raises duckdb.Error."""
    return pl.DataFrame(_ArrowStream(relation))


class _ArrowStream:
    """Rows as their Arrow stream and no more, whoever reads them.

    DuckDB would take a Polars frame through pyarrow. Polars, where numpy is installed, would remember the type of
    DuckDB's relation beyond the end of the interpreter, which DuckDB then complains of at length on stderr.
    """

    def __init__(self, rows: "pl.DataFrame | DuckDBPyRelation") -> None:
        self._rows = rows

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self._rows.__arrow_c_stream__(requested_schema)


def _memory_limit() -> int:
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return min(_MEMORY_LIMIT_BYTES, int(physical * _MEMORY_SHARE))


def _quote(text: str) -> str:
    # SET takes no bound parameters.
    return "'" + text.replace("'", "''") + "'"
