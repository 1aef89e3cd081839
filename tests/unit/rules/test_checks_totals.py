"""Totals that are the sums of the lake have no difference; any key, value or hour that is off is found."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import assume, given
from hypothesis import strategies as st

from antennactl.rules.hours import HourRun, HourState
from antennactl.rules.totals_checks import check_runs, check_totals, check_violators, plan_hours
from antennactl.schemas import TOTAL_TYPES, TOTALS

HOUR = datetime(2025, 10, 26, 1, tzinfo=UTC)
NEXT = HOUR + timedelta(hours=1)
_KEYS = st.tuples(st.integers(0, 23), st.sampled_from(["a", "b", ""]), st.sampled_from(sorted(TOTAL_TYPES)))


def totals(values: dict[tuple[int, str, str], int]) -> pl.DataFrame:
    """Return TOTALS of {(window of 5 minutes, id, type): value}."""
    rows = [
        (HOUR + number * timedelta(minutes=5), key, value, kind)
        for (number, key, kind), value in values.items()
    ]
    return pl.DataFrame(rows, TOTALS, orient="row")


def drawn(least: int = 0) -> st.SearchStrategy[dict[tuple[int, str, str], int]]:
    """Draw totals; 0 is a value like any other."""
    return st.dictionaries(_KEYS, st.integers(0, 2**62), min_size=least, max_size=30)


@given(drawn(), st.randoms())
def test_equal_totals_have_no_difference_in_any_order(
    values: dict[tuple[int, str, str], int], random: object
) -> None:
    del random
    lake = totals(values)
    assert check_totals("totals", "bytes", lake, lake.reverse()).n_differences == 0


@given(drawn(least=1), st.integers(1, 9))
def test_a_value_that_is_off_is_found_in_its_hour_and_type(
    values: dict[tuple[int, str, str], int], by: int
) -> None:
    (number, key, kind), value = next(iter(values.items()))
    finding = check_totals(
        "totals", "bytes", totals(values), totals({**values, (number, key, kind): value + by})
    )
    assert finding.n_differences == 1
    example = finding.examples[0]
    assert (example.hour, example.where) == (NEXT if number >= 12 else HOUR, f"bytes {kind}")
    assert isinstance(example.expected, int)
    assert isinstance(example.found, int)
    assert example.found - example.expected == by


@given(drawn(least=1))
def test_a_key_that_is_gone_is_found_though_its_value_be_0(values: dict[tuple[int, str, str], int]) -> None:
    gone = next(iter(values))
    lake = totals({**values, gone: 0})
    stored = totals({key: value for key, value in values.items() if key != gone})
    for one, other in ((lake, stored), (stored, lake)):
        finding = check_totals("totals", "bytes", one, other)
        assert finding.n_differences == 1
        assert "the sums agree" in finding.examples[0].text


@given(drawn(least=2), st.integers(1, 9))
def test_bytes_that_moved_between_keys_are_found_though_the_sums_agree(
    values: dict[tuple[int, str, str], int], by: int
) -> None:
    one, other = list(values)[:2]
    assume(one[2] == other[2])
    moved = {**values, one: values[one] + by, other: values[other] - by}
    same_hour = (one[0] < 12) == (other[0] < 12)
    finding = check_totals("totals", "bytes", totals(values), totals(moved))
    assert finding.n_differences == (1 if same_hour else 2)
    assert ("the sums agree" in finding.examples[0].text) == same_hour


@given(drawn(least=1))
def test_doubled_totals_are_found(values: dict[tuple[int, str, str], int]) -> None:
    values = {key: value % 2**61 + 1 for key, value in values.items()}
    twice = {key: 2 * value for key, value in values.items()}
    finding = check_totals("hourly", "bytes_hourly", totals(values), totals(twice))
    assert finding.n_differences == len({(key[0] < 12, key[2]) for key in values})


def test_sums_past_64_bits_are_exact_and_a_value_past_them_is_a_difference() -> None:
    values = dict.fromkeys([(0, "a", "x"), (1, "a", "x"), (2, "a", "x")], 2**62)
    finding = check_totals("totals", "bytes", totals(values), totals({**values, (2, "a", "x"): 0}))
    assert (finding.examples[0].expected, finding.examples[0].found) == (3 * 2**62, 2**63)
    past = totals({(0, "a", "x"): 0}).with_columns(value=pl.lit(None, pl.Int64))
    assert check_totals("totals", "bytes", past, past).n_differences == 1


def test_an_address_is_never_named() -> None:
    finding = check_totals("hourly", "bytes_hourly", totals({}), totals({(0, "one@mail.example", "x"): 1}))
    assert "mail.example" not in finding.examples[0].text


def state(hour: datetime, n_rows: int, run_rows: int | None, *, unmanaged: bool = False) -> HourState:
    """Return an hour with a byte a row, and perhaps a run."""
    run = None if run_rows is None else HourRun(run_rows, run_rows, False, unmanaged, HOUR)  # noqa: FBT003
    return HourState(hour, 1 if n_rows else 0, n_rows, n_rows, run)


def test_hours_are_compared_pending_or_left_out() -> None:
    hours = [HOUR + number * timedelta(hours=1) for number in range(7)]
    states = [
        state(hours[0], 5, 5),
        state(hours[1], 5, 5),
        state(hours[2], 5, 4),
        state(hours[3], 5, None),
        state(hours[4], 0, 9, unmanaged=True),
        state(hours[6], 0, 9),
    ]
    plan = plan_hours(states, [hours[5], hours[0]], hours[1])
    assert plan.left_out == {hours[0]: "pruned", hours[4]: "unmanaged"}
    assert plan.windows == [*hours[1:4], *hours[5:]]
    assert plan.current == [hours[1]]
    assert list(plan.pending) == [hours[2], hours[3], hours[5], hours[6]]


def test_bytes_and_violators_of_a_current_run_are_held_against_it() -> None:
    off = HourState(HOUR, 1, 5, 6, HourRun(5, 5, partial=False, unmanaged=False, finished_at=HOUR))
    assert check_runs([off], [HOUR]).n_differences == 1
    assert check_runs([off], []).n_differences == 0
    assert check_runs([state(HOUR, 5, 5)], [HOUR]).n_differences == 0
    violators = pl.DataFrame({"hour": [HOUR, NEXT], "n_counted": [2, None], "n_listed": [3, 1]})
    assert check_violators(violators, [HOUR, NEXT]).n_differences == 1
    assert check_violators(violators, [NEXT]).n_differences == 0
