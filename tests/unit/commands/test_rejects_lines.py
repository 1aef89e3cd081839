"""Lines of an export: what is written of a message is read back as the same, and a correction under either key."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from antennactl.commands.rejects_lines import letter_document, parse_line
from antennactl.errors import UsageError

PAYLOADS = (
    st.none() | st.binary(max_size=40) | st.text(st.characters(codec="utf-8"), max_size=20).map(str.encode)
)


def line_of(payload: bytes | None) -> dict[str, Any]:
    """Return the line that an export writes of a message."""
    letter = {
        "topic": "devices",
        "topic_id": "AAAA",
        "kafka_partition": 3,
        "kafka_offset": 2**62,
        "reason": "not_json",
        "detail": None,
        "payload": payload,
        "payload_bytes": len(payload or b""),
        "rejected_at": datetime(2026, 10, 25, tzinfo=UTC),
        "replayed_at": None,
    }
    document: dict[str, Any] = json.loads(json.dumps(letter_document(letter)))
    return document


@given(PAYLOADS)
def test_an_unchanged_line_is_the_message_that_was_written(payload: bytes | None) -> None:
    line = parse_line(json.dumps(line_of(payload)), 1)
    assert line.identity == ("AAAA", 3, 2**62)
    assert line.choose_payload(payload) == payload


@given(PAYLOADS, st.text(st.characters(codec="utf-8")))
def test_a_corrected_text_is_taken_though_the_payload_is_the_old_one(
    payload: bytes | None, text: str
) -> None:
    line = parse_line(json.dumps(line_of(payload) | {"text": text}), 1)
    assert line.choose_payload(payload) == text.encode()


@given(PAYLOADS, st.binary())
def test_a_corrected_payload_is_taken_though_the_text_is_the_old_one(
    payload: bytes | None, fixed: bytes
) -> None:
    corrected = line_of(fixed)["payload"]
    line = parse_line(json.dumps(line_of(payload) | {"payload": corrected}), 1)
    assert line.choose_payload(payload) == fixed


def test_two_different_corrections_are_refused() -> None:
    line = parse_line(json.dumps(line_of(b"a") | {"text": "b", "payload": "Yw=="}), 4)
    with pytest.raises(UsageError, match="line 4"):
        line.choose_payload(b"a")


@given(st.text() | st.recursive(st.none() | st.integers() | st.text(), st.lists).map(json.dumps))
def test_what_is_no_line_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        parse_line(text, 1)


@pytest.mark.parametrize(
    "text", ["[" * 100_000, '{"topic_id":"x","partition":' + "9" * 5000 + "}"], ids=["deep", "long"]
)
def test_hostile_lines_are_value_errors_too(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        parse_line(text, 1)
