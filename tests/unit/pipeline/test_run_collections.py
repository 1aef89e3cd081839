"""Stages in threads: what they need of the process is set for their time alone."""

import gc
import threading
from typing import cast

from antennactl.ledger.workers import Worker
from antennactl.pipeline.exchange import Exchange
from antennactl.pipeline.run import Stages, run_stages

MANY_MESSAGES = 20_000


class _Counting:
    """A stage that notes how often the collector runs while it holds as many new objects as some polls bring."""

    busy_since = None

    def __init__(self) -> None:
        self.is_finished = False
        self.n_collections = 0

    def step(self) -> None:
        gc.callbacks.append(self._note)
        held: list[list[int]] = [[] for _ in range(MANY_MESSAGES)]
        gc.callbacks.remove(self._note)
        del held
        self.is_finished = True

    def _note(self, phase: str, _info: dict[str, int]) -> None:
        self.n_collections += phase == "start"


def test_messages_are_polled_without_collecting_garbage() -> None:
    thresholds = gc.get_threshold()
    stages = [_Counting() for _ in range(4)]
    run_stages(Stages(*stages), Exchange(cast("Worker", None)), threading.Event())  # type: ignore[arg-type] # four that only count
    assert [stage.n_collections for stage in stages] == [0] * 4
    assert gc.get_threshold() == thresholds
