"""A session reads the folders it was opened with, and nothing else of the machine."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from antennactl.engines.session import open_session, register_frame


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a Parquet file, their names full of what SQL and globs give a meaning to."""
    made = tmp_path / "it's [1]*"
    made.mkdir()
    pl.DataFrame({"number": [1, 2]}).write_parquet(made / "a?.parquet")
    (tmp_path / "secret.csv").write_text("secret\n")
    return made


def test_files_of_the_folder_are_readable(folder: Path) -> None:
    """Under any name, taken as it is."""
    with open_session([folder]) as session:
        rows = session.read_parquet([str(folder / "a?.parquet")], hive_partitioning=False).fetchall()
    assert rows == [(1,), (2,)]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{outside}')",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM glob('/etc/*')",
        "COPY (SELECT 1) TO '{outside}'",
        "ATTACH '{outside}.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET memory_limit = '1TB'",
        "SELECT * FROM hidden",
        "SELECT * FROM read_parquet('https://example.invalid/a.parquet')",
    ],
)
def test_everything_else_is_refused(folder: Path, statement: str) -> None:
    """Files, network, extensions, settings and the variables of this process."""
    hidden = pl.DataFrame({"secret": [1]})
    outside = folder.parent / "secret.csv"
    with open_session([folder]) as session, pytest.raises(duckdb.Error):
        session.execute(statement.format(outside=outside)).fetchall()
    assert hidden.height == 1
    assert outside.read_text() == "secret\n"


def test_a_session_is_in_utc_and_leaves_no_files(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever TZ says; what it spills goes with it, and nothing lands in the working folder."""
    monkeypatch.setenv("TZ", "Asia/Kathmandu")
    monkeypatch.chdir(folder)
    with open_session([folder]) as session:
        shown = session.execute(
            "SELECT make_timestamptz(0)::VARCHAR, current_setting('temp_directory')"
        ).fetchall()
    assert shown[0][0] == "1970-01-01 00:00:00+00"
    assert not Path(shown[0][1]).exists()
    assert [path.name for path in folder.iterdir()] == ["a?.parquet"]


def test_a_registered_frame_can_be_read_again_and_again(folder: Path) -> None:
    """With a filter, and twice."""
    with open_session([folder]) as session:
        register_frame(session, "users", pl.DataFrame({"id": ["a", "b"], "quota": [1, None]}))
        for _ in range(2):
            assert session.execute("SELECT id FROM users WHERE quota = 1 AND id = 'a'").fetchall() == [("a",)]
