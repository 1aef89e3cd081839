"""`quota` as a process: the exit codes of the contract, and an account that the batch confirms."""

from datetime import UTC, datetime, timedelta

from e2e.antennactl_process import World


def test_quota_ends_with_the_contracts_codes(world: World) -> None:
    hour = (datetime.now(UTC) - timedelta(hours=3)).strftime("%Y-%m-%dT%H")
    world.run("simulate", "--messages", "400", "--start", hour, "--span", "30m", "--seed", "5")
    world.run("stream", "--drain")
    assert f"run: antennactl batch --hour {hour}" in world.run("quota", "--hour", hour, code=4)
    world.run("batch", "--hour", hour)
    listed = world.query("SELECT email, usage, quota FROM user_quota_limit ORDER BY email").rows()
    found = world.document("quota", "--hour", hour, "--at", "100%")
    over = sorted((row["email"], row["usage"], row["quota"]) for row in found["users"] if row["over"])
    assert over == listed
    assert listed
    explained = world.document("quota", "--hour", hour, "--explain", listed[0][0])
    assert (explained["user"]["email"], explained["decision"]["quota"]) == (listed[0][0], listed[0][2])
    assert explained["usage"]["lake"] == explained["usage"]["final"] == listed[0][1]
    world.run("quota", "--hour", hour, "--explain", "nobody at all", code=2)
    assert "live, so far" in world.run("quota")
    world.run("quota", "--at", "80", code=2)
    world.run("quota", "--dsn", "postgresql://127.0.0.1:1/none", code=3)
