"""How many messages were sent so far in, how many may go now out; the clock and the sleep are handed in."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

_LONGEST_NAP_S: Final = 0.1
"""A stop is noticed within this time, however low the rate."""
_SHORTEST_NAP_S: Final = 0.02
"""High rates go in small lots: a lot costs a round trip to the broker."""


@dataclass
class Pacer:
    """Lets `rate` messages a second through, counted from the first call; what was missed is made up for."""

    rate: float
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _began: float | None = None

    def wait_for_due(self, done: int) -> int:
        """Return how many messages are due after `done`; sleeps a moment and returns 0 if none is."""
        now = self.monotonic()
        if self._began is None:
            self._began = now
        due = int((now - self._began) * self.rate) + 1 - done
        if due > 0:
            return due
        next_s = self._began + done / self.rate - now
        self.sleep(min(max(next_s, _SHORTEST_NAP_S), _LONGEST_NAP_S))
        return 0
