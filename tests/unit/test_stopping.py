"""Signals that ask for an end are counted, and no others."""

import signal
from collections.abc import Iterator

import pytest

from antennactl.stopping import Stop, stop_on_signals


@pytest.fixture
def stop() -> Iterator[Stop]:
    handlers = {
        number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGCONT)
    }
    yield stop_on_signals()
    signal.set_wakeup_fd(-1)
    for number, handler in handlers.items():
        signal.signal(number, handler)


def test_a_process_that_goes_on_after_ctrl_z_was_not_asked_to_end(stop: Stop) -> None:
    signal.signal(signal.SIGCONT, lambda _number, _frame: None)
    signal.raise_signal(signal.SIGCONT)
    assert stop.count_signals() == 0
    signal.raise_signal(signal.SIGTERM)
    assert stop.count_signals() == 1
    assert stop.is_set()
