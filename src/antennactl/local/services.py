"""Both local services at once: a folder in, running PostgreSQL and Kafka out, or neither."""

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_EXCEPTION, Future, wait
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

from antennactl.errors import InterruptedRunError
from antennactl.local.kafka import Kafka, start_kafka
from antennactl.local.postgres import Postgres, start_postgres
from antennactl.local.progress import Progress, print_step

_Started = TypeVar("_Started", Postgres, Kafka)


@dataclass(frozen=True)
class LocalServices:
    """A PostgreSQL and a Kafka of ours; they end with our process, or at `stop`, unless released."""

    postgres: Postgres
    kafka: Kafka

    @property
    def dsn(self) -> str:
        """Where to connect to PostgreSQL. Holds the password: for programs, not for messages."""
        return self.postgres.dsn

    @property
    def bootstrap_servers(self) -> str:
        """Where Kafka's clients connect."""
        return self.kafka.bootstrap_servers

    def stop(self) -> None:
        """Stop both, also when stopping one fails. A second call does nothing."""
        with ExitStack() as stack:
            stack.callback(self.postgres.stop)
            stack.callback(self.kafka.stop)

    def release(self) -> None:
        """Let both outlive this process, with their files."""
        self.postgres.release()
        self.kafka.release()

    def __enter__(self) -> Self:
        """Give the running services."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop both, unless they were released."""
        self.stop()


def start_services(folder: Path, progress: Progress = print_step, *, durable: bool = True) -> LocalServices:
    """Start PostgreSQL and Kafka side by side; see `start_postgres` and `start_kafka`.

    `progress` is called from two threads, never at the same time. If one service fails or the caller is
    interrupted, the other is stopped too, and the error of the first is raised.
    """
    report, cancelled = _serialise(progress)
    postgres = _in_thread(lambda: start_postgres(folder, report, durable=durable))
    kafka = _in_thread(lambda: start_kafka(folder, report))
    both: list[Future[Any]] = [postgres, kafka]
    try:
        for future in wait(both, return_when=FIRST_EXCEPTION).done:
            future.result()
        return LocalServices(postgres.result(), kafka.result())
    except BaseException:
        cancelled.set()
        for future in both:
            future.add_done_callback(_stop_started)
        wait(both)
        raise


def _serialise(progress: Progress) -> tuple[Progress, threading.Event]:
    """Give `progress` for several threads, and the event after which it ends the step that reports to it."""
    lock, cancelled = threading.Lock(), threading.Event()

    def report(what: str, done: int, total: int) -> None:
        # Not at the end of a step: what it has started is then about to be returned, and stopped as such.
        if cancelled.is_set() and done < total:
            raise InterruptedRunError
        with lock:
            progress(what, done, total)

    return report, cancelled


def _in_thread(start: Callable[[], _Started]) -> "Future[_Started]":
    """Start in a thread that does not hold up the end of the process, as one of an executor would."""
    future: Future[_Started] = Future()

    def run() -> None:
        try:
            future.set_result(start())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever asks for the result
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future


def _stop_started(future: "Future[Any]") -> None:
    if future.exception() is None:
        future.result().stop()
