"""The users in, Spark's view `user_metadata` out."""

from typing import TYPE_CHECKING, Final

import polars as pl
import pyarrow as pa

from antennactl.schemas import USERS

if TYPE_CHECKING:
    from pyspark.sql.connect.session import SparkSession

# Spark's server turns every row that it is sent into objects, at each use: a million users took it half a minute. A few
# rows that hold many users each take it a second; the workers open them.
_USERS_A_ROW: Final = 10_000
# Each task is sent its share of them, 9 MB with this many: with as few tasks as there are cores, two million users are
# more than Spark puts into a message (128 MB).
_ROWS_A_TASK: Final = 5
_MIN_TASKS: Final = 2
_TYPES: Final = pa.struct(
    [("id", pa.string()), ("name", pa.string()), ("email", pa.string()), ("quota", pa.int64())]
)
_ROWS: Final = pa.schema([("users", pa.list_(_TYPES))])


def show_users(session: "SparkSession", users: pl.DataFrame) -> None:
    """Make `user_metadata` from USERS."""
    # Of no users at all, one row without any: a table without rows has no types to Spark.
    parts = users.select(USERS.names()).iter_slices(_USERS_A_ROW) if users.height else [users]
    rows = [_pack(part) for part in parts]
    packed = pa.Table.from_arrays([pa.chunked_array(rows, _ROWS.field(0).type)], schema=_ROWS)
    session.conf.set("spark.sql.leafNodeDefaultParallelism", max(_MIN_TASKS, len(rows) // _ROWS_A_TASK))
    session.createDataFrame(packed).createOrReplaceTempView("user_rows")
    session.sql("SELECT inline(users) FROM user_rows").createOrReplaceTempView("user_metadata")


def _pack(part: pl.DataFrame) -> pa.ListArray:
    columns = [column.combine_chunks() for column in part.to_arrow().cast(pa.schema(list(_TYPES))).columns]
    values = pa.StructArray.from_arrays(columns, fields=list(_TYPES))
    return pa.ListArray.from_arrays(pa.array([0, part.height], pa.int32()), values)
