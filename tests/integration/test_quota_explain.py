"""`quota --explain` tells what made one user's usage, when it came, and which quota counted."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import redirect_stdout
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from antennactl.commands import quota
from antennactl.errors import NotReadyError, UsageError
from integration.verify_world import HOUR, World, read_rows
from json_keys import documented_keys, key_paths

USERS = """
INSERT INTO user_metadata (id, name, email, quota) VALUES
('user-0', 'ann', 'ann@x', 1000000), ('user-1', 'ben', 'ben@x', 10), ('user-2', 'ben', 'two@x', 0),
('user-9', 'zoe', NULL, 5)
"""


@pytest.fixture
def world(postgres_dsn: str, tmp_path: Path) -> Iterator[World]:
    """Return a system of two micro-batches, whose two hours have run, with four users, one of them without traffic."""
    with World(postgres_dsn, tmp_path / "lake") as made:
        made.execute(USERS)
        made.commit()
        made.commit()
        made.batch()
        yield made


def look(world: World, user: str, **options: Any) -> dict[str, Any]:
    """Return the document of one user's explanation."""
    settings = world.settings(json=True, explain=user, **({"hour": HOUR} | options))
    with redirect_stdout(io.StringIO()) as printed:
        assert quota.run(settings, threading.Event()) == 0
    document: dict[str, Any] = json.loads(printed.getvalue())
    return document


def rows_of(world: World, user: str, hour: datetime = HOUR) -> pl.DataFrame:
    """Return the user's rows of an hour, read by another engine."""
    rows = pl.concat([read_rows(path) for path in world.lake.data.rglob("*.parquet")])
    return rows.filter(pl.col("id") == user, pl.col("timestamp").dt.truncate("1h") == hour)


def test_antennas_apps_and_windows_add_up_to_the_usage(world: World) -> None:
    """As another engine sums them; live, final and lake agree."""
    document = look(world, "user-1")
    rows = rows_of(world, "user-1")
    value = rows["bytes"].sum()
    assert document["usage"] == {"live": value, "final": value, "lake": value}
    for name, column in (("antennas", "antenna_id"), ("apps", "app")):
        expected = rows.group_by(column).agg(pl.col("bytes").sum(), n=pl.len()).sort("bytes", descending=True)
        found = [(row[column], row["sum_bytes"], row["n_rows"]) for row in document[name]]
        assert found == expected.rows()
        assert sum(row["share"] for row in document[name]) == pytest.approx(1)
    assert sum(row["lake_bytes"] for row in document["windows"]) == value
    assert all(row["lake_bytes"] == row["live_bytes"] for row in document["windows"])
    assert key_paths(document) == documented_keys("quota --explain")


def test_the_quota_that_counted_is_the_runs_for_who_was_over(world: World) -> None:
    """Raised since then, the user was over all the same; of who was not over only the quota of now is known."""
    world.execute("UPDATE user_metadata SET quota = 500000")
    over = look(world, "user-1")["decision"]
    assert (over["quota"], over["over"], over["quota_as_of"]) == (10, True, "the run")
    assert over["share"] == over["usage"] / 10
    world.execute("UPDATE user_metadata SET email = NULL WHERE id = 'user-1'")
    world.execute("UPDATE user_quota_limit SET email = NULL WHERE email = 'ben@x'")
    assert look(world, "user-1")["decision"] == over
    under = look(world, "user-0")["decision"]
    assert (under["quota"], under["over"], under["quota_as_of"]) == (500000, False, "now")
    none = look(world, "user-2")["decision"]
    assert (none["quota"], none["over"], none["share"]) == (0, True, None)


def test_what_came_after_the_run_is_counted(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    """Live and lake know it, the run does not; the whole of an hour long past came after its close."""
    before = rows_of(world, "user-1")
    made = world.commit()
    document = look(world, "user-1")
    after = rows_of(world, "user-1")
    late = document["late"]["after_run"]
    assert (late["n_rows"], late["sum_bytes"]) == (
        after.height - before.height,
        int(after["bytes"].sum()) - int(before["bytes"].sum()),
    )
    assert document["late"]["after_close"]["n_rows"] == after.height
    assert document["usage"]["live"] - document["usage"]["final"] == late["sum_bytes"]
    assert document["micro_batches"][-1]["batch_id"] == made.batch_id
    assert "changed after its run" in capsys.readouterr().err


def test_a_user_is_found_by_id_email_or_name(world: World) -> None:
    """An id before an e-mail before a name; two of one name are told apart by their ids, and by no e-mail."""
    assert look(world, "ann@x")["user"]["id"] == look(world, "ann")["user"]["id"] == "user-0"
    world.execute("UPDATE user_metadata SET name = 'user-0' WHERE id = 'user-9'")
    assert look(world, "user-0")["user"]["name"] == "ann"
    with pytest.raises(UsageError, match="several users have this name") as caught:
        look(world, "ben")
    assert caught.value.hint == "give the id: user-1, user-2"


def test_who_is_no_user_is_explained_by_the_traffic(world: World) -> None:
    """Counted in every total, never over a quota; a user without traffic has used nothing; others are refused."""
    unknown = look(world, "user-3")
    assert (unknown["user"]["is_known"], unknown["decision"]["quota"]) == (False, None)
    assert unknown["usage"]["lake"] == rows_of(world, "user-3")["bytes"].sum()
    idle = look(world, "zoe")
    assert (idle["usage"], idle["n_windows"]) == ({"live": None, "final": None, "lake": None}, 0)
    with pytest.raises(UsageError, match="nobody has this id, e-mail or name"):
        look(world, "nobody")


def test_this_hour_is_explained_live(world: World) -> None:
    """By the live totals and the quota of now; there is no run."""
    now = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    # The hour may end meanwhile: each micro-batch fills the next one too.
    world.commit(hour=now)
    document = look(world, "ben@x", hour=None)
    assert document["hour"] in {f"{now:%Y-%m-%dT%H}:00:00Z", f"{now + timedelta(hours=1):%Y-%m-%dT%H}:00:00Z"}
    assert (document["state"], document["run"], document["usage"]["final"]) == ("live", None, None)
    assert document["decision"]["usage"] == document["usage"]["live"] == document["usage"]["lake"]
    assert (document["decision"]["quota"], document["decision"]["over"]) == (10, True)
    assert list(document["late"]) == ["after_close"]


def test_an_hour_without_a_run_is_not_ready(world: World) -> None:
    """The command that helps is named."""
    with pytest.raises(NotReadyError) as caught:
        look(world, "ann", hour=HOUR - timedelta(hours=1))
    assert caught.value.hint == "run: antennactl batch --hour 2025-10-26T00"


def test_the_tables_say_the_same(world: World) -> None:
    """Who, how much, by which quota, and who decided."""
    with redirect_stdout(io.StringIO()) as printed:
        settings = world.settings(explain="ben@x", hour=HOUR, limit=1)
        assert quota.run(settings, threading.Event()) == 0
    text = printed.getvalue()
    for words in (
        "10 (of the run)",
        "over quota",
        "finished at",
        "Windows (the first 1 of",
        "late: committed after",
    ):
        assert words in text
