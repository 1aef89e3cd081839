"""Every way to break a message is rejected by the decoder, for the reason that the sent log will name."""

import pytest

from antennactl.decode.message import Reject, parse_message
from antennactl.decode.reasons import OF_OTHER_LAYOUTS, REASONS
from antennactl.simulator.faults import FAULTS, LINE_FAULTS, Event, Fault, encode_event

NOW_S = 1_600_550_000
EVENT: Event = {
    "bytes": 9082,
    "timestamp": 1_600_545_287,
    "app": "SKYPE",
    "id": "00000000-0000-0000-0000-000000000001",
    "antenna_id": "00000000-0000-0000-0000-000000000000",
}


def _name(fault: Fault) -> str:
    return fault.name


@pytest.mark.parametrize("fault", FAULTS, ids=_name)
@pytest.mark.parametrize("n_bytes", [0, 9, 9999])
def test_each_fault_is_rejected_for_its_reason(fault: Fault, n_bytes: int) -> None:
    """The decoder's reason is the fault's reason, whatever the size of the event."""
    outcome = parse_message(fault.spoil(EVENT | {"bytes": n_bytes}), NOW_S)
    assert isinstance(outcome, Reject)
    assert outcome.reason == fault.reason


def test_the_event_itself_is_valid() -> None:
    """What the faults spoil is valid before."""
    assert not isinstance(parse_message(encode_event(EVENT), NOW_S), Reject)


def test_every_reason_of_the_decoder_has_a_fault() -> None:
    """No reason is left out, but for the one that is given after decoding."""
    assert {fault.reason for fault in FAULTS} == set(REASONS) - {"before_retention"} - OF_OTHER_LAYOUTS


def test_names_are_unique() -> None:
    """A name says which fault it is."""
    assert len({fault.name for fault in FAULTS}) == len(FAULTS)


@pytest.mark.parametrize("fault", LINE_FAULTS, ids=_name)
def test_line_faults_fit_on_a_line(fault: Fault) -> None:
    """In a file each message is one line."""
    spoiled = fault.spoil(EVENT)
    assert spoiled is not None
    assert b"\n" not in spoiled
