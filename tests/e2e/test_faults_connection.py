"""PostgreSQL's side of a micro-batch disturbed: connections that break at COMMIT, hang, are ended, wait for a lock."""

import signal

import pytest
from confluent_kafka.admin import AdminClient

from antennactl.ledger.connection import Database
from e2e.antennactl_process import World, check_oracle, finish, wait_for
from e2e.fault_scenes import (
    DRAIN,
    RUN,
    count_batches,
    count_busy_members,
    count_read,
    count_waiting,
    has_pending_signals,
    start_patched,
    stays,
)
from proxy import Trap, proxied

TRAFFIC = ("--messages", "4000", "--late", "0.02", "--malformed", "0.01", "--unknown", "0.02", "--span", "2h")

IMPATIENT = "import antennactl.pipeline.watchdog as watchdog; watchdog.HANGS_AFTER_S = 4.0"


@pytest.mark.parametrize("visit", [1, 3])
@pytest.mark.parametrize("trap", [Trap.CUT_BEFORE, Trap.CUT_AFTER])
def test_a_connection_cut_around_a_commit_loses_and_doubles_nothing(
    world: World, trap: Trap, visit: int
) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    with proxied(world.dsn) as (proxy, dsn):
        sprung = proxy.trap(trap, visit)
        code, _, err = finish(world.start(*DRAIN, env={"ANTENNACTL_DSN": dsn}))
        assert code == 0, err
        assert sprung.is_set()
    check_oracle(world)


def test_a_commit_whose_answer_is_swallowed_stands_once(world: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    with proxied(world.dsn) as (proxy, dsn):
        sprung = proxy.trap(Trap.SWALLOW_ANSWER, 2)
        drain = world.start(*DRAIN, env={"ANTENNACTL_DSN": dsn})
        assert sprung.wait(60)
        assert count_batches(world) >= 2
        proxy.cut()
        code, _, err = finish(drain)
        assert code == 0, err
    check_oracle(world)


def test_a_hung_commit_ends_the_process_and_a_restart_is_exact(world: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    with proxied(world.dsn) as (proxy, dsn):
        sprung = proxy.trap(Trap.SWALLOW_ANSWER)
        code, _, err = finish(start_patched(world, IMPATIENT, *DRAIN, env={"ANTENNACTL_DSN": dsn}))
        assert sprung.is_set()
        assert code == 3, err
        assert "PostgreSQL stopped answering" in err
        assert "without an answer to COMMIT" in err
    # It was committed, and nobody was told.
    assert count_batches(world) == 1
    assert len(world.staged_files()) > 0
    world.run(*DRAIN)
    check_oracle(world)


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        ("pg_catalog.pg_type", "a new connection"),
        ("SELECT setting.value", "read_setting"),
        ("INSERT INTO antennactl.worker", "register_worker"),
        ("public.user_metadata", "read_users"),
    ],
)
def test_a_question_without_an_answer_ends_the_process_and_a_restart_is_exact(
    world: World, asked: str, named: str
) -> None:
    """The first ones are asked at the start, that for the users by a thread of its own."""
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    with proxied(world.dsn) as (proxy, dsn):
        sprung = proxy.leave_unanswered(asked)
        code, _, err = finish(start_patched(world, IMPATIENT, *DRAIN, env={"ANTENNACTL_DSN": dsn}))
        assert sprung.is_set()
        assert code == 3, err
        assert f"error: PostgreSQL stopped answering: 4 s without an answer to {named}" in err
    assert count_batches(world) == 0
    world.run(*DRAIN)
    check_oracle(world)


def test_a_silent_ledger_after_a_rebalance_ends_the_process_and_a_restart_is_exact(
    world: World, kafka_admin: AdminClient
) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    with proxied(world.dsn) as (proxy, dsn):
        first = start_patched(world, IMPATIENT, *RUN, env={"ANTENNACTL_DSN": dsn})
        wait_for(lambda: count_read(world) == 4000)
        sprung = proxy.leave_unanswered("antennactl.stream_offset\nWHERE")
        second = world.start(*RUN)
        code, _, err = finish(first)
        assert sprung.is_set()
        assert code == 3, err
        assert "PostgreSQL stopped answering: 4 s without an answer to read_offsets" in err
    wait_for(lambda: count_busy_members(kafka_admin, world) == 1)
    second.send_signal(signal.SIGTERM)
    assert finish(second)[0] == 0
    world.run(*DRAIN)
    check_oracle(world)


