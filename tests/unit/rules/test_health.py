"""A limit that is exceeded is told in one line; one that is not, in none."""

from datetime import UTC, datetime, timedelta

import pytest

from antennactl.rules.health import PartitionHealth, find_age_alarm, find_lag_alarm, stream_age_s

NOW = datetime(2026, 11, 24, 6, tzinfo=UTC)


def partitions(*lags: int | None) -> list[PartitionHealth]:
    return [PartitionHealth(number, lag, NOW) for number, lag in enumerate(lags)]


def ends(*ages_s: float | None) -> list[PartitionHealth]:
    return [
        PartitionHealth(number, 0, None if age is None else NOW - timedelta(seconds=age))
        for number, age in enumerate(ages_s)
    ]


@pytest.mark.parametrize(
    ("lags", "alarm"),
    [
        ((0, 10), None),
        ((0, 11), "partition 1 lags by 11 messages: --max-lag allows 10"),
        (
            (12, 0, None, 13),
            "partitions 2 was never read, 3 lags by 13 messages, 0 lags by 12 messages: --max-lag allows 10",
        ),
        ((), "no lag is known, --max-lag allows 10"),
    ],
)
def test_a_lag_is_an_alarm_only_above_the_limit(lags: tuple[int | None, ...], alarm: str | None) -> None:
    assert find_lag_alarm(partitions(*lags), 10) == alarm


def test_of_many_partitions_the_worst_are_named() -> None:
    """The line stays one that can be read."""
    line = find_lag_alarm(partitions(*range(100, 300)), 0)
    assert line is not None
    assert "partitions 199 lags by 299 messages" in line
    assert "and 195 more" in line
    assert len(line) < 200


def test_an_age_counts_from_the_last_micro_batch_or_the_end_of_all_partitions() -> None:
    old = NOW - timedelta(hours=2)
    assert stream_age_s(NOW, old, ends(5, 9)) == 9
    assert stream_age_s(NOW, NOW - timedelta(seconds=3), ends(5, 9)) == 3
    assert stream_age_s(NOW, old, ends(5, None)) == 7200
    assert stream_age_s(NOW, old, []) == 7200
    assert stream_age_s(NOW, None, ends(5, 9)) == 9
    assert stream_age_s(NOW, None, ends(None)) is None
    assert stream_age_s(NOW, NOW + timedelta(seconds=3), []) == 0


def test_an_age_is_an_alarm_only_above_the_limit() -> None:
    old = NOW - timedelta(hours=2)
    assert find_age_alarm(NOW, old, [], 7200) is None
    assert find_age_alarm(NOW, old, ends(1), 2) is None
    assert find_age_alarm(NOW, old, ends(None), 0.5) == (
        "the last micro-batch is 7200 s old, and not all partitions were read to their end since: "
        "--max-age allows 0.5 s"
    )
    assert find_age_alarm(NOW, None, ends(None), 60) == (
        "no micro-batch was committed yet: --max-age allows 60 s"
    )
