"""`trace` as a process: the same account before and after compact, and after the database was lost and rebuilt."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from e2e.antennactl_process import World


@pytest.fixture
def hour(world: World) -> str:
    """Return a past hour with traffic and a batch run."""
    hour = (datetime.now(UTC) - timedelta(hours=3)).strftime("%Y-%m-%dT%H")
    world.run("simulate", "--messages", "300", "--start", hour, "--span", "30m", "--sent", str(world.sent))
    world.run("stream", "--drain", "--max-rows", "120")
    world.run("batch", "--hour", hour)
    return hour


def test_a_total_is_traced_to_what_was_sent_through_compact_and_rebuild(
    world: World, hour: str, empty_postgres_dsn: str
) -> None:
    sent = world.sent_log().filter(app="SKYPE").select("kafka_partition", "kafka_offset")
    places = sorted((int(partition), int(offset)) for partition, offset in sent.iter_rows())
    words = ("trace", "--type", "app_total_bytes", "--id", "SKYPE", "--hour", hour, "--limit", "300")
    first = world.document(*words)
    assert [(row["kafka_partition"], row["kafka_offset"]) for row in first["rows"]] == places
    assert first["verdict"] == "agrees"
    assert first["n_micro_batches"] > 1
    world.run("compact", "--hour", hour)
    second = world.document(*words)
    assert second["n_files"] == 1
    assert second["micro_batches"] == first["micro_batches"]
    anew = replace(world, dsn=empty_postgres_dsn)
    anew.run("provision")
    anew.run("rebuild")
    anew.run("batch", "--hour", hour, "--allow-partial")
    third = anew.document(*words)
    assert [{**row, "path": None} for row in third["rows"]] == [
        {**row, "path": None} for row in first["rows"]
    ]
    assert (third["verdict"], third["micro_batches"][0]["origin"]) == ("agrees", "rebuilt")


def test_trace_ends_with_the_contracts_codes(world: World, hour: str) -> None:
    name = ("--type", "app_total_bytes", "--id", "SKYPE")
    assert "agrees" in world.run("trace", *name, "--timestamp", f"{hour}:00:00Z")
    assert "has no batch run" in world.run("trace", *name, "--hour", "2020-01-01T00", code=4)
    assert "no app_total_bytes of NOBODY" in world.run(
        "trace", "--type", "app_total_bytes", "--id", "NOBODY", "--hour", hour, code=2
    )
    world.run("trace", "--type", "total", "--id", "SKYPE", "--hour", hour, code=2)
    world.run("trace", *name, "--hour", hour, "--dsn", "postgresql://127.0.0.1:1/none", code=3)
    world.query("UPDATE bytes_hourly SET value = value + 1 WHERE id = 'SKYPE' RETURNING id")
    assert "the total differs" in world.run("trace", *name, "--hour", hour, code=5)
