"""What keeps `batch --engine spark` from its work is told within seconds, with the contract's exit code."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from integration.batch_lake import HOUR, BatchLake, make_traffic

PROGRAM: Final = "from antennactl.cli import main; main()"
HOUR_WORDS: Final = ("--hour", f"{HOUR:%Y-%m-%dT%H}")


@pytest.fixture
def lake(postgres_dsn: str, tmp_path: Path) -> Iterator[BatchLake]:
    """Yield a ledger and a lake with an hour to compute."""
    with BatchLake(postgres_dsn, tmp_path / "lake") as made:
        made.put(make_traffic(HOUR, 10))
        made.read_to_end()
        yield made


def run_batch(lake: BatchLake, *words: str, before: str = "") -> tuple[int, str]:
    """Run `batch` in a process of its own, `before` it some Python; return its exit code and what it said."""
    done = subprocess.run(
        [sys.executable, "-c", before + PROGRAM, "batch", *HOUR_WORDS, "--lake", str(lake.lake.root), *words],
        env={"ANTENNACTL_DSN": lake.dsn, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
        timeout=150,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_server_that_is_not_there_is_told_within_seconds(lake: BatchLake) -> None:
    """Whether nothing listens there, or something that is no Spark. Spark's client would ask for ten minutes."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent_port = silent.getsockname()[1]
        free = socket.create_server(("127.0.0.1", 0))
        closed_port = free.getsockname()[1]
        free.close()
        for port in (closed_port, silent_port):
            address = f"sc://127.0.0.1:{port}/;token=geheim"
            code, said = run_batch(lake, "--engine", "spark", "--spark-remote", address)
            assert code == 3
            assert f"no Spark Connect server answers at 127.0.0.1:{port}" in said
            assert "start-connect-server.sh" in said
            assert "geheim" not in said
            assert "Traceback" not in said
    assert lake.runs() == {}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--engine", "spark"), "--engine spark needs --spark-remote"),
        (("--spark-remote", "sc://localhost"), "--spark-remote is for --engine spark"),
        (("--engine", "flink"), "flink"),
        (("--engine", "spark", "--spark-remote", "localhost:15002"), "no address of a Spark Connect server"),
    ],
)
def test_options_that_do_not_fit_are_named(lake: BatchLake, words: tuple[str, ...], said: str) -> None:
    code, output = run_batch(lake, *words)
    assert code == 2
    assert said in output


@pytest.mark.parametrize("package", ["pyspark", "sqlglot", "pyarrow", "grpc"])
def test_a_missing_extra_is_named(lake: BatchLake, package: str) -> None:
    """With the line that installs it."""
    hidden = f"import sys; sys.modules[{package!r}] = None; "
    words = ("--engine", "spark", "--spark-remote", "sc://localhost:1")
    code, said = run_batch(lake, *words, before=hidden)
    assert code == 2
    assert "pip install 'antennactl[spark]'" in said
    assert "Traceback" not in said


def test_a_query_that_has_no_equal_in_spark_is_told_before_spark_is_asked(
    lake: BatchLake, tmp_path: Path
) -> None:
    """With file, line and construct."""
    (tmp_path / "hourly_totals.sql").write_text("SELECT\n  timestamp,\n  md5(id) AS id\nFROM devices")
    words = ("--queries", str(tmp_path), "--engine", "spark", "--spark-remote", "sc://localhost:1")
    code, said = run_batch(lake, *words)
    assert code == 2
    assert "hourly_totals.sql, line 3: md5() is not known to be the same in Spark" in said


def test_duckdb_needs_none_of_sparks_packages(lake: BatchLake) -> None:
    """Nor are they imported where they are installed; what it says on stderr is what it has to say."""
    names = ("pyspark", "sqlglot", "pyarrow", "grpc", "pandas", "numpy")
    hidden = f"import sys; sys.modules.update(dict.fromkeys({names!r})); "
    code, said = run_batch(lake, before=hidden)
    assert code == 0
    assert "2024-10-27T01:00:00Z    10" in said
    code, said = run_batch(lake)
    assert code == 0
    assert "nanobind" not in said
