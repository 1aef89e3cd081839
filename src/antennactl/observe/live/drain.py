"""Positions as they move in, how far a drain has come out."""

from collections.abc import Mapping

from antennactl.observe.live.bar import Wait


class Drain:
    """Counts from where each partition began to be read to the end offsets of a drain.

    What other workers read is not counted: a partition that goes to one of them takes along what is left of it.
    """

    def __init__(self, targets: Mapping[int, int]) -> None:
        self._targets = targets
        self._starts: dict[int, int] = {}
        self._reached: dict[int, int] = {}
        self._began_at: float | None = None
        self._total = 0

    def wait(self, positions: Mapping[int, int], now: float) -> Wait | None:
        """Return how far it has come at `positions` (next offsets of what is read now); None: not begun.

        Without positions, while partitions are dealt, it stands where it stood.
        """
        if positions:
            if self._began_at is None:
                self._began_at = now
            for partition, offset in positions.items():
                within = min(offset, self._targets.get(partition, 0))
                self._starts.setdefault(partition, within)
                self._reached[partition] = within
            left = sum(max(0, self._targets.get(p, 0) - offset) for p, offset in positions.items())
            self._total = self._done() + left
        if self._began_at is None:
            return None
        return Wait("drain", self._done(), self._total, now - self._began_at)

    def _done(self) -> int:
        return sum(offset - self._starts[partition] for partition, offset in self._reached.items())
