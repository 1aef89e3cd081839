"""Parquet files of an hour in, Spark's view `devices` over them out, after the files were found sound.

What stands in the footers is read here, by DuckDB; rows are read by Spark's workers, which have to reach the same files
under the same path.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import pyarrow as pa
from pyspark.errors import PySparkException

from antennactl.engines.devices import (
    MAX_SECONDS,
    WHOLE,
    Counted,
    LedgerFile,
    all_outside,
    broken,
    changed_meanwhile,
    differing,
    group_foreign_files,
    is_seconds,
    require_footers,
)
from antennactl.engines.session import open_session
from antennactl.engines.spark.places import Locate, as_pattern, bare, on_disk
from antennactl.errors import AntennactlError, FileNotReachableError
from antennactl.rules.hours import HOUR

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection
    from pyspark.sql import DataFrame
    from pyspark.sql.connect.session import SparkSession

_EVENT: Final = {
    "timestamp": "TIMESTAMP",
    "id": "STRING",
    "antenna_id": "STRING",
    "bytes": "BIGINT",
    "app": "STRING",
}
_LAKE: Final = {**_EVENT, "topic_id": "STRING", "kafka_partition": "INT", "kafka_offset": "BIGINT"}
_NOT_THERE: Final = ("PATH_NOT_FOUND", "FAILED_READ_FILE.FILE_NOT_EXIST")
_MAX_BIGINT: Final = 2**63 - 1
# A decimal has room for every sum, and is slow: one look at all rows is enough of it.
_EXACT_SUM: Final = "coalesce(sum(CAST(bytes AS DECIMAL(20, 0))), 0)"


def show_devices(session: "SparkSession", files: Sequence[LedgerFile], locate: Locate = on_disk) -> Counted:
    """Make `devices` from files that the ledger knows, and return what it holds; raises as DuckDB's does."""
    if not files:
        _show_nothing(session, _LAKE)
        return Counted(0, 0)
    paths = [file.path for file in files]
    with open_session(_folders(paths)) as footers:
        require_footers(footers, files)
    _read(session, paths, locate, _LAKE).createOrReplaceTempView("devices")
    counts = f"SELECT count(*), {_EXACT_SUM} FROM devices"  # noqa: S608 - names of our own
    n_rows, sum_bytes = _tuples(session.sql(counts).toArrow())[0]
    if (n_rows, sum_bytes) != (sum(file.n_rows for file in files), sum(file.sum_bytes for file in files)):
        raise _different(session, files, locate)
    return Counted(n_rows, int(sum_bytes))


def show_foreign_devices(
    session: "SparkSession", files: Sequence[Path], hour: datetime, locate: Locate = on_disk
) -> Counted:
    """Make `devices` from files of another writer, as DuckDB's does, and return what it holds."""
    if not files:
        _show_nothing(session, _EVENT)
        return Counted(0, 0)
    with open_session(_folders(files)) as footers:
        groups = [
            (columns, alike)
            for columns, paths in group_foreign_files(footers, files)
            for alike in _split_by_storage(footers, paths)
        ]
    selects = []
    for number, (columns, paths) in enumerate(groups):
        _read(session, paths, locate).createOrReplaceTempView(f"files_{number}")
        selects.append(_foreign_select(f"files_{number}", columns))
    first, after = (round(moment.timestamp()) for moment in (hour, hour + HOUR))
    inside = f"timestamp >= timestamp_seconds({first}) AND timestamp < timestamp_seconds({after})"
    session.sql(" UNION ALL ".join(selects)).createOrReplaceTempView("every_row")
    session.sql(f"SELECT * FROM every_row WHERE {inside} AND {WHOLE}").createOrReplaceTempView("devices")  # noqa: S608
    return _count_foreign(session, inside)


def explain(
    paths: Sequence[Path], error: PySparkException, locate: Locate = on_disk
) -> AntennactlError | None:
    """Return the error of the file that Spark could not read, None when it failed at something else."""
    condition, text = error.getCondition() or "", str(error)
    if condition in _NOT_THERE or "FILE_NOT_EXIST" in text:
        path = _named(paths, text, locate)
        message = f"Spark cannot find {path or 'a file of the lake'}"
        hint = "its server and workers have to reach the lake under the same path as this command"
        return FileNotReachableError(message, hint=hint)
    if condition.startswith(("FAILED_READ_FILE", "CANNOT_READ_FILE_FOOTER")) or "FAILED_READ_FILE" in text:
        path = _named(paths, text, locate)
        return broken(path) if path else None
    return None


