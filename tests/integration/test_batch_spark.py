"""An hour computed by a Spark cluster is the hour that DuckDB computes, row for row."""

import tempfile
import uuid
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import polars as pl
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from antennactl.engines.choose import choose_engine
from antennactl.engines.devices import LedgerFile
from antennactl.engines.engine import Engine, HourResult
from antennactl.engines.queries import load_queries
from antennactl.engines.spark.hour import SparkEngine
from antennactl.engines.spark.remote import connect, disconnect
from antennactl.engines.spark.users import show_users
from antennactl.errors import AntennactlError, FileNotReachableError, InconsistentError
from antennactl.lake.layout import hour_folder_spellings
from antennactl.schemas import LAKE, MAX_BYTES, USERS
from integration.batch_lake import HOUR, BatchLake, foreign_frame, make_events, make_traffic, sum_by_hand
from integration.test_batch_unmanaged import INT96_FILE

# The environment of Spark itself is made when it is first needed: 450 MB are fetched.
pytestmark = pytest.mark.timeout(1500)

EXAMPLES: Final = 8
# Each example runs jobs: what fails is shown as it is, not made smaller for minutes.
QUICK: Final = (Phase.explicit, Phase.reuse, Phase.generate)
KEYS: Final = st.sampled_from(
    ["a", "b", "A", "a ", "ñandú", "'; --", " ", "\n", "0", "\\", "", "😀", "z\u0301"]
)
LONG: Final = st.integers(-(2**63), 2**63 - 1)
KINDS_OF_TIME: Final = (
    pl.col("timestamp"),
    pl.col("timestamp").dt.replace_time_zone(None),
    pl.col("timestamp").dt.cast_time_unit("ms"),
    pl.col("timestamp").dt.cast_time_unit("ns"),
    pl.col("timestamp").dt.replace_time_zone(None).dt.cast_time_unit("ns"),
    # With nanoseconds that have to be rounded.
    (pl.col("timestamp").dt.epoch("ns") + 500).cast(pl.Datetime("ns", "UTC")),
    pl.col("timestamp").dt.epoch("s"),
    pl.col("timestamp").dt.epoch("s").cast(pl.UInt32),
)
KINDS_OF_BYTES: Final = (pl.Int64, pl.Int32, pl.Int16, pl.UInt16, pl.UInt32, pl.UInt64, pl.Int8)


@pytest.fixture(scope="module")
def spark(spark_remote: str) -> Iterator[Engine]:
    """Yield the engine on the session's cluster, with our queries."""
    with choose_engine("spark", spark_remote, load_queries(None)) as engine:
        yield engine


@pytest.fixture(scope="module")
def duck() -> Engine:
    """Return the engine that the other is compared with."""
    return choose_engine("duckdb", None, load_queries(None))


@pytest.fixture
def lake(postgres_dsn: str, tmp_path: Path) -> Iterator[BatchLake]:
    """Yield an empty ledger and lake; its folder's name holds what Spark takes for a pattern."""
    with BatchLake(postgres_dsn, tmp_path / "a [lake] {1}, 50%20*") as made:
        yield made


def users_of(quotas: Mapping[str, int | None]) -> pl.DataFrame:
    known = [(key, f"name of {key}", f"{key}@mail", quota) for key, quota in quotas.items()]
    return pl.DataFrame(known, USERS, orient="row")


def outcome(compute: Any, *arguments: Any) -> tuple[Any, ...]:
    """Return what an engine makes of an hour, in an order of its own, or the error."""
    try:
        result: HourResult = compute(*arguments)
    except AntennactlError as error:
        return (type(error), str(error) if isinstance(error, InconsistentError) else "")
    return (
        result.counted,
        result.totals.schema,
        sorted(result.totals.rows()),
        result.violators.schema,
        sorted(result.violators.rows()),
    )


def test_many_users_are_sent_in_many_tasks(spark_remote: str) -> None:
    # A task with a million of them is more than Spark sends.
    users = users_of({f"user-{number}": number for number in range(150_001)})
    session = connect(spark_remote)
    try:
        show_users(session, users)
        held = "SELECT count(*) FROM user_metadata GROUP BY spark_partition_id()"
        counts: list[int] = pl.DataFrame(session.sql(held).toArrow()).to_series().to_list()
    finally:
        disconnect(session)
    assert sum(counts) == users.height
    assert max(counts) <= 60_000


@settings(
    max_examples=EXAMPLES,
    phases=QUICK,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    batches=st.lists(
        st.lists(
            st.tuples(st.integers(0, 3_599_999_999), KEYS, KEYS, st.integers(0, MAX_BYTES), KEYS),
            min_size=1,
            max_size=60,
        ),
        max_size=3,
    ),
    quotas=st.dictionaries(KEYS, st.none() | st.integers(0, 4 * MAX_BYTES)),
)
def test_an_hour_of_our_lake_has_the_same_rows(
    spark: Engine,
    duck: Engine,
    batches: list[list[tuple[int, str, str, int, str]]],
    quotas: dict[str, int | None],
) -> None:
    """However the events are spread over files; whatever their keys hold."""
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for number, rows in enumerate(batches):
            timed = [
                (HOUR + timedelta(microseconds=moment), user, antenna, amount, app)
                for moment, user, antenna, amount, app in rows
            ]
            events = make_events(timed).with_columns(topic_id=pl.lit("topic")).select(LAKE.names())
            path = Path(folder) / f"{number}.parquet"
            events.write_parquet(path)
            files.append(LedgerFile(path, events.height, int(events["bytes"].sum())))
        arguments = (HOUR, files, users_of(quotas))
        assert outcome(spark.compute_hour, *arguments) == outcome(duck.compute_hour, *arguments)


