"""Chunks in, the same chunks decoded out; judges whether this is the right topic at all."""

import logging
import time
from collections import Counter
from collections.abc import Callable
from queue import Empty, Full
from typing import Final

from antennactl.decode import Decode, decode_messages
from antennactl.errors import RegistryRefusedError, RegistryUnavailableError, TooManyRejectsError
from antennactl.pipeline.exchange import WAIT_S, Chunk, Cut, Exchange, Opened, Parsed
from antennactl.schemas import MIN_TIMESTAMP_S

# A few broken messages among few say nothing yet.
_MIN_JUDGED: Final = 10_000
_log: Final = logging.getLogger(__name__)
_RETRY_S: Final = 1.0


class Decoding:
    """Decodes chunks as they come, in a thread of its own: the next micro-batch while the one before is staged."""

    def __init__(
        self,
        exchange: Exchange,
        max_reject_ratio: float,
        clock: Callable[[], float] = time.time,
        decode: Decode = decode_messages,
    ) -> None:
        self._exchange = exchange
        self._max_reject_ratio = max_reject_ratio
        self._clock = clock
        self._decode_messages = decode
        self._floor_s = MIN_TIMESTAMP_S
        self._judged = 0
        self._reasons: Counter[str] = Counter()
        self._ready: Opened | Parsed | Cut | None = None
        self._waiting: Chunk | None = None
        self.is_finished = False

    def step(self) -> None:
        """Hand on what is ready, or take one item and decode it."""
        if self._ready is not None:
            self._hand_over(self._ready)
            return
        try:
            item = self._waiting or self._exchange.raw.get(timeout=WAIT_S)
        except Empty:
            return
        was_waiting, self._waiting = self._waiting is not None, None
        if item is None:
            self.is_finished = True
        elif not isinstance(item, Chunk):
            if isinstance(item, Opened):
                self._floor_s = MIN_TIMESTAMP_S if item.floor is None else int(item.floor.timestamp())
            self._ready = item
        elif item.epoch == self._exchange.epoch:
            self._try_to_decode(item, was_waiting=was_waiting)
        if self._ready is not None:
            self._hand_over(self._ready)

    def _try_to_decode(self, chunk: Chunk, *, was_waiting: bool) -> None:
        """Decode a chunk, or keep it while the schema registry is away: an outage rejects no message."""
        try:
            self._ready = self._decode(chunk)
        except RegistryUnavailableError as error:
            if isinstance(error, RegistryRefusedError):
                raise
            if not was_waiting:
                _log.warning("%s; trying again", error)
            self._waiting = chunk
            self._exchange.rest(_RETRY_S)
        else:
            if was_waiting:
                _log.warning("the schema registry answers again")

    def _decode(self, chunk: Chunk) -> Parsed:
        started = time.perf_counter()
        decoded = self._decode_messages(
            chunk.payloads, chunk.partitions, chunk.offsets, int(self._clock()), self._floor_s
        )
        self._judged += len(chunk.payloads)
        self._reasons.update(decoded.rejects["reason"])
        self._judge()
        return Parsed(chunk.epoch, decoded, time.perf_counter() - started)

    def _judge(self) -> None:
        """Stop when most messages are rejected: then the topic or this version is wrong, not the messages."""
        if self._judged < _MIN_JUDGED:
            return
        rejected = self._reasons.total()
        if rejected > self._max_reject_ratio * self._judged:
            listed = ", ".join(f"{reason} {n}" for reason, n in self._reasons.most_common())
            message = f"{rejected} of {self._judged} messages were rejected ({listed})"
            raise TooManyRejectsError(
                message, hint="is this the right topic? allow more with --max-reject-ratio"
            )
        if self._judged >= 10 * _MIN_JUDGED:
            self._judged = 0
            self._reasons.clear()

    def _hand_over(self, ready: Opened | Parsed | Cut) -> None:
        try:
            self._exchange.parsed.put(ready, timeout=WAIT_S)
        except Full:
            return
        self._ready = None