def _read(
    session: "SparkSession", paths: Sequence[Path], locate: Locate, schema: Mapping[str, str] | None = None
) -> "DataFrame":
    reader = session.read.format("parquet")
    if schema:
        reader = reader.schema(", ".join(f"{name} {kind}" for name, kind in schema.items()))
    return reader.load([as_pattern(locate(path)) for path in paths])


def _folders(paths: Sequence[Path]) -> list[Path]:
    return sorted({path.parent for path in paths})


def _show_nothing(session: "SparkSession", columns: Mapping[str, str]) -> None:
    nulls = ", ".join(f"CAST(NULL AS {kind}) AS {name}" for name, kind in columns.items())
    session.sql(f"SELECT {nulls} LIMIT 0").createOrReplaceTempView("devices")


def _different(session: "SparkSession", files: Sequence[LedgerFile], locate: Locate) -> AntennactlError:
    """Return the error that names the file in which the workers find other rows than the ledger says."""
    frame = _read(session, [file.path for file in files], locate, _LAKE)
    frame.selectExpr("_metadata.file_path", "bytes").createOrReplaceTempView("suspects")
    counts = f"SELECT file_path, count(*), {_EXACT_SUM} FROM suspects GROUP BY file_path"  # noqa: S608
    rows = session.sql(counts).toArrow()
    found = {unquote(url): (n_rows, int(sum_bytes)) for url, n_rows, sum_bytes in _tuples(rows)}
    for file in files:
        held = next((held for url, held in found.items() if url.endswith(bare(locate(file.path)))), (0, 0))
        if held != (file.n_rows, file.sum_bytes):
            return differing(file, *held)
    return changed_meanwhile()


def _split_by_storage(footers: "DuckDBPyConnection", paths: Sequence[Path]) -> list[list[Path]]:
    """Return the files by how their times are stored: Spark has two types for what is one to DuckDB."""
    stored = "SELECT file_name, type FROM parquet_schema($paths) WHERE name = 'timestamp'"
    types = dict(footers.execute(stored, {"paths": [str(path) for path in paths]}).fetchall())
    alike: defaultdict[object, list[Path]] = defaultdict(list)
    for path in paths:
        alike[types.get(str(path))].append(path)
    return list(alike.values())


def _tuples(table: pa.Table) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in table.to_pylist()]


def _named(paths: Sequence[Path], text: str, locate: Locate) -> Path | None:
    spoken = unquote(text)
    return next((path for path in paths if bare(locate(path)) in spoken), None)


def _foreign_select(view: str, columns: Mapping[str, str]) -> str:
    kind = columns["timestamp"]
    time = "CAST(timestamp AS TIMESTAMP)"
    if is_seconds(columns):
        time = f"CASE WHEN timestamp BETWEEN 0 AND {MAX_SECONDS} THEN timestamp_seconds(timestamp) END"
    elif kind.endswith("_NS"):
        # Spark has no nanoseconds: they come as a number, to be rounded as DuckDB does.
        time = "timestamp_micros(CAST(round(timestamp / 1000BD) AS BIGINT))"
    return f"SELECT {time} AS timestamp, id, antenna_id, CAST(bytes AS BIGINT) AS bytes, app FROM {view}"  # noqa: S608


def _count_foreign(session: "SparkSession", inside: str) -> Counted:
    counts = (
        f"SELECT count(*), count_if(NOT ({WHOLE})), count_if({WHOLE} AND {inside}), "  # noqa: S608
        f"coalesce(sum(CASE WHEN {WHOLE} AND {inside} THEN CAST(bytes AS DECIMAL(20, 0)) END), 0), "
        "CAST(min(timestamp) AS STRING) || '+00', CAST(max(timestamp) AS STRING) || '+00' FROM every_row"
    )
    n_all, n_incomplete, n_rows, sum_bytes, first, last = _tuples(session.sql(counts).toArrow())[0]
    n_outside = n_all - n_incomplete - n_rows
    if n_outside and not n_rows:
        raise all_outside(n_all, first, last)
    return Counted(n_rows, int(sum_bytes), n_outside, n_incomplete)