@settings(
    max_examples=EXAMPLES,
    phases=QUICK,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    parts=st.lists(
        st.tuples(
            st.lists(
                st.tuples(
                    st.none() | st.integers(-(10**9), 7_200_000_000),
                    st.none() | KEYS,
                    KEYS,
                    st.none() | st.integers(-(2**40), 2**40) | st.sampled_from([2**63 - 1, -(2**63), 0]),
                    st.none() | KEYS,
                ),
                max_size=40,
            ),
            st.sampled_from(KINDS_OF_TIME),
            st.sampled_from(KINDS_OF_BYTES),
        ),
        min_size=1,
        max_size=3,
    ),
    quotas=st.dictionaries(KEYS, st.none() | LONG),
)
def test_an_hour_of_another_writer_has_the_same_rows(
    spark: Engine,
    duck: Engine,
    parts: list[tuple[list[tuple[int | None, str | None, str, int | None, str | None]], pl.Expr, type]],
    quotas: dict[str, int | None],
) -> None:
    """Times and numbers of any kind, values that are missing, sums beyond a BIGINT, rows of other hours."""
    schema = pl.Schema({name: LAKE[name] for name in ("timestamp", "id", "antenna_id", "bytes", "app")})
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        for number, (rows, written, kind) in enumerate(parts):
            timed = [
                (None if moment is None else HOUR + timedelta(microseconds=moment), *rest)
                for moment, *rest in rows
            ]
            events = pl.DataFrame(timed, schema, orient="row").with_columns(
                written.alias("timestamp"), pl.col("bytes").cast(kind, strict=False), extra=pl.lit(1)
            )
            paths.append(Path(folder) / f"{number}.parquet")
            events.write_parquet(paths[-1])
        arguments = (HOUR, paths, users_of(quotas))
        assert outcome(spark.compute_foreign_hour, *arguments) == outcome(
            duck.compute_foreign_hour, *arguments
        )


def test_the_old_timestamps_of_spark_are_read(spark: Engine, duck: Engine, tmp_path: Path) -> None:
    """INT96 carries no zone, and stands beside other kinds of time."""
    path = tmp_path / "part-0.parquet"
    path.write_bytes(INT96_FILE)
    paths = [path]
    for number, kind in enumerate(KINDS_OF_TIME):
        rows = foreign_frame(make_traffic(HOUR, 9)).with_columns(kind.alias("timestamp"))
        paths.append(tmp_path / f"other-{number}.parquet")
        rows.write_parquet(paths[-1])
    arguments = (HOUR, paths, users_of({"u1": 1}))
    found = outcome(spark.compute_foreign_hour, *arguments)
    assert found == outcome(duck.compute_foreign_hour, *arguments)
    assert found[0].n_rows == 2 + 9 * len(KINDS_OF_TIME)


def test_users_come_whole_in_any_number(spark: Engine, duck: Engine, tmp_path: Path) -> None:
    """They are sent in rows of ten thousand each."""
    n_users = 25_001
    quotas = {f"key-{number}": None if number % 5 == 0 else number % 3 for number in range(n_users)}
    rows = [(HOUR, f"key-{number}", "m", 1, "A") for number in range(n_users)]
    events = make_events(rows).with_columns(topic_id=pl.lit("topic")).select(LAKE.names())
    events.write_parquet(tmp_path / "0.parquet")
    arguments = (HOUR, [LedgerFile(tmp_path / "0.parquet", n_users, n_users)], users_of(quotas))
    found = outcome(spark.compute_hour, *arguments)
    assert found == outcome(duck.compute_hour, *arguments)
    assert len(found[-1]) == sum(quota == 0 for quota in quotas.values())


