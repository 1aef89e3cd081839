"""The partitions' positions and ends in, lag and the file of metrics kept up to date out, by a thread of its own.

It asks Kafka and writes to a disk, and either may hang: the stream's own threads do nothing but count.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from antennactl.observe.metrics.outlets import write_metrics
from antennactl.observe.metrics.stream_metrics import StreamMetrics
from antennactl.observe.rounds import Rounds

EVERY_S: Final = 10.0


class Keeper:
    """Brings lag and file up to date every EVERY_S until it is closed. What fails is logged once, not raised."""

    def __init__(
        self,
        metrics: StreamMetrics,
        path: Path | None,
        positions: Callable[[], Mapping[int, int]],
        end_offsets: Callable[[Mapping[int, int]], Mapping[int, int]],
        every_s: float = EVERY_S,
    ) -> None:
        self._metrics = metrics
        self._path = path
        self._positions = positions
        self._end_offsets = end_offsets
        self._rounds = Rounds({"the lag": self._read_lag, "the file of metrics": self._write}, every_s)

    def close(self) -> None:
        """Write the file a last time and end, but do not wait long for a disk that hangs."""
        self._rounds.close()

    def _read_lag(self) -> None:
        ends = self._end_offsets(self._positions())
        # Asked anew: what was committed meanwhile is no lag, and a partition may have gone to another worker.
        positions = self._positions()
        lag = {p: max(0, ends[p] - offset) for p, offset in positions.items() if p in ends}
        self._metrics.set_lag(lag)

    def _write(self) -> None:
        if self._path is not None:
            write_metrics(self._metrics.registry, self._path)
