"""The commit stage keeps a batch until its fate is known, and begins anew when it is lost."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from antennactl.errors import (
    AntennactlError,
    KafkaRefusedError,
    PostgresUnavailableError,
    StorageUnavailableError,
)
from antennactl.ledger.connection import CommitOutcomeUnknownError
from antennactl.ledger.micro_batch import MicroBatch, Outcome
from antennactl.ledger.stream import StreamLedger
from antennactl.ledger.workers import Worker
from antennactl.pipeline.commit import Commit
from antennactl.pipeline.exchange import Exchange, Prepared

OLD, NEW = Worker("old", "host", 1), Worker("new", "host", 1)


class Ledger(StreamLedger):
    """Answers as told, one answer a call and the last one for ever; notes what it was asked."""

    def __init__(self, **answers: list[object]) -> None:
        self.answers = answers
        self.asked: list[str] = []

    def commit(self, worker: Worker, batch: MicroBatch) -> Outcome:
        del batch
        return cast("Outcome", self._answer("commit", worker.name))

    def is_committed(self, batch: MicroBatch) -> bool:
        del batch
        return bool(self._answer("is_committed"))

    def register(self, worker: Worker) -> None:
        self._answer("register", worker.name)

    def publish(self, batch: MicroBatch) -> None:
        del batch
        self._answer("publish")

    def discard(self, batch: MicroBatch) -> None:
        del batch
        self._answer("discard")

    def recover(self) -> None:
        self._answer("recover")

    def keep_alive(self, worker: Worker) -> None:
        del worker

    def _answer(self, name: str, *details: str) -> object:
        self.asked.append(" ".join((name, *details)))
        answers = self.answers.get(name, [None])
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, AntennactlError):
            raise answer
        return answer


class RestlessExchange(Exchange):
    """Does not wait."""

    def rest(self, seconds: float) -> None:
        del seconds


@pytest.fixture
def exchange() -> RestlessExchange:
    exchange = RestlessExchange(OLD)
    exchange.begin_epoch()
    return exchange


@pytest.fixture
def offer(exchange: Exchange) -> Callable[[], None]:
    def offer() -> None:
        batch = cast("MicroBatch", SimpleNamespace(ranges=[], is_touch=True))
        check = cast("Any", SimpleNamespace(confirm=lambda: None))
        exchange.note_cut()
        exchange.prepared.put(Prepared(exchange.epoch, OLD, batch, check, 0.0, 0.0, {}, None))

    return offer


def make_commit(exchange: Exchange, ledger: Ledger) -> Commit:
    return Commit(exchange, ledger, lambda _progress: None, lambda: 0.0, lambda: NEW)


def steps(commit: Commit, n: int) -> None:
    for _ in range(n):
        commit.step()


def test_a_new_worker_is_entered_before_its_name_is_used(
    exchange: Exchange, offer: Callable[[], None]
) -> None:
    ledger = Ledger(commit=[Outcome.WORKER_GONE], register=[PostgresUnavailableError(), None])
    offer()
    commit = make_commit(exchange, ledger)
    steps(commit, 2)
    assert (exchange.worker.name, exchange.needs_reset) == ("old", False)
    steps(commit, 1)
    assert (exchange.worker.name, exchange.needs_reset) == ("new", True)
    assert exchange.is_settled
    assert ledger.asked == ["commit old", "register new", "commit old", "register new", "discard"]


def test_batches_behind_a_lost_one_are_dropped_with_it(exchange: Exchange, offer: Callable[[], None]) -> None:
    ledger = Ledger(commit=[Outcome.CONFLICT])
    commit = make_commit(exchange, ledger)
    for _ in range(2):
        offer()
        steps(commit, 2)
    assert ledger.asked == ["commit old", "discard", "discard"]
    assert exchange.conflicts == 1
    assert exchange.is_settled


@pytest.mark.parametrize("stands", [True, False])
def test_a_commit_without_an_answer_is_asked_about_before_it_is_made_again(
    exchange: Exchange,
    offer: Callable[[], None],
    stands: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    ledger = Ledger(commit=[CommitOutcomeUnknownError(), Outcome.COMMITTED], is_committed=[stands])
    offer()
    steps(make_commit(exchange, ledger), 3)
    asked = ["commit old", "is_committed", *([] if stands else ["commit old"]), "publish"]
    assert ledger.asked == asked
    assert exchange.is_settled


def test_what_cannot_be_published_is_left_to_recovery_at_once(
    exchange: Exchange, offer: Callable[[], None]
) -> None:
    ledger = Ledger(commit=[Outcome.COMMITTED], publish=[StorageUnavailableError()])
    commit = make_commit(exchange, ledger)
    offer()
    steps(commit, 2)
    assert exchange.is_settled
    exchange.prepared.put(None)
    steps(commit, 1)
    assert ledger.asked == ["commit old", "publish", "recover"]
    assert commit.is_finished


def test_refused_credentials_end_the_stage(exchange: Exchange, offer: Callable[[], None]) -> None:
    offer()
    commit = make_commit(exchange, Ledger(commit=[KafkaRefusedError()]))
    steps(commit, 1)
    with pytest.raises(KafkaRefusedError):
        commit.step()
