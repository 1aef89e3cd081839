"""Places of messages: what is one, and what is not."""

from decimal import Decimal
from pathlib import Path

import pytest

from antennactl import parsers
from antennactl.errors import UsageError
from antennactl.settings import load_settings


@pytest.mark.parametrize(
    ("text", "place"),
    [("0:0", (0, 0)), (" 2:1204 ", (2, 1204)), (f"{2**31 - 1}:{2**63 - 1}", (2**31 - 1, 2**63 - 1))],
)
def test_a_place_is_a_partition_and_an_offset(text: str, place: tuple[int, int]) -> None:
    assert parsers.place(text) == place


@pytest.mark.parametrize(
    "text", ["", "2", "2:", ":7", "-1:7", "2:7:9", "2:x", f"{2**31}:0", f"0:{2**63}", "1.5:0"]
)
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(ValueError, match="2:1204"):
        parsers.place(text)


def test_places_are_named_once_each() -> None:
    assert parsers.places("2:7,0:1, 2:7") == [(2, 7), (0, 1)]
    with pytest.raises(ValueError, match="2:1204"):
        parsers.places("2:7,")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("127.0.0.1:9108", ("127.0.0.1", 9108)),
        (" metrics.host-1:0 ", ("metrics.host-1", 0)),
        ("[::1]:65535", ("[::1]", 65_535)),
    ],
)
def test_an_address_is_a_host_and_a_port(text: str, address: tuple[str, int]) -> None:
    assert parsers.address(text) == address


@pytest.mark.parametrize(
    "text", ["", "9108", ":9108", "host:", "host:65536", "::1:9108", "http://host:9108", "a b:1"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(ValueError, match=r"127\.0\.0\.1:9108"):
        parsers.address(text)


def test_an_amount_may_be_nothing_and_is_whole() -> None:
    assert [parsers.amount(text) for text in ("0", "10_000", str(2**63 - 1))] == [0, 10_000, 2**63 - 1]
    for text in ("-1", "1.5", "_1", str(2**63), ""):
        with pytest.raises(ValueError, match="whole number from 0"):
            parsers.amount(text)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("80%", "0.8"),
        ("100%", "1"),
        ("112.5%", "1.125"),
        ("0.8", "0.8"),
        (" 1 ", "1"),
        ("0%", "0"),
        ("7%", "0.07"),
    ],
)
def test_a_percentage_is_exact(text: str, share: str) -> None:
    assert parsers.percentage(text) == Decimal(share)


@pytest.mark.parametrize("text", ["", "80", "1.01", "-1%", "%", "80 %", "nan", "1e3%", "1234567%"])
def test_what_is_no_percentage(text: str) -> None:
    with pytest.raises(ValueError, match="80%"):
        parsers.percentage(text)


@pytest.mark.parametrize(("text", "seconds"), [("1s", 1), ("90s", 90), ("15m", 900), ("1h", 3600)])
def test_a_window_divides_one_hour(text: str, seconds: float) -> None:
    assert parsers.window(text) == seconds


@pytest.mark.parametrize("text", ["7m", "2h", "500ms", "0s", "1.5s", "7"])
def test_what_is_no_window(text: str) -> None:
    with pytest.raises(ValueError, match="a duration"):
        parsers.window(text)


@pytest.mark.parametrize(
    ("command", "flags", "told"),
    [
        ("stream", {"window_s": "7m"}, "--window: '7m' is not a duration that divides one hour"),
        ("rebuild", {"window_s": "420s"}, "--window: '420s' is not a duration that divides one hour"),
        (
            "stream",
            {"stream_start": "foo"},
            "--start: 'foo' is not earliest, latest or an ISO time such as 2026",
        ),
    ],
)
def test_a_mistake_is_told_in_the_users_own_words(command: str, flags: dict[str, str], told: str) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings(command, flags, environ={})
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("text", "lake"),
    [
        ("antenna_lake", Path("antenna_lake")),
        ("/srv/a b", Path("/srv/a b")),
        ("s3://bucket", parsers.StoreUrl("s3://bucket")),
        (" s3://bucket/a/b/ ", parsers.StoreUrl("s3://bucket/a/b")),
        ("gs://bucket/lake", parsers.StoreUrl("gs://bucket/lake")),
        ("az://container/lake", parsers.StoreUrl("az://container/lake")),
    ],
)
def test_a_lake_is_a_folder_or_a_place_in_a_store(text: str, lake: Path | parsers.StoreUrl) -> None:
    found = parsers.lake(text)
    assert (type(found), found) == (type(lake), lake)


@pytest.mark.parametrize(
    "text",
    [
        "s3://",
        "s3:///prefix",
        "az:///prefix",
        "https://host/bucket",
        "file:///srv",
        "s3://bucket/a//b",
        "s4://a",
    ],
)
def test_what_is_no_lake(text: str) -> None:
    with pytest.raises(ValueError, match="s3://BUCKET/PREFIX"):
        parsers.lake(text)


@pytest.mark.parametrize("text", ["s3://key:secret@bucket/a", "s3://bucket/a?secret=1", "az://a/b#secret"])
def test_credentials_in_a_lake_are_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(UsageError) as raised:
        load_settings("stream", {"lake": text}, environ={})
    assert "secret" not in f"{raised.value}"
    assert raised.value.hint is not None
    assert "AWS_SECRET_ACCESS_KEY" in raised.value.hint
