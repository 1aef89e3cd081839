"""`antennactl report`: the installed command's file, its size with a million users, and how it ends."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from e2e.antennactl_process import World
from services import execute

# Nobody listens there.
AWAY = {"ANTENNACTL_BOOTSTRAP_SERVERS": "127.0.0.1:1"}

HOURS = "generate_series(timestamptz '2026-02-22 01:00Z', timestamptz '2026-03-01 00:00Z', '1 hour') AS h"
MILLION = (
    """
    INSERT INTO user_metadata
    SELECT 'u' || i, 'name ' || i, 'user' || i || '@example.com', 1000 FROM generate_series(1, 1000000) AS i
    """,
    """
    INSERT INTO bytes_hourly
    SELECT '2026-03-01 00:00Z', 'u' || i, i / 500, 'user_total_bytes' FROM generate_series(1, 1000000) AS i
    """,
    f"""
    INSERT INTO bytes_hourly
    SELECT h, 'antenna-' || i, 1000 + i, 'antenna_total_bytes' FROM {HOURS}, generate_series(1, 2000) AS i
    """,
    "INSERT INTO user_quota_limit SELECT email, 2000, quota, '2026-03-01 00:00Z' FROM user_metadata",
    f"INSERT INTO antennactl.batch_run SELECT h, 1, 1, 0, 0, 0, 0 FROM {HOURS}",
    "ANALYZE",
)


def facts_of(path: Path) -> Any:
    """Return the document that the page draws from."""
    (embedded,) = re.findall(r'id="facts">(.*?)</script>', path.read_text())
    return json.loads(embedded)


def test_the_report_has_what_was_sent(world: World) -> None:
    world.run(
        "simulate",
        "--messages",
        "2000",
        "--malformed",
        "0.01",
        "--start",
        "2026-03-01T00",
        "--sent",
        "sent.csv",
    )
    world.run("stream", "--drain", "--interval", "1s")
    world.run("batch", "--catch-up")
    path = world.folder / "antennactl-report.html"
    assert world.run("report") == f"{path}\n"
    facts, sent = facts_of(path), world.sent_log()
    valid = sent.filter(sent["kind"] != "malformed")
    total = sum(sum(value or 0 for value in row) for row in facts["antennas"]["rows"])
    assert total == valid["bytes"].cast(int).sum()
    assert sum(sum(value or 0 for value in row) for row in facts["bins"]["rows"]) == total
    assert facts["bins"]["bin_s"] == 300
    assert sum(facts["batches"]["events"]) == valid.height
    assert sum(facts["batches"]["rejects"]) == sent.height - valid.height
    assert facts["speed"]["speed"] == facts["speed"]["batch"]
    assert sum(facts["arrivals"]["rows"]) == valid.height
    over = world.query("SELECT count(*) FROM user_quota_limit").item()
    shares = facts["quota"]["shares"].values()
    assert sum(sum(counts[5:]) for counts in shares) == over > 0
    page = path.read_text()
    assert "All is well" in page
    assert "Read to the end" in page


def test_open_hours_are_shown_from_the_live_totals(world: World) -> None:
    world.run("simulate", "--messages", "500", "--start", "2026-03-01T00", "--span", "1h")
    world.run("stream", "--drain", "--interval", "1s")
    world.run("report")
    facts = facts_of(world.folder / "antennactl-report.html")
    assert sum(sum(row) for row in facts["antennas"]["rows"]) == facts["speed"]["speed"][0] > 0
    assert facts["speed"]["batch"] == [None]
    assert facts["states"] == ["missing"]


def test_a_million_users_make_a_small_page(world: World) -> None:
    for statement in MILLION:
        execute(world.dsn, statement)
    document = world.document("report", "--out", "big.html")
    assert document["bytes"] == (world.folder / "big.html").stat().st_size < 3_000_000
    facts = facts_of(world.folder / "big.html")
    assert len(facts["hours"]) == 168
    assert len(facts["antennas"]["names"]) == 50
    assert facts["antennas"]["others"]
    assert sum(facts["quota"]["shares"]["167"]) == 1_000_000
    assert "1,000,0" in (world.folder / "big.html").read_text()


def test_a_range_can_be_chosen(world: World) -> None:
    world.run("simulate", "--messages", "500", "--start", "2026-03-01T00", "--span", "3h")
    world.run("stream", "--drain", "--interval", "1s")
    document = json.loads(
        world.run("report", "--from", "2026-03-01T01", "--to", "2026-03-01T01", "--json", env=AWAY)
    )
    assert document["first"] == document["last"] == "2026-03-01T01:00:00Z"
    assert "Kafka was not reached" in (world.folder / "antennactl-report.html").read_text()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        ((), 4, "there is no traffic to report on"),
        (("--from", "2026-03-02", "--to", "2026-03-01"), 2, "is before --from"),
    ],
)
def test_how_it_ends_without_a_page(world: World, words: tuple[str, ...], code: int, told: str) -> None:
    assert told in world.run("report", *words, code=code)
    assert not list(world.folder.glob("*.html"))


def test_a_place_that_cannot_be_written_is_named(world: World) -> None:
    world.run("simulate", "--messages", "10")
    world.run("stream", "--drain", "--interval", "1s")
    assert "cannot write" in world.run("report", "--out", "no/such/folder.html", code=2)