@pytest.mark.parametrize(("n_signals", "expected"), [(1, 3), (2, 130)])
def test_signals_are_heard_while_the_start_waits_for_a_silent_server(
    world: World, n_signals: int, expected: int
) -> None:
    """Though no handler of ours runs as long as the main thread is in the call that hangs.

    SIGTERM: of SIGINT the driver makes the cancelling of the statement.
    """
    hasty = "import antennactl.pipeline.watchdog as watchdog; watchdog.STOP_WITHIN_S = 2.0"
    with proxied(world.dsn) as (proxy, dsn):
        sprung = proxy.leave_unanswered("SELECT setting.value")
        stream = start_patched(world, hasty if n_signals == 1 else "", *RUN, env={"ANTENNACTL_DSN": dsn})
        wait_for(sprung.is_set)
        for _ in range(n_signals):
            stream.send_signal(signal.SIGTERM)
            # The same signal again while the first is still on its way would be one.
            wait_for(lambda: not has_pending_signals(stream))
        code, _, err = finish(stream)
        assert code == expected, err


def test_a_server_that_is_silent_after_the_signal_ends_the_stream_with_3(world: World) -> None:
    """Within the time of a service that is away, and the connections that hang keep nobody from leaving."""
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    hasty = "import antennactl.pipeline.run as run; run.STOP_WITHIN_S = 2.0"
    with proxied(world.dsn) as (proxy, dsn):
        sprung = proxy.leave_unanswered("INSERT INTO antennactl.micro_batch")
        limits = {"ANTENNACTL_DSN": dsn, "PGCONNECT_TIMEOUT": "2"}
        stream = start_patched(world, hasty, *RUN, env=limits)
        wait_for(sprung.is_set)
        proxy.swallow()
        stream.send_signal(signal.SIGTERM)
        code, _, err = finish(stream)
        assert code == 3, err
        assert "stayed away for 2 s after the signal" in err
    assert count_batches(world) == 0
    world.run(*DRAIN)
    check_oracle(world)


def test_backends_ended_again_and_again_lose_and_double_nothing(world: World) -> None:
    stream = world.start(*RUN)
    producer = world.start(
        "simulate", *TRAFFIC, "--messages", "6000", "--rate", "1500/s", "--sent", str(world.sent)
    )
    n_ended = 0
    while producer.poll() is None or n_ended < 12:
        ended = world.query(
            "SELECT pg_terminate_backend(pid) AS ended FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
        )
        n_ended += ended.height
        assert stream.poll() is None, finish(stream)
    assert finish(producer)[0] == 0
    stream.send_signal(signal.SIGTERM)
    code, _, err = finish(stream)
    assert code == 0, err
    world.run("stream", "--drain", "-X", "session.timeout.ms=6000")
    check_oracle(world)


def test_totals_that_somebody_else_holds_locked_are_waited_for(world: World) -> None:
    before, after = world.folder / "before.csv", world.folder / "after.csv"
    span = ("--start", "2026-06-01T10:00:00Z")
    world.run("simulate", *TRAFFIC, *span, "--sent", str(before))
    world.run(*DRAIN)
    world.run("simulate", *TRAFFIC, *span, "--seed", "2", "--sent", str(after))
    with Database(world.dsn) as other, other.transaction() as transaction:
        assert transaction.query_text("SELECT value FROM public.bytes FOR UPDATE").height > 0
        drain = world.start(*DRAIN)
        wait_for(lambda: count_waiting(world) > 0)
        n_batches = count_batches(world)
        stays(drain, 3.0)
        # Nothing of the micro-batch is to be seen while it waits.
        assert count_batches(world) == n_batches
    code, _, err = finish(drain)
    assert code == 0, err
    check_oracle(world, before, after)


def test_workers_that_merge_the_same_keys_at_once_meet_no_deadlock(
    world: World, kafka_admin: AdminClient
) -> None:
    workers = [world.start(*RUN, "--interval", "100ms") for _ in range(3)]
    wait_for(lambda: count_busy_members(kafka_admin, world) == 3)
    world.run("simulate", *TRAFFIC, "--messages", "15000", "--rate", "5000/s", "--sent", str(world.sent))
    wait_for(lambda: count_read(world) == 15_000)
    for worker in workers:
        worker.send_signal(signal.SIGTERM)
    for worker in workers:
        assert finish(worker)[0] == 0
    assert world.query("SELECT count(DISTINCT worker) AS n FROM antennactl.micro_batch").item() >= 2
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
    assert world.query(deadlocks).item() == 0
    check_oracle(world)
