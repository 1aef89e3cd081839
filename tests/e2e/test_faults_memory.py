"""A backlog that is a hundred times smaller on the wire than in memory is read in 2 GiB."""

from e2e.antennactl_process import World
from torture.backlog import check, fill, read_all


def test_two_million_very_compressible_messages_fit_into_2_gib(world: World) -> None:
    n = 2_000_000
    sum_bytes = fill(world.bootstrap_servers, world.topic, n)
    peak_bytes = read_all(world)
    check(world, n, sum_bytes)
    # The limit alone would have ended it; it stays far below.
    assert 100 * 1024**2 < peak_bytes < 1536 * 1024**2
