"""Two workers of one group, and two groups by mistake, on one ledger."""

import signal

import pytest

from e2e.antennactl_process import World, check_oracle, finish

PROTOCOLS = {
    "eager": ("-X", "session.timeout.ms=6000"),
    "cooperative": (
        "-X",
        "partition.assignment.strategy=cooperative-sticky",
        "-X",
        "session.timeout.ms=6000",
    ),
    "consumer": ("-X", "group.protocol=consumer"),
}


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_two_workers_share_the_topic_and_a_kill_of_one_changes_nothing(world: World, protocol: str) -> None:
    words = ("stream", "--interval", "200ms", "--max-rows", "500", *PROTOCOLS[protocol])
    first, second = world.start(*words), world.start(*words)
    world.run(
        "simulate",
        "--messages",
        "12000",
        "--rate",
        "3000/s",
        "--malformed",
        "0.01",
        "--sent",
        str(world.sent),
    )
    second.kill()
    first.send_signal(signal.SIGTERM)
    finish(second)
    code, _, err = finish(first)
    assert code == 0, err
    world.run("stream", "--drain", *PROTOCOLS[protocol])
    check_oracle(world)


def test_two_drains_at_once_both_end_when_the_ledger_is_there(world: World) -> None:
    world.run("simulate", "--messages", "20000", "--sent", str(world.sent))
    drains = [world.start("stream", "--drain", "--interval", "200ms", "--max-rows", "1000") for _ in range(2)]
    for drain in drains:
        code, _, err = finish(drain)
        assert code == 0, err
    check_oracle(world)


def test_two_groups_by_mistake_end_the_loser_with_5_and_double_nothing(world: World) -> None:
    world.run("simulate", "--messages", "500", "--sent", str(world.sent))
    words = ("stream", "--interval", "100ms", "--group")
    groups = [world.start(*words, "one"), world.start(*words, "two")]
    more = world.folder / "more.csv"
    world.run("simulate", "--messages", "30000", "--rate", "3000/s", "--sent", str(more), "--seed", "2")
    for group in groups:
        group.send_signal(signal.SIGTERM)
    codes = {}
    for group in groups:
        code, _, err = finish(group)
        codes[code] = err
    assert set(codes) <= {0, 5}
    if 5 in codes:
        assert "another consumer moves the offsets" in codes[5]
    world.run("stream", "--drain")
    check_oracle(world, world.sent, more)
