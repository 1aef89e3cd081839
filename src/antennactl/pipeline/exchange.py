"""What the four stages hand to each other, and the epoch that says which of it still counts."""

import queue
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antennactl.decode import Decoded
from antennactl.ledger.micro_batch import MicroBatch
from antennactl.ledger.workers import Worker
from antennactl.rules.offsets import OffsetRange
from antennactl.sources.cluster import TopicCheck

# A chunk is about 2 MB of payloads: enough to keep the transform busy, little enough to keep memory flat.
_CHUNKS = 8
# Decoding goes on while the micro-batch before is being staged.
_PARSED = 24
# One micro-batch is in its transaction while the next one waits and a third is being filled.
_BATCHES = 1
WAIT_S: Final = 0.2
"""How long a stage waits for its neighbour in one step."""


@dataclass(frozen=True)
class Opened:
    """Reading begins anew, at offsets from the ledger, with each partition's `max_event_time` there.

    `floor` is the oldest hour kept: events before it are rejected.
    """

    epoch: int
    max_event_times: Mapping[int, datetime]
    floor: datetime | None


@dataclass(frozen=True)
class Chunk:
    """Messages of the open micro-batch: three parallel lists."""

    epoch: int
    payloads: Sequence[bytes | None]
    partitions: Sequence[int]
    offsets: Sequence[int]


@dataclass(frozen=True)
class Parsed:
    """A chunk, decoded in `decode_s` seconds."""

    epoch: int
    decoded: Decoded
    decode_s: float


@dataclass(frozen=True)
class Cut:
    """The end of a micro-batch: what it covers. `topic_check` tells, after the last poll, that it was our topic."""

    epoch: int
    ranges: Sequence[OffsetRange]
    topic_check: TopicCheck
    opened_at: float
    cut_at: float


@dataclass(frozen=True)
class Prepared:
    """A micro-batch ready for its transaction, its files staged by `worker`, under whose name alone it may commit."""

    epoch: int
    worker: Worker
    batch: MicroBatch
    topic_check: TopicCheck
    opened_at: float
    cut_at: float
    reject_reasons: Mapping[str, int]
    event_time: tuple[datetime, datetime] | None


class Exchange:
    """Three short queues, and the state that all stages look at.

    A reset makes a new epoch: whatever was handed over before no longer counts and is dropped where it is met.
    """

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.raw: queue.Queue[Opened | Chunk | Cut | None] = queue.Queue(_CHUNKS)
        self.parsed: queue.Queue[Opened | Parsed | Cut | None] = queue.Queue(_PARSED)
        self.prepared: queue.Queue[Prepared | None] = queue.Queue(_BATCHES)
        self.ended = threading.Event()
        self._lock = threading.Lock()
        self._epoch = 0
        self._unsettled = 0
        self._needs_reset = False
        self._conflicts = 0
        self._committed: dict[int, int] = {}
        self._positions: dict[int, int] = {}

    def rest(self, seconds: float) -> None:
        """Wait, but not beyond the end of the run."""
        self.ended.wait(seconds)

    @property
    def epoch(self) -> int:
        """The epoch that counts."""
        return self._epoch

    @property
    def is_settled(self) -> bool:
        """Whether every micro-batch that was cut is committed or dropped."""
        with self._lock:
            return self._unsettled == 0

    @property
    def needs_reset(self) -> bool:
        """Whether reading has to begin anew from the ledger."""
        return self._needs_reset

    @property
    def conflicts(self) -> int:
        """How many micro-batches in a row lost their compare-and-set."""
        return self._conflicts

    @property
    def positions(self) -> dict[int, int]:
        """The next offset to commit of each partition that is being read."""
        with self._lock:
            return dict(self._positions)

    def read_from(self, offsets: Mapping[int, int]) -> None:
        """Note what is being read from now on, and from where."""
        with self._lock:
            self._positions = dict(offsets)

    def begin_epoch(self) -> int:
        """Void everything handed over so far and return the new epoch."""
        with self._lock:
            self._epoch += 1
            self._positions = {}
            self._needs_reset = False
            return self._epoch

    def ask_for_reset(self, *, conflict: bool = False) -> None:
        """Have the intake read the ledger again; `conflict`: because another worker had moved on."""
        with self._lock:
            self._needs_reset = True
            self._conflicts += conflict

    def forget_conflicts(self) -> None:
        """Start counting anew: the assignment changed, so the losses were its."""
        with self._lock:
            self._conflicts = 0

    def note_cut(self) -> None:
        """Count a micro-batch as handed over."""
        with self._lock:
            self._unsettled += 1

    def settle(self, committed: Mapping[int, int] | None = None) -> None:
        """Count a micro-batch as committed (with the next offset of each partition) or, without, as dropped."""
        with self._lock:
            self._unsettled -= 1
            if committed is not None:
                self._committed.update(committed)
                self._positions |= {p: offset for p, offset in committed.items() if p in self._positions}
                self._conflicts = 0

    def take_committed(self) -> dict[int, int]:
        """Return the next offsets committed since the last call."""
        with self._lock:
            committed, self._committed = self._committed, {}
            return committed
