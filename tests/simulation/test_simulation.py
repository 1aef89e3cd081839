"""Under every mixture of faults each message comes through exactly once; take one promise out, and it shows."""

import logging
from collections import Counter
from collections.abc import Iterator
from unittest.mock import patch

import pytest

from simulation.mutants import MUTANTS, Mutant
from simulation.oracle import Reader
from simulation.run import replay_command, run_on_all_cores
from simulation.scheduler import Outcome, run_seed

SEEDS = 2_000
KINDS_OF_FAULTS = {
    "kill",
    "power cut",
    "stop for long",
    "connection cut",
    "no connection to PostgreSQL",
    "COMMIT without an answer",
    "statement given up",
    "no answer from Kafka",
    "rebalance",
    "disk full",
    "disk error",
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    """Log nothing: waits and retries are the normal case here."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def test_no_mixture_of_faults_breaks_a_promise() -> None:
    faults: Counter[str] = Counter()
    for outcome in run_on_all_cores(range(SEEDS)):
        assert outcome.violation is None, f"{outcome.violation}; replay it: {replay_command(outcome.seed)}"
        faults.update(outcome.faults)
    assert set(faults) == KINDS_OF_FAULTS


@pytest.mark.parametrize("name", MUTANTS)
def test_a_promise_taken_out_is_noticed(name: str) -> None:
    mutant, within = MUTANTS[name]
    found = first_violation(mutant, within)
    assert found is not None, f"{name}: not noticed within {within} seeds"
    print(f"{name}: seed {found.seed}: {found.violation}; {replay_command(found.seed, name)}")


def test_renaming_before_the_commit_leaves_duplicates() -> None:
    mutant, _ = MUTANTS["rename_before_commit"]
    with patch.object(Reader, "must_be_committed", lambda _self, _path: True):
        found = [run_seed(seed, mutant).violation or "" for seed in range(50)]
    assert any(violation.startswith("twice in the lake") for violation in found)


@pytest.mark.parametrize("seed", [3, 59, 133])
def test_a_seed_is_the_same_run_every_time(seed: int) -> None:
    first: list[str] = []
    second: list[str] = []
    assert run_seed(seed, trace=first) == run_seed(seed, trace=second)
    assert first == second != []


def first_violation(mutant: Mutant, within: int) -> Outcome | None:
    outcomes = (run_seed(seed, mutant) for seed in range(within))
    return next((outcome for outcome in outcomes if outcome.violation is not None), None)
