"""Events before the oldest hour kept are dead-lettered, whole, and count nowhere."""

from datetime import UTC, datetime, timedelta

from e2e.antennactl_process import World


def test_events_before_the_oldest_hour_kept_are_rejected(world: World) -> None:
    start = (datetime.now(UTC) - timedelta(hours=5)).replace(minute=0, second=0, microsecond=0)
    floor = start + timedelta(hours=1)
    world.query(
        f"INSERT INTO antennactl.setting VALUES ('retention_floor', '{floor.isoformat()}') RETURNING name"
    )
    world.run(
        "simulate",
        "--messages",
        "2000",
        "--start",
        start.isoformat(),
        "--span",
        "2h",
        "--sent",
        str(world.sent),
    )
    world.run("stream", "--drain", "--max-reject-ratio", "1")
    sent = world.sent_log()
    expected = sum(int(second) < floor.timestamp() for second in sent["timestamp"])
    assert 0 < expected < 2000
    found = world.query("SELECT reason, count(*) AS n FROM antennactl.dead_letter GROUP BY reason").rows()
    assert found == [("before_retention", expected)]
    assert len(world.lake_rows()) == 2000 - expected
    world.run("verify")
