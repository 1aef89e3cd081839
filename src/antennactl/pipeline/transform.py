"""Decoded chunks and cuts in, micro-batches ready for their transaction out: drops what no longer counts, retries."""

import logging
from queue import Empty, Full
from typing import Final

from antennactl.errors import StorageUnavailableError
from antennactl.pipeline.assembly import Assembly
from antennactl.pipeline.exchange import WAIT_S, Cut, Exchange, Opened, Parsed, Prepared

_log = logging.getLogger("antennactl.stream")

_RETRY_S: Final = 1.0


class Transform:
    """Collects decoded chunks and, at a cut, stages what they held. Nothing of it is visible to anybody yet."""

    def __init__(self, exchange: Exchange, assembly: Assembly) -> None:
        self._exchange = exchange
        self._assembly = assembly
        self._epoch = 0
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
            item = self._exchange.parsed.get(timeout=WAIT_S)
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
                self._assembly.begin(item.max_event_times, item.floor)
            case Parsed():
                self._assembly.add(item)
            case Cut():
                self._cut = item

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
