"""Spark Structured Streaming, the same job: Parquet by hour and three totals a window, added to `bytes` over JDBC."""

import json
import os
from functools import partial
from typing import Any

from pyspark.sql import DataFrame
from pyspark.sql import functions as f
from pyspark.sql.types import LongType, StringType, StructField, StructType
from spark_session import open_session

_MESSAGE = StructType(
    [
        StructField("timestamp", LongType()),
        StructField("id", StringType()),
        StructField("antenna_id", StringType()),
        StructField("bytes", LongType()),
        StructField("app", StringType()),
    ]
)
_KEYS = {"antenna_total_bytes": "antenna_id", "user_total_bytes": "id", "app_total_bytes": "app"}
_STAGE = "CREATE UNLOGGED TABLE bytes_stage (timestamp timestamptz, id text, value bigint, type text)"
# A foreachBatch has no other way to add to rows that are there; sorted, it is a quarter faster.
_MERGE = """
INSERT INTO bytes AS b (timestamp, id, value, type)
SELECT timestamp, id, value, type FROM bytes_stage ORDER BY timestamp, id, type
ON CONFLICT (timestamp, id, type) DO UPDATE SET value = b.value + excluded.value
"""


def main() -> None:
    """Read the topic once, in micro-batches."""
    task = json.loads(os.environ["BENCH_TASK"])
    session = open_session(task)
    execute = partial(_execute, session, task)
    execute(_STAGE)
    session.range(1).collect()
    print(json.dumps({"mark": "start"}), flush=True)
    raw = (
        session.readStream.format("kafka")
        .option("kafka.bootstrap.servers", task["bootstrap_servers"])
        .option("subscribe", task["topic"])
        .option("startingOffsets", "earliest")
        .option("maxOffsetsPerTrigger", task["max_rows"])
        .load()
    )
    message = f.from_json(f.col("value").cast("string"), _MESSAGE)
    events = (
        raw.select(message.alias("m"), "partition", "offset")
        .select("m.*", "partition", "offset")
        .where("id IS NOT NULL AND timestamp IS NOT NULL AND bytes IS NOT NULL")
        .withColumn("timestamp", f.col("timestamp").cast("timestamp"))
    )
    query = (
        events.writeStream.foreachBatch(partial(_write, task, execute))
        .option("checkpointLocation", f"{task['folder']}/checkpoint")
        .trigger(availableNow=True)
        .start()
    )
    query.awaitTermination()
    print(json.dumps({"mark": "end"}), flush=True)
    print(json.dumps({"n_messages": sum(item.numInputRows for item in query.recentProgress)}))
    session.stop()


def _write(task: dict[str, Any], execute: Any, events: DataFrame, _batch: int) -> None:  # noqa: ANN401 - a partial
    events.persist()
    time = f.col("timestamp")
    parts = {"year": f.year(time), "month": f.month(time), "day": f.dayofmonth(time), "hour": f.hour(time)}
    folder = f"{task['lake']}/data"
    events.withColumns(parts).write.mode("append").partitionBy(*parts).option("compression", "zstd").parquet(
        folder
    )
    start = f.window("timestamp", f"{task['window_s']} seconds").start.alias("timestamp")
    totals = None
    for kind, key in _KEYS.items():
        rows = events.groupBy(start, f.col(key).alias("id")).agg(f.sum("bytes").alias("value"))
        rows = rows.withColumn("type", f.lit(kind))
        totals = rows if totals is None else totals.unionByName(rows)
    options = {"truncate": "true", "batchsize": "10000", "driver": "org.postgresql.Driver"}
    url = f"{task['jdbc_url']}&reWriteBatchedInserts=true"
    totals.coalesce(2).write.mode("overwrite").options(**options).jdbc(url, "bytes_stage")
    execute(_MERGE)
    events.unpersist()


def _execute(session: Any, task: dict[str, Any], statement: str) -> None:  # noqa: ANN401 - its type is Spark's
    jvm = session.sparkContext._jvm  # noqa: SLF001 - the usual way to a JDBC statement from Python
    connection = jvm.org.postgresql.Driver().connect(task["jdbc_url"], jvm.java.util.Properties())
    try:
        connection.createStatement().execute(statement)
    finally:
        connection.close()


if __name__ == "__main__":
    main()