def test_results_are_written_as_duckdbs_are(
    lake: BatchLake, spark_remote: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Totals, users over quota and the run, of several hours, one without traffic; a dry run writes nothing."""
    hours = [HOUR + timedelta(hours=number) for number in range(3)]
    events = [make_traffic(hours[0], 200), make_traffic(hours[2], 100)]
    for part in events:
        lake.put(part)
    lake.read_to_end()
    lake.set_users({"key-0": 1, "key-1": None, "key-2": 10**12})
    on_spark: dict[str, Any] = {"engine": "spark", "spark_remote": spark_remote}
    lake.batch(from_hour=hours[0], to_hour=hours[2], dry_run=True, **on_spark)
    assert lake.hourly() == {}
    lake.batch(from_hour=hours[0], to_hour=hours[2], **on_spark)
    assert lake.hourly() == sum_by_hand(*events)
    found = (lake.hourly(), lake.violations(), lake.runs())
    lake.batch(from_hour=hours[0], to_hour=hours[2])
    assert (lake.hourly(), lake.violations(), lake.runs()) == found
    lake.put(make_traffic(hours[1], 5))
    lake.batch(catch_up=True, **on_spark)
    assert lake.runs()[hours[1]] == (5, False, False)
    lake.execute("UPDATE antennactl.stream_offset SET caught_up_at = $1::timestamptz", hours[2])
    lake.batch(hour=hours[2], allow_partial=True, **on_spark)
    assert lake.runs()[hours[2]] == (100, True, False)
    assert "warning" not in capsys.readouterr().err


def test_an_unmanaged_lake_is_written_as_duckdbs_is(
    lake: BatchLake, spark_remote: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the same warnings."""
    folder = lake.lake.root / hour_folder_spellings(HOUR)[-1]
    folder.mkdir(parents=True)
    rows = [foreign_frame(make_traffic(hour, 20)) for hour in (HOUR, HOUR + timedelta(hours=1))]
    keyless = rows[0].head(3).with_columns(id=pl.lit(None, dtype=pl.String))
    pl.concat([*rows, keyless]).write_parquet(folder / "part-0.parquet")
    told = []
    for engine in ({}, {"engine": "spark", "spark_remote": spark_remote}):
        lake.batch(hour=HOUR, unmanaged=True, **engine)
        told.append((lake.hourly(), lake.runs(), *capsys.readouterr()))
    assert told[0] == told[1]
    assert "20 rows in the hour's folder lie in other hours" in told[1][3]


def test_a_file_that_differs_from_the_ledger_is_named(lake: BatchLake, spark_remote: str) -> None:
    """By what the footers say, and by what the workers read."""
    lake.put(make_traffic(HOUR, 20))
    (path,) = lake.put(make_traffic(HOUR, 30))
    lake.read_to_end()
    whole = pl.read_parquet(path, glob=False)
    on_spark: dict[str, Any] = {"hour": HOUR, "engine": "spark", "spark_remote": spark_remote}
    changes = {
        r"holds 29 rows, the ledger says 30": whole.head(29),
        r"holds 30 rows and \d+ bytes of traffic, the ledger says": whole.with_columns(pl.col("bytes") + 1),
        r"has columns ": whole.drop("app"),
    }
    for said, changed in changes.items():
        changed.write_parquet(path)
        with pytest.raises(InconsistentError, match=said) as caught:
            lake.batch(**on_spark)
        assert str(path) in str(caught.value)
    whole.write_parquet(path, compression="uncompressed")
    content = bytearray(path.read_bytes())
    content[4 : len(content) // 2] = bytes(len(content) // 2 - 4)
    path.write_bytes(content)
    with pytest.raises(InconsistentError, match=r"is no sound Parquet file"):
        lake.batch(**on_spark)
    path.unlink()
    with pytest.raises(FileNotReachableError):
        lake.batch(**on_spark)
    assert lake.runs() == {}


def test_a_file_that_spark_cannot_reach_is_told_from_one_that_is_gone(
    spark_remote: str, tmp_path: Path
) -> None:
    """The command has it, the cluster has not: exit 4, with what the cluster needs."""
    events = make_traffic(HOUR, 5).with_columns(topic_id=pl.lit("topic")).select(LAKE.names())
    path = tmp_path / f"{uuid.uuid4()}.parquet"
    events.write_parquet(path)
    file = LedgerFile(path, events.height, int(events["bytes"].sum()))
    # As if the workers had another disk.
    with (
        SparkEngine(spark_remote, load_queries(None), lambda path: f"file:///nowhere{path}") as engine,
        pytest.raises(FileNotReachableError, match=rf"Spark cannot find {path}") as caught,
    ):
        engine.compute_hour(HOUR, [file], users_of({}))
    assert "same path" in (caught.value.hint or "")


def test_workers_read_the_objects_of_which_this_host_has_copies(
    spark_remote: str, duck: Engine, tmp_path: Path
) -> None:
    """What a store holds now is what counts: an object that differs from the ledger is named."""
    events = make_traffic(HOUR, 30).with_columns(topic_id=pl.lit("topic")).select(LAKE.names())
    copies, store = tmp_path / "copies", tmp_path / "store"
    for folder in (copies, store):
        folder.mkdir()
        events.write_parquet(folder / "0.parquet")
    file = LedgerFile(copies / "0.parquet", events.height, int(events["bytes"].sum()))
    arguments = (HOUR, [file], users_of({"key-0": 1}))
    located = SparkEngine(
        spark_remote, load_queries(None), lambda path: f"file://{store}/{path.relative_to(copies)}"
    )
    with located as engine:
        assert outcome(engine.compute_hour, *arguments) == outcome(duck.compute_hour, *arguments)
        events.head(29).write_parquet(store / "0.parquet")
        with pytest.raises(InconsistentError, match=r"0\.parquet holds 29 rows"):
            engine.compute_hour(*arguments)
