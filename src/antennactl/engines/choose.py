"""The name of an engine in, the engine out; Spark's client is imported here, and only when it was asked for."""

from collections.abc import Mapping
from pathlib import Path

from antennactl.engines.engine import Engine
from antennactl.engines.hour import DuckDBEngine
from antennactl.engines.queries import HourQuery
from antennactl.errors import UsageError


def choose_engine(
    name: str,
    spark_remote: str | None,
    queries: Mapping[str, HourQuery],
    store: tuple[Path, str] | None = None,
) -> Engine:
    """Return the engine `duckdb` or `spark` for these queries; nothing is connected to yet.

    `store`: the files are copies below that folder of what is at that URL, where Spark's workers read them.

    Raises UsageError when Spark's address or its extra is missing, or a query has no equal in Spark.
    """
    if name == "duckdb":
        if spark_remote:
            message = "--spark-remote is for --engine spark"
            raise UsageError(message)
        return DuckDBEngine(queries)
    if not spark_remote:
        message = "--engine spark needs --spark-remote"
        raise UsageError(message, hint="the address of a Spark Connect server, such as sc://localhost:15002")
    try:
        from antennactl.engines.spark.hour import SparkEngine
        from antennactl.engines.spark.places import in_store, on_disk
    except ImportError as error:
        message = (
            f"--engine spark needs {error.name or 'a package'}, which is not there, or in another version"
        )
        raise UsageError(message, hint="pip install 'antennactl[spark]'") from error
    return SparkEngine(spark_remote, queries, in_store(*store) if store else on_disk)
