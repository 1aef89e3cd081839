"""The per-message path: every nasty message gets the outcome that the corpus names."""

import json
import sys
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from antennactl.decode import REASONS, Event, Reject, parse_message
from antennactl.decode.reasons import OF_OTHER_LAYOUTS
from unit.decode.corpus import CASES, EVENT, GOOD, NOW_S, Case, write_message

# A machine busy with other tests is no reason to fail.
_LAW = settings(deadline=None)
_PARSED_GOOD = Event(
    timestamp_s=1600545287,
    id="00000000-0000-0000-0000-000000000001",
    antenna_id="00000000-0000-0000-0000-000000000000",
    bytes=9082,
    app="SKYPE",
)


def _outcome(payload: bytes | None) -> str:
    outcome = parse_message(payload, NOW_S)
    return EVENT if isinstance(outcome, Event) else outcome.reason


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_outcome_is_the_one_the_corpus_names(case: Case) -> None:
    assert _outcome(case.payload) == case.expected


def test_corpus_is_large_names_no_case_twice_and_knows_every_reason() -> None:
    assert len(CASES) >= 150
    assert [name for name, n in Counter(case.name for case in CASES).items() if n > 1] == []
    assert {case.expected for case in CASES} == {EVENT, *REASONS} - {"before_retention"} - OF_OTHER_LAYOUTS


def test_plain_message_yields_its_five_fields() -> None:
    assert parse_message(GOOD.encode(), NOW_S) == _PARSED_GOOD


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('"a\\"b\\\\\\/\\n"', 'a"b\\/\n'),
        ('"\\ud83d\\ude00"', "\U0001f600"),
        ('"\\u0053KYPE"', "SKYPE"),
        ('"{[:,]}"', "{[:,]}"),
        ('"' + "[{" * 20 + '"', "[{" * 20),
    ],
)
def test_escapes_and_brackets_in_text_are_kept(text: str, value: str) -> None:
    assert parse_message(write_message(app=text).encode(), NOW_S) == _PARSED_GOOD._replace(app=value)


@_LAW
@given(st.binary())
def test_never_raises_on_any_bytes(payload: bytes) -> None:
    assert _outcome(payload) in {EVENT, *REASONS}


@_LAW
@given(st.text('{}[]",:\\ \nabytes0123.eu-'))
def test_never_raises_on_text_made_of_the_characters_of_json(text: str) -> None:
    assert _outcome(text.encode()) in {EVENT, *REASONS}


@_LAW
@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=5), st.lists, max_leaves=40))
def test_any_json_is_allowed_in_an_unknown_field(value: object) -> None:
    padding: list[list[object]] = [[]] * 20  # enough brackets for the path that empties nested values
    message = write_message(more=f',"x":{json.dumps(value)},"y":{json.dumps(padding)}')
    assert parse_message(message.encode(), NOW_S) == _PARSED_GOOD


@_LAW
@given(st.text('[]{},:"\\ 1ax', max_size=30))
def test_emptying_nested_values_changes_no_verdict_on_the_syntax(value: str) -> None:
    few = _outcome(write_message(more=f',"x":{value}').encode())
    many = _outcome(write_message(more=f',"y":[{",".join(["[]"] * 20)}],"x":{value}').encode())
    assert few == many


@pytest.mark.parametrize("levels", [511, 512])
def test_depth_of_the_stack_changes_no_outcome(levels: int) -> None:
    payload = write_message(more=',"x":' + "[" * levels + "]" * levels).encode()
    assert _call_deep(sys.getrecursionlimit() - 200, payload) == _outcome(payload)


def _call_deep(frames: int, payload: bytes) -> str:
    used = 0
    frame = sys._getframe()  # noqa: SLF001 - the only way to know how deep the runner already is
    while frame.f_back:
        frame, used = frame.f_back, used + 1

    def descend(left: int) -> str:
        return _outcome(payload) if left == 0 else descend(left - 1)

    return descend(max(frames - used, 0))


@pytest.fixture
def small_integer_limit() -> Iterator[None]:
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    yield
    sys.set_int_max_str_digits(before)


@pytest.mark.usefixtures("small_integer_limit")
def test_limit_for_integers_changes_no_outcome() -> None:
    assert _outcome(write_message(more=f',"x":{"9" * 1000}').encode()) == EVENT
    assert _outcome(write_message(bytes="9" * 1000).encode()) == "bytes_out_of_range"


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.expected != EVENT], ids=lambda case: case.name
)
def test_detail_is_short_and_holds_no_content(case: Case) -> None:
    secret = b"hunter2-secret"
    payload = case.payload and case.payload.replace(b"SKYPE", secret).replace(b"9082", b"77123")
    outcome = parse_message(payload, NOW_S)
    if isinstance(outcome, Reject):
        assert outcome.detail
        assert len(outcome.detail) < 80
        assert "hunter2" not in outcome.detail
        assert "77123" not in outcome.detail


@pytest.mark.parametrize(
    ("payload", "detail"),
    [
        (None, "tombstone"),
        (b"", "no bytes"),
        (b" ", "only white space"),
        (b"{}", "timestamp"),
        (b"ab\xff", "at byte 2"),
        (b"{1}", "at character 1"),
        (write_message(app="null").encode(), "app: null"),
        (write_message(bytes="true").encode(), "bytes: true or false"),
        (write_message(bytes="5.0").encode(), "bytes: number with a fraction or an exponent"),
        (write_message(id="7").encode(), "id: integer"),
        (write_message(id="{}").encode(), "id: object"),
        (write_message(more=',"id":"x"').encode(), "id"),
        (write_message(bytes="9" * 5000).encode(), "bytes: too large"),
        (write_message(bytes="-" + "9" * 5000).encode(), "bytes: negative"),
        (write_message(timestamp="9" * 5000).encode(), "timestamp: too far in the future"),
        (write_message(timestamp="-" + "9" * 5000).encode(), "timestamp: before 2000"),
        (write_message(timestamp="1600545287000").encode(), "timestamp: milliseconds"),
        (write_message(timestamp="1600545287000000").encode(), "timestamp: microseconds"),
        (write_message(timestamp="1600545287000000000").encode(), "timestamp: nanoseconds"),
    ],
)
def test_detail_says_where(payload: bytes | None, detail: str) -> None:
    outcome = parse_message(payload, NOW_S)
    assert isinstance(outcome, Reject)
    assert outcome.detail == detail


def test_a_later_clock_accepts_a_later_event() -> None:
    payload = write_message(timestamp=str(NOW_S + 3601)).encode()
    assert _outcome(payload) == "timestamp_out_of_range"
    assert isinstance(parse_message(payload, NOW_S + 1), Event)


_FLOOR_S = 1_600_545_600  # the hour after GOOD's


@pytest.mark.parametrize(
    ("timestamp_s", "outcome"),
    [(_FLOOR_S - 1, "before_retention"), (_FLOOR_S, EVENT), (946_684_799, "timestamp_out_of_range")],
)
def test_an_event_before_the_oldest_hour_kept_is_a_reject(timestamp_s: int, outcome: str) -> None:
    found = parse_message(write_message(timestamp=str(timestamp_s)).encode(), NOW_S, _FLOOR_S)
    assert (EVENT if isinstance(found, Event) else found.reason) == outcome


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.expected != EVENT], ids=lambda case: case.name
)
def test_every_other_reason_comes_before_that_of_the_oldest_hour(case: Case) -> None:
    assert parse_message(case.payload, NOW_S, NOW_S + 3600) == parse_message(case.payload, NOW_S)
