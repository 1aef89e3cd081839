"""Which range a micro-batch covers, when a drain is done, and what was lost."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from antennactl.rules.offsets import LostRange, OffsetRange, beyond_end, cut_ranges, is_drained, lost_ranges

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)
OFFSETS = st.dictionaries(st.integers(0, 7), st.integers(0, 1000))


def test_a_range_ends_at_the_position_past_control_records() -> None:
    assert cut_ranges({0: 5}, {0: 9}, {}) == [OffsetRange(0, 5, 9)]


def test_a_partition_that_neither_moved_nor_met_its_end_is_left_out() -> None:
    assert cut_ranges({0: 5, 1: 7}, {0: 5}, {}) == []


def test_an_end_that_was_met_without_messages_is_kept_as_an_empty_range() -> None:
    assert cut_ranges({3: 5}, {}, {3: NOW}) == [OffsetRange(3, 5, 5, NOW)]


@given(OFFSETS, OFFSETS)
def test_ranges_never_go_back_and_come_in_order_of_partitions(
    starts: dict[int, int], positions: dict[int, int]
) -> None:
    ranges = cut_ranges(starts, positions, {})
    assert [item.kafka_partition for item in ranges] == sorted(item.kafka_partition for item in ranges)
    assert all(item.first_offset == starts[item.kafka_partition] < item.next_offset for item in ranges)


def test_a_drain_is_done_when_every_partition_reached_its_target() -> None:
    assert is_drained({0: 5, 1: 9}, {0: 5, 1: 8})
    assert not is_drained({0: 5}, {0: 5, 1: 0})
    assert not is_drained({0: 4}, {0: 5})


def test_offsets_below_the_log_start_are_lost() -> None:
    assert lost_ranges({0: 5, 1: 9}, {0: 7, 1: 9}) == [LostRange(0, 5, 7)]


def test_offsets_past_the_log_end_are_named() -> None:
    assert beyond_end({0: 5, 1: 10}, {0: 5, 1: 9}) == [1]
