"""Who takes no step for long is found, whoever is slow is left alone."""

import threading

from antennactl.ledger.connection import Database
from antennactl.pipeline.watchdog import HANGS_AFTER_S, Watchdog

HALF_S = HANGS_AFTER_S / 2


def watched() -> tuple[Watchdog, Database]:
    watchdog, database = Watchdog(threading.Event()), Database("")
    watchdog.watch(database)
    return watchdog, database


def test_an_answer_that_does_not_come_is_found_when_its_time_is_over() -> None:
    watchdog, database = watched()
    with database.steps.asking("read_users"):
        assert watchdog.look(HALF_S) is None  # how long it stood before this look is not known
        assert watchdog.look(HALF_S) is None
        assert watchdog.look(HALF_S) is None
        hung = watchdog.look(1.0)
    assert hung is not None
    assert hung.what == "read_users"
    assert hung.is_asked


def test_a_transaction_that_stands_still_between_two_statements_is_found() -> None:
    watchdog, database = watched()
    with database.steps.asking("lock_offsets"):
        pass
    assert watchdog.look(1.0) is None
    hung = watchdog.look(HANGS_AFTER_S + 1)
    assert hung is not None
    assert hung.what == "lock_offsets"
    assert not hung.is_asked


def test_the_same_statement_again_and_again_is_progress() -> None:
    watchdog, database = watched()
    for _ in range(10):
        with database.steps.asking("merge_totals"):
            assert watchdog.look(HALF_S) is None
            assert watchdog.look(HALF_S) is None


def test_a_connection_at_rest_may_rest_for_ever() -> None:
    watchdog, database = watched()
    with database.steps.asking("COMMIT"):
        assert watchdog.look(HALF_S) is None
    database.steps.end()
    for _ in range(10):
        assert watchdog.look(HANGS_AFTER_S + 1) is None


def test_each_connection_is_watched_beside_one_that_gets_on() -> None:
    watchdog, busy = watched()
    silent = Database("")
    watchdog.watch(silent)
    with silent.steps.asking("read_floor"):
        for _ in range(3):
            with busy.steps.asking("merge_totals"):
                assert watchdog.look(HALF_S) is None
        hung = watchdog.look(1.0)
    assert hung is not None
    assert hung.what == "read_floor"
