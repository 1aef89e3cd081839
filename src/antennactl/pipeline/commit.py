"""Prepared micro-batches in; one transaction each, then the rename of its files into the lake."""

import logging
import time
from collections.abc import Callable
from queue import Empty
from typing import Final

from antennactl.errors import (
    KafkaRefusedError,
    PostgresRefusedError,
    ServiceUnavailableError,
    StorageUnavailableError,
)
from antennactl.ledger.connection import CommitOutcomeUnknownError, RetryableLedgerError
from antennactl.ledger.micro_batch import Outcome
from antennactl.ledger.stream import StreamLedger
from antennactl.ledger.workers import Worker, new_worker
from antennactl.observe.progress import Progress
from antennactl.pipeline.exchange import WAIT_S, Exchange, Prepared

_log = logging.getLogger("antennactl.stream")

_FIRST_RETRY_S: Final = 0.2
_LAST_RETRY_S: Final = 5.0
_RECOVER_EVERY_S: Final = 60.0
_PUBLISH_WITHIN_S: Final = 30.0


class Commit:
    """Commits micro-batches in the order they were cut, one at a time, each until its outcome is known.

    While PostgreSQL or Kafka is away the batch waits; it stays valid, because the compare-and-set decides.
    """

    def __init__(
        self,
        exchange: Exchange,
        ledger: StreamLedger,
        report: Callable[[Progress], None],
        clock: Callable[[], float] = time.time,
        name_worker: Callable[[], Worker] = new_worker,
    ) -> None:
        self._exchange = exchange
        self._ledger = ledger
        self._report = report
        self._clock = clock
        self._name_worker = name_worker
        self._item: Prepared | None = None
        self._is_outcome_unknown = False
        self._void_epoch = 0
        self._retry_s = _FIRST_RETRY_S
        self._recover_at = clock() + _RECOVER_EVERY_S
        self._is_publish_owed = False
        self._closing_since: float | None = None
        self.is_finished = False

    def step(self) -> None:
        """Work on the batch in hand, or take the next one; recover now and then."""
        if self._item is None:
            self._take()
            return
        try:
            self._settle(self._item)
        except CommitOutcomeUnknownError as error:
            self._is_outcome_unknown = True
            self._wait(error)
        except (ServiceUnavailableError, RetryableLedgerError) as error:
            if isinstance(error, KafkaRefusedError | PostgresRefusedError):
                raise
            self._wait(error)
        else:
            self._item = None
            self._is_outcome_unknown = False
            self._retry_s = _FIRST_RETRY_S

    def _take(self) -> None:
        if self._clock() >= self._recover_at or self._is_publish_owed:
            self._recover()
        if self._closing_since is not None:
            self._close(self._closing_since)
            return
        try:
            item = self._exchange.prepared.get(timeout=WAIT_S)
        except Empty:
            return
        if item is not None:
            self._item = item
            return
        self._closing_since = self._clock()
        if self._is_publish_owed:
            self._recover()
        self._close(self._closing_since)

    def _close(self, since: float) -> None:
        """Finish when every committed row is where readers find it; else say that it is not."""
        if not self._is_publish_owed:
            self.is_finished = True
        elif self._clock() - since > _PUBLISH_WITHIN_S:
            message = f"committed files could not be moved into the lake for {_PUBLISH_WITHIN_S:.0f} s"
            raise StorageUnavailableError(
                message, hint="nothing is lost: the next start, batch or verify moves them"
            )

    def _settle(self, item: Prepared) -> None:
        """Commit, drop, or find out what became of the batch in hand; an error leaves it in hand."""
        if self._is_outcome_unknown:
            if self._ledger.is_committed(item.batch):
                self._finish(item)
                return
            self._is_outcome_unknown = False
        if item.epoch == self._void_epoch or item.epoch != self._exchange.epoch:
            self._drop(item)
            return
        item.topic_check.confirm()
        started = time.perf_counter()
        outcome = self._ledger.commit(item.worker, item.batch)
        if outcome is Outcome.COMMITTED:
            self._finish(item, time.perf_counter() - started)
            return
        if outcome is Outcome.WORKER_GONE:
            self._register_anew(item.worker)
        else:
            _log.info("another worker has moved on from these offsets; reading again from the ledger")
        # Those behind it start where it would have ended: they are void with it, and are not further losses.
        self._void_epoch = item.epoch
        self._exchange.ask_for_reset(conflict=outcome is Outcome.CONFLICT)
        self._drop(item)

    def _register_anew(self, gone: Worker) -> None:
        """Go on under a new name, which is used only once it is entered: staging without a worker is cleared away."""
        _log.warning("worker %s was declared gone; registering anew", gone.name)
        worker = self._name_worker()
        self._ledger.register(worker)
        self._exchange.worker = worker

    def _drop(self, item: Prepared) -> None:
        self._ledger.discard(item.batch)
        self._exchange.settle()

    def _finish(self, item: Prepared, commit_s: float = 0.0) -> None:
        """Publish what is committed. Nothing here may undo the commit: what fails is left to recovery."""
        started = time.perf_counter()
        try:
            self._ledger.publish(item.batch)
        except (ServiceUnavailableError, RetryableLedgerError, OSError) as error:
            _log.warning("committed files are not in the lake yet: %s; trying again", error)
            self._is_publish_owed = True
        publish_s = time.perf_counter() - started
        self._exchange.settle({item.kafka_partition: item.next_offset for item in item.batch.ranges})
        if not item.batch.is_touch:
            self._report(Progress.of(item, self._clock(), commit_s, publish_s))

    def _recover(self) -> None:
        try:
            self._ledger.keep_alive(self._exchange.worker)
            self._ledger.recover()
        except (ServiceUnavailableError, RetryableLedgerError, OSError) as error:
            self._wait(error)
        else:
            self._is_publish_owed = False
            self._recover_at = self._clock() + _RECOVER_EVERY_S

    def _wait(self, error: Exception) -> None:
        """Back off, longer each time, but end the wait when the process ends."""
        _log.warning("%s; trying again in %.1f s", error, self._retry_s)
        self._exchange.rest(self._retry_s)
        self._retry_s = min(_LAST_RETRY_S, 2 * self._retry_s)
