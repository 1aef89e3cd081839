"""Progress records, positions and end offsets in; what the live table shows of a stream at one moment out."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from antennactl.observe.live.bar import Wait
from antennactl.observe.live.drain import Drain
from antennactl.observe.progress import Progress


@dataclass(frozen=True)
class Sums:
    """What all micro-batches since the start add up to. `reasons`: rejects by reason."""

    n_batches: int = 0
    n_rows: int = 0
    n_rejects: int = 0
    n_late: int = 0
    n_unknown_user: int = 0
    sum_bytes: int = 0
    processing_s: float = 0.0

    def add(self, progress: Progress) -> "Sums":
        """Return the sums with one more micro-batch."""
        return Sums(
            self.n_batches + 1,
            self.n_rows + progress.n_rows,
            self.n_rejects + progress.n_rejects,
            self.n_late + progress.n_late,
            self.n_unknown_user + progress.n_unknown_user,
            self.sum_bytes + progress.sum_bytes,
            self.processing_s + progress.processing_s,
        )


@dataclass(frozen=True)
class StreamFacts:
    """A stream at the moment `now`; all times in UTC.

    `positions`: the next offset to commit of each partition read; `ends`: end offsets, as far as they are known,
    of the time `ends_at`.
    """

    topic: str
    now: datetime
    started_at: datetime
    last: Progress | None
    sums: Sums
    reasons: Mapping[str, int]
    newest_event: datetime | None
    positions: Mapping[int, int]
    ends: Mapping[int, int]
    ends_at: datetime
    drain: Wait | None

    @property
    def lag(self) -> dict[int, int]:
        """Messages that are not committed yet, of each partition whose end is known."""
        return {p: max(0, self.ends[p] - offset) for p, offset in self.positions.items() if p in self.ends}


class StreamView:
    """Keeps what is shown. The stream's threads only note; another one asks for the facts."""

    def __init__(
        self,
        topic: str,
        positions: Callable[[], Mapping[int, int]],
        targets: Mapping[int, int] | None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._topic = topic
        self._positions = positions
        self._drain = None if targets is None else Drain(targets)
        self._clock = clock
        self._started_at = clock()
        self._lock = threading.Lock()
        self._last: Progress | None = None
        self._sums = Sums()
        self._reasons: Counter[str] = Counter()
        self._newest: datetime | None = None
        self._ends = dict(targets or {})
        self._ends_at = self._started_at

    def observe(self, progress: Progress) -> None:
        """Note a micro-batch that was committed."""
        with self._lock:
            self._last = progress
            self._sums = self._sums.add(progress)
            self._reasons.update(progress.reject_reasons)
            if progress.event_time is not None:
                newest = progress.event_time[1]
                self._newest = newest if self._newest is None else max(self._newest, newest)

    def set_ends(self, ends: Mapping[int, int]) -> None:
        """Note the partitions' end offsets."""
        with self._lock:
            self._ends = dict(ends)
            self._ends_at = self._clock()

    def facts(self) -> StreamFacts:
        """Return what is to be shown now. One thread alone may ask."""
        positions = dict(self._positions())
        now = self._clock()
        drain = None if self._drain is None else self._drain.wait(positions, now)
        with self._lock:
            return StreamFacts(
                topic=self._topic,
                now=datetime.fromtimestamp(now, tz=UTC),
                started_at=datetime.fromtimestamp(self._started_at, tz=UTC),
                last=self._last,
                sums=self._sums,
                reasons=dict(self._reasons),
                newest_event=self._newest,
                positions=positions,
                ends=self._ends,
                ends_at=datetime.fromtimestamp(self._ends_at, tz=UTC),
                drain=drain,
            )
