"""A pacer lets the rate through, makes up for what was missed, and never sleeps for long."""

from antennactl.simulator.pace import Pacer


class _Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.naps: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.now += seconds


def _run(rate: float, until_s: float) -> tuple[int, _Clock]:
    clock, done = _Clock(), 0
    pacer = Pacer(rate, clock.monotonic, clock.sleep)
    while clock.now < 1000.0 + until_s:
        done += pacer.wait_for_due(done)
    return done, clock


def test_the_rate_is_kept() -> None:
    """Ten seconds at 20 a second are 200 messages, give or take the first and the last."""
    assert 199 <= _run(20.0, 10.0)[0] <= 203


def test_the_first_message_is_due_at_once() -> None:
    """Even at one an hour."""
    clock = _Clock()
    assert Pacer(1 / 3600, clock.monotonic, clock.sleep).wait_for_due(0) == 1


def test_naps_are_short() -> None:
    """So that a stop is noticed, and a high rate does not spin."""
    _, slow = _run(1 / 60, 30.0)
    assert max(slow.naps) <= 0.1
    _, fast = _run(100_000.0, 1.0)
    assert min(fast.naps) >= 0.02


def test_what_was_missed_is_made_up_for() -> None:
    """After a stall all that is due comes at once."""
    clock = _Clock()
    pacer = Pacer(10.0, clock.monotonic, clock.sleep)
    assert pacer.wait_for_due(0) == 1
    clock.now += 60.0
    assert pacer.wait_for_due(1) == 600
