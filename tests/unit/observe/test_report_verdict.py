"""The first thing an operator reads: what is right, and what needs a look."""

from datetime import timedelta
from typing import Any

from antennactl.observe.report.facts import NoEnds
from antennactl.observe.report.verdict import find_checks, headline
from unit.observe.report_facts import FIRST, make_facts, make_runs

HOURS = [FIRST, FIRST + timedelta(hours=1)]


def states(**changes: Any) -> list[str]:
    return [check.state for check in find_checks(make_facts(**changes))]


def test_all_is_well_though_rejects_are_kept() -> None:
    checks = find_checks(make_facts())
    assert [check.state for check in checks] == ["good", "good", "info", "good"]
    assert headline(checks) == "All is well"


def test_an_hour_without_a_current_run_needs_a_look() -> None:
    for word in ("missing", "changed"):
        checks = find_checks(make_facts(states={HOURS[0]: word, HOURS[1]: "final"}))
        assert checks[0].state == "warn"
        assert "24 Nov 06:00 has no current batch run" in checks[0].text
        assert headline(checks) == "1 thing needs a look"


def test_an_open_hour_is_no_fault() -> None:
    assert states(states={HOURS[0]: "final", HOURS[1]: "open"})[0] == "good"
    assert states(states={HOURS[1]: "open"})[0] == "info"
    assert states(states={})[0] == "info"


def test_a_difference_between_the_layers_needs_a_look() -> None:
    assert states(runs=make_runs(HOURS, drift=-3))[1] == "warn"
    assert states(runs=make_runs(HOURS[:1], drift=None))[1] == "info"


def test_messages_left_with_nobody_at_work_need_a_look() -> None:
    nobody = make_facts().workers.clear()
    assert states(lags={0: 7})[3] == "info"
    assert states(lags={0: 7}, workers=nobody)[3] == "warn"
    assert states(lags=NoEnds("Kafka was not reached"), workers=nobody)[3] == "info"


def test_a_kafka_that_refuses_needs_a_look() -> None:
    checks = find_checks(make_facts(lags=NoEnds("Kafka at k1 refused this client", refused=True)))
    assert checks[3].state == "warn"
    assert checks[3].text.startswith("Kafka at k1 refused this client, so what is left there is not known")
