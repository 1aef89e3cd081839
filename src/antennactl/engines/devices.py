"""Parquet files of an hour in, the view `devices` over them out, after the files were found sound."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb
import polars as pl

from antennactl.engines.session import register_frame
from antennactl.errors import FileNotReachableError, InconsistentError
from antennactl.rules.hours import HOUR
from antennactl.schemas import EVENTS, LAKE

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_LAKE_TYPES: Final = {
    "timestamp": "TIMESTAMP WITH TIME ZONE",
    "id": "VARCHAR",
    "antenna_id": "VARCHAR",
    "bytes": "BIGINT",
    "app": "VARCHAR",
    "topic_id": "VARCHAR",
    "kafka_partition": "INTEGER",
    "kafka_offset": "BIGINT",
}
FOREIGN_COLUMNS: Final = ("timestamp", "id", "antenna_id", "bytes", "app")
WHOLE: Final = " AND ".join(f"{name} IS NOT NULL" for name in FOREIGN_COLUMNS)
# Past this many seconds DuckDB has no time: what is written there are no seconds.
MAX_SECONDS: Final = 9_000_000_000_000
_VERIFY: Final = "find every difference with: antennactl verify"
_INTEGERS: Final = frozenset(
    f"{sign}{size}" for sign in ("", "U") for size in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT")
)


@dataclass(frozen=True)
class LedgerFile:
    """One file of the lake: where it is, and what the ledger says it holds."""

    path: Path
    n_rows: int
    sum_bytes: int


@dataclass(frozen=True)
class Counted:
    """What `devices` holds, and how many rows of the files it leaves out."""

    n_rows: int
    sum_bytes: int
    n_outside: int = 0  # of another hour
    n_incomplete: int = 0  # without a time, a key or bytes


def show_devices(session: "DuckDBPyConnection", files: Sequence[LedgerFile]) -> Counted:
    """Make `devices` from files that the ledger knows, and return what it holds.

    Raises InconsistentError, naming a file, when one is broken, or holds other rows, bytes or columns than
    the ledger says; FileNotReachableError when one is gone.
    """
    if not files:
        register_frame(session, "devices", pl.DataFrame(schema=LAKE))
        return Counted(0, 0)
    require_footers(session, files)
    _read(session, [file.path for file in files]).create_view("devices")
    try:
        n_rows, sum_bytes = _count(session, "devices")
    except duckdb.Error as error:
        raise explain(session, [file.path for file in files], error) from error
    if (n_rows, sum_bytes) != (sum(file.n_rows for file in files), sum(file.sum_bytes for file in files)):
        raise _different(session, files)
    return Counted(n_rows, sum_bytes)


def show_foreign_devices(session: "DuckDBPyConnection", files: Sequence[Path], hour: datetime) -> Counted:
    """Make `devices` from files of another writer: the rows of the hour that have a time, all keys and bytes.

    `timestamp` may be a time of any unit (without a zone it counts as UTC, as Spark writes it) or whole
    seconds since 1970; `bytes` any integer; the order of columns is free and others are passed over. Raises
    InconsistentError, naming a file, when one is broken or lacks a column, or when all rows lie in other
    hours.
    """
    if not files:
        schema = {name: EVENTS[name] for name in FOREIGN_COLUMNS}
        register_frame(session, "devices", pl.DataFrame(schema=schema))
        return Counted(0, 0)
    selects = []
    for number, (columns, paths) in enumerate(group_foreign_files(session, files)):
        _read(session, paths).create_view(f"files_{number}")
        selects.append(_foreign_select(f"files_{number}", columns))
    first, after = (round(moment.timestamp()) * 1_000_000 for moment in (hour, hour + HOUR))
    inside = f"timestamp >= make_timestamptz({first}) AND timestamp < make_timestamptz({after})"
    session.execute(f"CREATE VIEW every_row AS {' UNION ALL '.join(selects)}")
    session.execute(f"CREATE VIEW devices AS SELECT * FROM every_row WHERE {inside} AND {WHOLE}")  # noqa: S608
    try:
        return _count_foreign(session)
    except duckdb.Error as error:
        raise explain(session, files, error) from error


def group_foreign_files(
    session: "DuckDBPyConnection", files: Sequence[Path]
) -> list[tuple[dict[str, str], list[Path]]]:
    """Return the files by their columns and types, which are those of a device event or can be read as such.

    Raises InconsistentError naming a file that is broken or lacks a column, FileNotReachableError one that is gone.
    """
    alike: defaultdict[tuple[tuple[str, str], ...], list[Path]] = defaultdict(list)
    for path in files:
        alike[tuple(sorted(_columns(session, path).items()))].append(path)
    groups = [(dict(columns), paths) for columns, paths in alike.items()]
    for columns, paths in groups:
        _require_event(columns, paths[0])
    return groups


def explain(session: "DuckDBPyConnection", files: Sequence[Path], error: duckdb.Error) -> Exception:
    """Return InconsistentError or FileNotReachableError for the first unreadable file, else `error`."""
    fresh = session.cursor()  # the session may be left in the middle of a result
    for path in files:
        if not path.is_file():
            return gone(path)
        try:
            _read(fresh, [path]).create_view("suspect", replace=True)
            fresh.execute("SELECT bit_xor(hash(suspect)) FROM suspect").fetchall()
        except duckdb.Error:
            return broken(path)
    return error


def require_footers(session: "DuckDBPyConnection", files: Sequence[LedgerFile]) -> None:
    """Raise InconsistentError or FileNotReachableError unless the files have LAKE's columns and the ledger's rows."""
    for file in files:
        columns = _columns(session, file.path)
        if columns != _LAKE_TYPES:
            message = (
                f"{file.path} has columns {', '.join(f'{name} {kind}' for name, kind in columns.items())}"
            )
            raise InconsistentError(message, hint=_VERIFY)
    footers = session.execute(
        "SELECT file_name, num_rows FROM parquet_file_metadata($paths)",
        {"paths": [str(file.path) for file in files]},
    )
    n_rows = dict(footers.fetchall())
    for file in files:
        if n_rows.get(str(file.path)) != file.n_rows:
            message = f"{file.path} holds {n_rows.get(str(file.path))} rows, the ledger says {file.n_rows}"
            raise InconsistentError(message, hint=_VERIFY)


def _columns(session: "DuckDBPyConnection", path: Path) -> dict[str, str]:
    try:
        relation = _read(session, [path])
    except duckdb.Error as error:
        raise (broken(path) if path.is_file() else gone(path)) from error
    return dict(zip(relation.columns, map(str, relation.types), strict=True))


def _read(session: "DuckDBPyConnection", paths: Sequence[Path]) -> "duckdb.DuckDBPyRelation":
    # The folders' names hold no columns: DuckDB would read hour=07 as text, and they may disagree between
    # writers.
    return session.read_parquet([str(path) for path in paths], hive_partitioning=False)


def _count(session: "DuckDBPyConnection", view: str) -> tuple[int, int]:
    counts = f"SELECT count(*), coalesce(sum(bytes), 0)::BIGINT FROM {view}"  # noqa: S608 - a name of our own
    rows = session.execute(counts).fetchall()
    n_rows, sum_bytes = rows[0]
    return n_rows, sum_bytes


def _different(session: "DuckDBPyConnection", files: Sequence[LedgerFile]) -> InconsistentError:
    for file in files:
        _read(session, [file.path]).create_view("suspect", replace=True)
        n_rows, sum_bytes = _count(session, "suspect")
        if (n_rows, sum_bytes) != (file.n_rows, file.sum_bytes):
            return differing(file, n_rows, sum_bytes)
    return changed_meanwhile()


def _require_event(columns: dict[str, str], example: Path) -> None:
    for name in FOREIGN_COLUMNS:
        kind = columns.get(name, "")
        whole = kind in _INTEGERS
        fits = {"timestamp": whole or kind.startswith("TIMESTAMP"), "bytes": whole}.get(
            name, kind == "VARCHAR"
        )
        if not fits:
            message = f"{example}: column {name} is {kind or 'missing'}"
            raise InconsistentError(message, hint=f"a device event has {', '.join(FOREIGN_COLUMNS)}")


def is_seconds(columns: Mapping[str, str]) -> bool:
    """Say whether the files' timestamp is a number of seconds."""
    return columns["timestamp"] in _INTEGERS


