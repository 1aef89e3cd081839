"""The address of a Spark Connect server in, a session in UTC out; failures of Spark become the project's errors."""

import contextlib
import warnings
from collections.abc import Iterator
from typing import Final

import grpc
from pyspark.errors import PySparkException
from pyspark.errors.exceptions.connect import SparkConnectGrpcException
from pyspark.sql.connect.client import DefaultChannelBuilder
from pyspark.sql.connect.client.retries import DefaultPolicy
from pyspark.sql.connect.session import SparkSession

from antennactl.errors import AntennactlError, SparkUnavailableError, UsageError

_CONNECT_TIMEOUT_S: Final = 10
# A quarter of a minute in all; Spark's own policy asks again for ten minutes.
_MAX_RETRIES: Final = 6
_MAX_WAIT_MS: Final = 5_000
_AWAY: Final = frozenset({grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED})
_REFUSED: Final = frozenset({grpc.StatusCode.UNAUTHENTICATED, grpc.StatusCode.PERMISSION_DENIED})
_MAX_TEXT: Final = 300

# What a cluster may have set otherwise, and what would then give other rows than DuckDB, or none and no error.
_SETTINGS: Final = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.timestampType": "TIMESTAMP_LTZ",
    "spark.sql.files.ignoreCorruptFiles": "false",
    "spark.sql.files.ignoreMissingFiles": "false",
    "spark.sql.parquet.binaryAsString": "false",
    "spark.sql.parquet.int96AsTimestamp": "true",
    "spark.sql.parquet.inferTimestampNTZ.enabled": "true",
    "spark.sql.parquet.mergeSchema": "false",
    "spark.sql.parquet.datetimeRebaseModeInRead": "CORRECTED",
    "spark.sql.parquet.int96RebaseModeInRead": "CORRECTED",
    "spark.sql.legacy.parquet.nanosAsLong": "true",
}


def connect(address: str) -> SparkSession:
    """Return a session of its own on the server, in UTC, with the semantics of ANSI.

    Raises UsageError when `address` is none, SparkUnavailableError when nobody answers there within seconds.
    """
    try:
        builder = DefaultChannelBuilder(address)
    except (PySparkException, ValueError) as error:
        message = "--spark-remote is no address of a Spark Connect server"
        raise UsageError(message, hint="such as sc://localhost:15002") from error
    _await_server(builder)
    with _no_advice():
        from pyspark.sql.connect.session import SparkSession

        with explained():
            session = SparkSession.builder.channelBuilder(builder).appName("antennactl").create()
            session.client.set_retry_policies(
                [DefaultPolicy(max_retries=_MAX_RETRIES, max_backoff=_MAX_WAIT_MS)]
            )
            for name, value in _SETTINGS.items():
                session.conf.set(name, value)
    return session


def disconnect(session: SparkSession) -> None:
    """Give the server its memory back; a server that is away has nothing to give."""
    with contextlib.suppress(PySparkException, grpc.RpcError):
        session.stop()


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Raise SparkUnavailableError for a server that is away or refuses, AntennactlError for a job that fails."""
    try:
        with _no_advice():
            yield
    except (PySparkException, grpc.RpcError) as error:
        raise _explain(error) from error


def tell(error: PySparkException) -> str:
    """Return what Spark says of the failure, in one line; of a value that does not fit, the kind of failure alone."""
    condition = error.getCondition() or type(error).__name__
    if (error.getSqlState() or "").startswith("22"):
        return condition  # a data exception quotes the value
    text = str(error).strip().partition("\n")[0].partition(" SQLSTATE:")[0]
    return (text or condition)[:_MAX_TEXT]


def _explain(error: Exception) -> AntennactlError:
    if isinstance(error, grpc.RpcError):
        return _away()
    if isinstance(error, SparkConnectGrpcException):
        code = error.getGrpcStatusCode()
        if code in _AWAY:
            return _away()
        if code in _REFUSED:
            return SparkUnavailableError(
                "Spark refused the connection", hint="check the token in --spark-remote"
            )
    assert isinstance(error, PySparkException)  # noqa: S101 - nothing else is caught
    return AntennactlError(
        f"Spark failed: {tell(error)}", hint="the log of the Spark Connect server tells more"
    )


def _away() -> SparkUnavailableError:
    return SparkUnavailableError(
        "Spark stopped answering", hint="nothing was written; run it again when it is back"
    )


def _await_server(builder: DefaultChannelBuilder) -> None:
    channel = builder.toChannel()
    try:
        grpc.channel_ready_future(channel).result(timeout=_CONNECT_TIMEOUT_S)
    except grpc.FutureTimeoutError as error:
        message = f"no Spark Connect server answers at {builder.endpoint} within {_CONNECT_TIMEOUT_S} s"
        hint = "start it with Spark's sbin/start-connect-server.sh, or correct --spark-remote"
        raise SparkUnavailableError(message, hint=hint) from error
    finally:
        channel.close()


@contextlib.contextmanager
def _no_advice() -> Iterator[None]:
    """Keep pyspark's advice from stderr: what matters of it becomes an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
