"""PostgreSQL or Kafka away for long: the stream waits and goes on without a hand, or ends with 3; nothing is lost."""

import signal
from pathlib import Path

from confluent_kafka.admin import AdminClient

from antennactl.local import Kafka, Postgres
from e2e.antennactl_process import World, check_oracle, finish, wait_for
from e2e.fault_scenes import DRAIN, RUN, count_batches, count_read, start_patched, stays
from proxy import proxied
from services import made_topic

TRAFFIC = ("--messages", "3000", "--late", "0.02", "--malformed", "0.01")


def test_postgresql_killed_and_away_for_20_s_then_on_without_a_hand(
    own_postgres: Postgres, bootstrap_servers: str, topic: str, tmp_path: Path
) -> None:
    world = World(own_postgres.dsn, bootstrap_servers, topic, tmp_path)
    world.run("provision")
    before, away = tmp_path / "before.csv", tmp_path / "away.csv"
    world.run("simulate", *TRAFFIC, "--sent", str(before))
    stream = world.start(*RUN)
    wait_for(lambda: count_batches(world))
    own_postgres.kill()
    world.run("simulate", *TRAFFIC, "--seed", "2", "--sent", str(away))
    stays(stream, 20.0)
    own_postgres.restart()
    wait_for(lambda: count_read(world) == 6000)
    stream.send_signal(signal.SIGTERM)
    code, _, err = finish(stream)
    assert code == 0, err
    assert "trying again" in err
    check_oracle(world, before, away)


def test_kafka_killed_and_away_for_15_s_then_on_without_a_hand(
    postgres_dsn: str, own_kafka: Kafka, tmp_path: Path
) -> None:
    admin = AdminClient({"bootstrap.servers": own_kafka.bootstrap_servers, "log_level": 0})
    with made_topic(admin) as topic:
        world = World(postgres_dsn, own_kafka.bootstrap_servers, topic, tmp_path)
        world.run("provision")
        logs = [tmp_path / f"{name}.csv" for name in ("before", "after", "idle")]
        world.run("simulate", *TRAFFIC, "--sent", str(logs[0]))
        stream = world.start(*RUN)
        wait_for(lambda: count_batches(world))
        own_kafka.kill()
        stays(stream, 15.0)
        own_kafka.restart()
        world.run("simulate", *TRAFFIC, "--seed", "2", "--sent", str(logs[1]))
        wait_for(lambda: count_read(world) == 6000)
        # And once more while there is nothing to read.
        own_kafka.kill()
        own_kafka.restart()
        world.run("simulate", *TRAFFIC, "--seed", "3", "--sent", str(logs[2]))
        wait_for(lambda: count_read(world) == 9000)
        stream.send_signal(signal.SIGTERM)
        code, _, err = finish(stream)
        assert code == 0, err
        check_oracle(world, *logs)


def test_postgresql_away_after_a_signal_ends_with_3_and_loses_nothing(world: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    more = world.folder / "more.csv"
    with proxied(world.dsn) as (proxy, dsn):
        # The same code with a shorter patience: 30 s show nothing that 3 do not.
        hasty = "import antennactl.pipeline.run as run; run.STOP_WITHIN_S = 3.0"
        stream = start_patched(world, hasty, *RUN, env={"ANTENNACTL_DSN": dsn})
        wait_for(lambda: count_read(world) == 3000)
        proxy.close()
        world.run("simulate", *TRAFFIC, "--seed", "2", "--sent", str(more))
        stays(stream, 2.0)
        stream.send_signal(signal.SIGTERM)
        code, _, err = finish(stream)
    assert code == 3, err
    assert "nothing is lost" in err
    world.run(*DRAIN)
    check_oracle(world, world.sent, more)


def test_a_slow_postgresql_slows_and_breaks_nothing(world: World) -> None:
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    with proxied(world.dsn) as (proxy, dsn):
        proxy.delay_s = 0.02
        world.run(*DRAIN, env={"ANTENNACTL_DSN": dsn})
    check_oracle(world)
