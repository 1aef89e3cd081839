"""The machine's time zone changes nothing: hours, windows and folders are UTC."""

import pytest

from e2e.antennactl_process import World, check_oracle

ZONES = ["UTC", "Asia/Kathmandu", "Europe/Madrid"]


@pytest.mark.parametrize("zone", ZONES)
def test_hours_windows_and_folders_are_utc(world: World, zone: str) -> None:
    env = {"TZ": zone, "PGTZ": zone}
    # The hour that Madrid has twice.
    world.run(
        "simulate",
        "--messages",
        "3000",
        "--start",
        "2025-10-25T23:00:00Z",
        "--span",
        "4h",
        "--sent",
        str(world.sent),
        env=env,
    )
    world.run("stream", "--drain", env=env)
    world.run("batch", "--catch-up", env=env)
    hours = sorted(
        path.relative_to(world.lake / "data").as_posix() for path in (world.lake / "data").glob("*/*/*/*")
    )
    assert hours == [
        "year=2025/month=10/day=25/hour=23",
        "year=2025/month=10/day=26/hour=0",
        "year=2025/month=10/day=26/hour=1",
        "year=2025/month=10/day=26/hour=2",
    ]
    sent = world.sent_log()
    expected: dict[int, int] = {}
    for second, value in zip(sent["timestamp"], sent["bytes"], strict=True):
        expected[int(second) // 3600 * 3600] = expected.get(int(second) // 3600 * 3600, 0) + int(value)
    found = world.query(
        "SELECT extract(epoch FROM timestamp)::bigint AS hour, sum(value)::bigint AS value FROM bytes_hourly "
        "WHERE type = 'user_total_bytes' GROUP BY 1"
    )
    assert dict(found.iter_rows()) == expected
    check_oracle(world)
