"""Shares become exact numbers of messages, however the messages are cut into blocks."""

from collections import Counter
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from antennactl.simulator.kinds import KindPlan, count_kinds

_SHARES = st.lists(st.floats(0, 0.25), min_size=4, max_size=4).map(
    lambda shares: dict(zip(("late", "malformed", "unknown", "duplicate"), shares, strict=True))
)


@given(shares=_SHARES, total=st.integers(1, 500), cuts=st.sets(st.integers(1, 499)), seed=st.integers(0, 9))
def test_counts_are_exact_for_any_cut(
    shares: dict[str, float], total: int, cuts: set[int], seed: int
) -> None:
    """Over all blocks there are round(total * share) of each kind."""
    counts = count_kinds(shares, total)
    edges = [0, *sorted(cut for cut in cuts if cut < total), total]
    plan = KindPlan(counts, total, seed, stream=0)
    found = Counter(kind for begin, end in pairwise(edges) for kind in plan.assign(begin, end - begin))
    assert {kind: found[kind] for kind in counts} == counts
    assert found["event"] == total - sum(counts.values())


def test_shares_are_rounded_and_never_exceed_the_total() -> None:
    """Each share is rounded by itself; the last gives way."""
    assert count_kinds({"late": 0.25, "malformed": 0.1}, 10) == {"late": 2, "malformed": 1}
    assert count_kinds({"late": 0.6, "malformed": 0.4}, 1) == {"late": 1, "malformed": 0}


def test_shares_hold_in_every_period() -> None:
    """Without a total the second period has as many as the first."""
    plan = KindPlan({"late": 3, "unknown": 4}, 100, seed=1, stream=0)
    assert Counter(plan.assign(0, 100)) == Counter(plan.assign(100, 100))


def test_seeds_place_the_kinds_differently() -> None:
    """The seed says which messages are odd, not how many."""
    one, other = (KindPlan({"late": 50}, 100, seed, stream=0).assign(0, 100) for seed in (1, 2))
    assert one.to_list() != other.to_list()
