"""`status` as a health check: 0 while all is well, 4 with the reason once a limit is exceeded."""

from e2e.antennactl_process import World


def test_a_health_check_ends_with_four_for_reasons_that_it_tells(world: World) -> None:
    world.run("simulate", "--messages", "200")
    unread = world.run("status", "--max-lag", "0", "--max-age", "1h", code=4)
    assert "was never read" in unread
    assert "no micro-batch was committed yet" in unread
    world.run("stream", "--drain")
    world.run("status", "--max-lag", "0", "--max-age", "1h")
    assert "--max-age allows 0.001 s" in world.run("status", "--max-age", "1ms", code=4)
    world.run("simulate", "--messages", "200", "--seed", "2")
    printed = world.run("status", "--max-lag", "9", "--max-age", "1h", code=4)
    assert "messages: --max-lag allows 9" in printed
    assert "--max-age" not in printed.partition("warning: ")[2]