def _foreign_select(view: str, columns: Mapping[str, str]) -> str:
    time = "timestamp::TIMESTAMPTZ"
    if is_seconds(columns):
        time = f"CASE WHEN timestamp BETWEEN 0 AND {MAX_SECONDS} THEN to_timestamp(timestamp) END"
    return f"SELECT {time} AS timestamp, id, antenna_id, bytes::BIGINT AS bytes, app FROM {view}"  # noqa: S608


def _count_foreign(session: "DuckDBPyConnection") -> Counted:
    n_rows, sum_bytes = _count(session, "devices")
    lacking = f"count(*) FILTER (NOT ({WHOLE}))"
    rows = session.execute(
        f"SELECT count(*), {lacking}, min(timestamp)::VARCHAR, max(timestamp)::VARCHAR FROM every_row",  # noqa: S608
    ).fetchall()
    n_all, n_incomplete, first, last = rows[0]
    n_outside = n_all - n_incomplete - n_rows
    if n_outside and not n_rows:
        raise all_outside(n_all, first, last)
    return Counted(n_rows, sum_bytes, n_outside, n_incomplete)


def all_outside(n_rows: int, first: object, last: object) -> InconsistentError:
    """Return the error of a folder whose rows, from `first` to `last`, all lie in other hours."""
    return InconsistentError(
        f"none of the {n_rows} rows in the hour's folder lies in the hour: {first} to {last}",
        hint="the folder has to be named in UTC; whole numbers are seconds",
    )


def differing(file: LedgerFile, n_rows: int, sum_bytes: int | None) -> InconsistentError:
    """Return the error of a file that holds other rows than the ledger says."""
    return InconsistentError(
        f"{file.path} holds {n_rows} rows and {sum_bytes} bytes of traffic, "
        f"the ledger says {file.n_rows} and {file.sum_bytes}",
        hint=_VERIFY,
    )


def changed_meanwhile() -> InconsistentError:
    """Return the error of files that were other ones a moment ago."""
    return InconsistentError(
        "the lake changed while it was read", hint="run it again; then: antennactl verify"
    )


def gone(path: Path) -> FileNotReachableError:
    """Return the error of a file that is not there."""
    return FileNotReachableError(f"{path} is not there", hint="is --lake the lake that the stream writes to?")


def broken(path: Path) -> InconsistentError:
    """Return the error of a file that cannot be read."""
    return InconsistentError(f"{path} is no sound Parquet file", hint=_VERIFY)
