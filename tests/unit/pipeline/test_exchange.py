"""What is being read, and up to where it is committed, is known to those who measure the lag."""

from antennactl.ledger.workers import Worker
from antennactl.pipeline.exchange import Exchange


def test_positions_follow_the_commits_of_the_partitions_that_are_read() -> None:
    exchange = Exchange(Worker("w", "host", 1))
    assert exchange.positions == {}
    exchange.begin_epoch()
    exchange.read_from({0: 10, 1: 20})
    exchange.settle({0: 15})
    assert exchange.positions == {0: 15, 1: 20}
    exchange.begin_epoch()
    assert exchange.positions == {}
    exchange.settle({0: 18, 1: 30})  # of the assignment before: it was committed, but is not read any more
    assert exchange.positions == {}
    exchange.read_from({1: 30})
    exchange.settle({0: 21, 1: 33})
    assert exchange.positions == {1: 33}
