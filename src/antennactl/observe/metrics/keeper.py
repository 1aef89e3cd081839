"""The partitions' positions and ends in, lag and the file of metrics kept up to date out, by a thread of its own.

It asks Kafka and writes to a disk, and either may hang: the stream's own threads do nothing but count.
"""

import logging
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from antennactl.observe.metrics.outlets import write_metrics
from antennactl.observe.metrics.stream_metrics import StreamMetrics

EVERY_S: Final = 10.0
_FIRST_S: Final = 1.0
_LEAVE_S: Final = 8.0

_log = logging.getLogger("antennactl.metrics")


class Keeper:
    """Brings lag and file up to date soon, then every EVERY_S until closed. What fails is logged once, not raised."""

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
        self._every_s = every_s
        self._failing: set[str] = set()
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="metrics", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Write the file a last time and end, but do not wait long for a disk that hangs."""
        self._closed.set()
        self._thread.join(_LEAVE_S)

    def _work(self) -> None:
        is_last = self._closed.wait(min(_FIRST_S, self._every_s))
        while True:
            self._try("the lag", self._read_lag)
            self._try("the file of metrics", self._write)
            if is_last:
                return
            is_last = self._closed.wait(self._every_s)

    def _read_lag(self) -> None:
        ends = self._end_offsets(self._positions())
        # Asked anew: what was committed meanwhile is no lag, and a partition may have gone to another worker.
        positions = self._positions()
        lag = {p: max(0, ends[p] - offset) for p, offset in positions.items() if p in ends}
        self._metrics.set_lag(lag)

    def _write(self) -> None:
        if self._path is not None:
            write_metrics(self._metrics.registry, self._path)

    def _try(self, what: str, work: Callable[[], None]) -> None:
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever it is, the stream goes on without it
            if what not in self._failing:
                _log.warning("%s cannot be kept up to date (%s)", what, error)
            self._failing.add(what)
        else:
            if what in self._failing:
                _log.info("%s is up to date again", what)
            self._failing.discard(what)
