"""A partition is that worker's who was given it last."""

from datetime import UTC, datetime

from antennactl.rules.assignments import Claim, find_holders, write_partitions


def claim(worker: str, minute: int | None, *partitions: int) -> Claim:
    assigned_at = None if minute is None else datetime(2026, 11, 24, 6, minute, tzinfo=UTC)
    return Claim(worker, partitions, assigned_at)


def test_a_later_claim_takes_over_and_what_nobody_claims_is_nobodys() -> None:
    killed, survivor, idle = claim("a", 1, 0, 1, 2, 3), claim("b", 2, 2, 3), claim("c", None)
    assert find_holders([survivor, killed, idle]) == {0: "a", 1: "a", 2: "b", 3: "b"}
    assert find_holders([killed, claim("b", 0, 2, 3)]) == dict.fromkeys(range(4), "a")
    assert find_holders([idle]) == {}


def test_neighbours_are_drawn_together() -> None:
    assert write_partitions([3, 1, 0, 2, 7, 9, 10]) == "0-3, 7, 9-10"
    assert write_partitions([5]) == "5"
    assert write_partitions([]) == "-"
