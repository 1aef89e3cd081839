"""A Spark session on two local threads, as it is usual for a small machine."""

from typing import Any

from pyspark.sql import SparkSession


def open_session(task: dict[str, Any]) -> SparkSession:
    """Return a session in UTC; as many shuffle partitions as threads, since 200 would only cost it time."""
    builder = (
        SparkSession.builder.master("local[2]")
        .appName("bench")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.memory", task["memory"])
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.driver.host", "127.0.0.1")
        .config("spark.jars", ",".join(task["jars"]))
        .config("spark.local.dir", f"{task['folder']}/spark")
        .config("spark.sql.warehouse.dir", f"{task['folder']}/warehouse")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.ui.showConsoleProgress", "false")
    )
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    return session
