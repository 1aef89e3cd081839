"""Chunks and cuts in, micro-batches ready for their transaction out: drops what no longer counts, judges, retries."""

import logging
from queue import Empty, Full
from typing import Final

from antennactl.errors import StorageUnavailableError, TooManyRejectsError
from antennactl.pipeline.assembly import Assembly
from antennactl.pipeline.exchange import WAIT_S, Chunk, Cut, Exchange, Opened, Prepared

_log = logging.getLogger("antennactl.stream")

_RETRY_S: Final = 1.0
# A few broken messages among few say nothing yet.
_MIN_JUDGED: Final = 10_000


class Transform:
    """Decodes chunks as they come and, at a cut, stages what they held. Nothing of it is visible to anybody yet."""

    def __init__(self, exchange: Exchange, assembly: Assembly, max_reject_ratio: float) -> None:
        self._exchange = exchange
        self._assembly = assembly
        self._max_reject_ratio = max_reject_ratio
        self._epoch = 0
        self._judged = self._rejected = 0
        self._cut: Cut | None = None
        self._ready: Prepared | None = None
        self.is_finished = False

    def step(self) -> None:
        """Take one item and work it off, or go on with what could not be staged or handed over."""
        if self._ready is not None:
            self._hand_over(self._ready)
        elif self._cut is not None:
            self._stage(self._cut)
        else:
            self._take()

    def _take(self) -> None:
        try:
            item = self._exchange.raw.get(timeout=WAIT_S)
        except Empty:
            return
        if item is None:
            self.is_finished = True
            return
        if item.epoch != self._epoch:
            self._assembly.forget()
            self._epoch = item.epoch
        match item:
            case Opened():
                self._assembly.begin(item.max_event_times)
            case Chunk():
                self._decode(item)
            case Cut():
                self._cut = item

    def _decode(self, chunk: Chunk) -> None:
        if chunk.epoch != self._exchange.epoch:
            return
        self._rejected += self._assembly.add(chunk)
        self._judged += len(chunk.payloads)
        self._judge()

    def _judge(self) -> None:
        """Stop when most messages are rejected: then the topic or this version is wrong, not the messages."""
        if self._judged < _MIN_JUDGED:
            return
        if self._rejected > self._max_reject_ratio * self._judged:
            reasons = sorted(self._assembly.count_reasons().items(), key=lambda item: -item[1])
            listed = ", ".join(f"{reason} {n}" for reason, n in reasons)
            message = f"{self._rejected} of {self._judged} messages were rejected (in the last micro-batch: {listed})"
            raise TooManyRejectsError(
                message, hint="is this the right topic? allow more with --max-reject-ratio"
            )
        if self._judged >= 10 * _MIN_JUDGED:
            self._judged = self._rejected = 0

    def _stage(self, cut: Cut) -> None:
        if cut.epoch != self._exchange.epoch:
            self._cut = None
            self._exchange.settle()
            return
        try:
            self._ready = self._assembly.prepare(cut, self._exchange.worker)
        except StorageUnavailableError as error:
            _log.warning("%s; trying again", error)
            self._exchange.rest(_RETRY_S)
            return
        self._cut = None

    def _hand_over(self, ready: Prepared) -> None:
        try:
            self._exchange.prepared.put(ready, timeout=WAIT_S)
        except Full:
            return
        self._ready = None
