"""Amounts, shares and labels of the report, where rounding or cutting could mislead."""

import pytest

from antennactl.observe.report.words import age, amount, percent, short_labels


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.00 kB"),
        (999_600, "1.00 MB"),
        (45_600_000, "45.6 MB"),
        (2**63, "9.22 EB"),
    ],
)
def test_amounts_have_three_digits(value: int, words: str) -> None:
    assert amount(value) == words


@pytest.mark.parametrize(
    ("usage", "quota", "words"),
    [
        (50, 100, "50 %"),
        (100, 100, "100 %"),
        (1003, 1000, "100.30 %"),
        (10**9 + 1, 10**9, "> 100 %"),
        (10**9 - 1, 10**9, "< 100 %"),
        (1, 0, "no quota"),
        (0, 0, "0 %"),
    ],
)
def test_who_is_over_never_looks_as_if_not(usage: int, quota: int, words: str) -> None:
    assert percent(usage, quota) == words


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (61, "1 min"), (3600, "1 h"), (7500, "2 h 5 min"), (90_000, "1 d 1 h")]
)
def test_ages(seconds: float, words: str) -> None:
    assert age(seconds) == words


def test_labels_are_short_unless_they_would_look_alike() -> None:
    long = ("antenna-in-the-north", "antenna-of-the-north", "11111111-1111-1111-1111-111111111111")
    assert short_labels(["a", *long]) == ["a", *long[:2], "111111…111111"]
