"""Shares are shown so that nobody below a limit seems to be at it."""

import pytest

from antennactl.observe.quota_list import format_share


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (None, None),
        (0.0, "0 %"),
        (0.8, "80 %"),
        (0.999999, "99.99 %"),
        (1.0, "100 %"),
        (1.001, "100.1 %"),
        (0.29, "29 %"),
        (123.456789, "12345.67 %"),
    ],
)
def test_a_share_is_rounded_down(share: float | None, text: str | None) -> None:
    assert format_share(share) == text
