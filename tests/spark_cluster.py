"""A standalone Spark on the loopback: a master, two workers and a Spark Connect server, from pyspark's own jars."""

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from antennactl.local.process import Server, ServerCommand
from bench.environments import Spark

_START_TIMEOUT_S: Final = 240
# The jars are loaded a little faster, and two cores are not spent on compiling at length.
_QUICK: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
_LOGGING: Final = """
rootLogger.level = info
rootLogger.appenderRef.stderr.ref = console
appender.console.type = Console
appender.console.name = console
appender.console.target = SYSTEM_ERR
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = %d{HH:mm:ss} %p %c{1}: %m%n%ex
"""


@contextmanager
def started_cluster(
    folder: Path,
    spark: Spark,
    *,
    driver_mb: int = 1024,
    executor_mb: int = 600,
    java_options: Sequence[str] = _QUICK,
) -> Iterator[str]:
    """Yield the address of a Spark Connect server, `sc://127.0.0.1:port`, on a cluster with its files in `folder`.

    The server has `driver_mb` MB, each of two executors `executor_mb`, little by default; every JVM has `java_options`.
    Every process is gone afterwards, however this one ends.
    """
    servers: list[Server] = []
    conf = folder / "conf"
    conf.mkdir(parents=True)
    (conf / "log4j2.properties").write_text(_LOGGING)
    home = spark.python.parents[1] / "lib"
    jars = next(home.glob("python*/site-packages/pyspark/jars"))
    variables = os.environ | spark.environment | {"SPARK_HOME": str(jars.parent), "SPARK_CONF_DIR": str(conf)}
    variables |= {"SPARK_LOCAL_DIRS": str(folder / "local"), "SPARK_SCALA_VERSION": "2.13"}
    java = [str(spark.java_home / "bin/java"), *java_options, *_module_options(), "-cp", f"{conf}:{jars}/*"]

    def start(name: str, memory_mb: int, arguments: Sequence[str], ready: str) -> str:
        log = folder / f"{name}.log"
        command = ServerCommand([*java, f"-Xmx{memory_mb}m", *arguments], folder, log, variables)
        servers.append(Server(command))
        return _await_line(servers[-1], log, ready)

    try:
        deploy = "org.apache.spark.deploy"
        here = ["--host", "127.0.0.1", "--port", "0", "--webui-port", "0"]
        master = start(
            "master", 256, [f"{deploy}.master.Master", *here], r"Starting Spark master at (spark://[\d.:]+)"
        )
        for number in (1, 2):
            start(
                f"worker-{number}",
                256,
                [
                    f"{deploy}.worker.Worker",
                    *here,
                    *(
                        "--cores",
                        "1",
                        "--memory",
                        f"{executor_mb + 100}m",
                        "--work-dir",
                        str(folder / f"work-{number}"),
                    ),
                    master,
                ],
                "Successfully registered with (master)",
            )
        address = start(
            "connect",
            driver_mb,
            [
                *(
                    f"{deploy}.SparkSubmit",
                    "--master",
                    master,
                    *_as_options(_connect_settings(folder, executor_mb, java_options)),
                ),
                *("--class", "org.apache.spark.sql.connect.service.SparkConnectServer", "spark-internal"),
            ],
            r"Spark Connect server started at: [^\d]*([\d.]*:\d+)",
        )
        yield f"sc://127.0.0.1:{address.rpartition(':')[2]}"
    finally:
        # The server first, then those it works on; a worker ends its executors.
        for server in reversed(servers):
            server.stop()


def _connect_settings(folder: Path, executor_mb: int, java_options: Sequence[str]) -> Mapping[str, str]:
    executor = " ".join([*java_options, "-Djava.net.preferIPv4Stack=true"])
    return {
        "spark.connect.grpc.binding.address": "127.0.0.1",
        "spark.connect.grpc.binding.port": "0",
        "spark.driver.host": "127.0.0.1",
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.executor.memory": f"{executor_mb}m",
        "spark.executor.extraJavaOptions": executor,
        "spark.sql.warehouse.dir": str(folder / "warehouse"),
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }


def _as_options(settings: Mapping[str, str]) -> list[str]:
    return [word for name, value in settings.items() for word in ("--conf", f"{name}={value}")]


def _module_options() -> list[str]:
    # spark-class would ask Spark's launcher for them, in a JVM of its own.
    opened = "lang lang.invoke lang.reflect io net nio util util.concurrent util.concurrent.atomic"
    inner = ("sun.nio.ch", "sun.nio.cs", "sun.security.action", "sun.util.calendar", "jdk.internal.ref")
    packages = [f"java.{name}" for name in opened.split()] + list(inner)
    return [
        "-XX:+IgnoreUnrecognizedVMOptions",
        *(f"--add-opens=java.base/{package}=ALL-UNNAMED" for package in packages),
        "-Djdk.reflect.useDirectMethodHandle=false",
        "-Dio.netty.tryReflectionSetAccessible=true",
        # Else a server whose memory is full may lose the thread that hands out tasks, and stand still.
        "-XX:+ExitOnOutOfMemoryError",
    ]


def _await_line(server: Server, log: Path, pattern: str) -> str:
    """Return what the line of the log that says `pattern` names in parentheses."""
    until = time.monotonic() + _START_TIMEOUT_S
    while time.monotonic() < until:
        if found := re.search(pattern, log.read_text(errors="replace")):
            return found[1]
        if server.has_ended():
            break
        time.sleep(0.1)
    text = log.read_text(errors="replace")[-3000:]
    raise AssertionError(f"{log.name} of Spark did not say {pattern!r}:\n{text}")
