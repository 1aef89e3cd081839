"""Topics of other formats come through exactly once: JSON of another layout, and Avro with a schema registry."""

import json
import signal
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from confluent_kafka import Producer

from e2e.antennactl_process import World, finish, wait_for
from schema_registry import Registry, run_registry

NESTED = """[message]
timestamp = "meta.ts"
timestamp-unit = "ms"
id = "user.id"
antenna-id = "cell.antenna.id"
bytes = "usage.bytes"
"""
TRAFFIC = ("--messages", "6000", "--malformed", "0.05", "--late", "0.02", "--unknown", "0.02")
UNREGISTERED = 2**31 - 1


class Failing(Registry):
    """Is in trouble from when it was asked for the schema of id 1, until `status` is set to None."""

    def answer(self, method: str, path: str, login: str | None, body: dict[str, Any]) -> tuple[int, Any]:
        answer = super().answer(method, path, login, body)
        if self.asked[-1] == "GET /schemas/ids/1":
            self.status = 503
        return answer


@pytest.fixture
def registry() -> Iterator[Registry]:
    with run_registry() as running:
        yield running


def configure(world: World, text: str) -> None:
    (world.folder / "antennactl.toml").write_text(text)


def avro(registry: Registry, text: str = NESTED) -> str:
    return f'{text}format = "avro"\n[registry]\nurl = "{registry.url}"\n'


def check_numbers(world: World, *, reasons_in_place: frozenset[str] = frozenset()) -> None:
    """Hold lake, totals and dead letters against the producer's account; messages of the reasons named are events."""
    sent = list(world.sent_log().iter_rows(named=True))
    events = [row for row in sent if row["fault"] is None]
    letters = [row for row in sent if row["fault"] is not None and row["reason"] not in reasons_in_place]
    rows = world.lake_rows()
    found = {(row[6], row[7]): row[:5] for row in rows}
    assert len(rows) == len(found) == len(sent) - len(letters)
    for row in events:
        place = int(row["kafka_partition"]), int(row["kafka_offset"])
        fields = row["id"], row["antenna_id"], int(row["bytes"]), row["app"]
        assert found[place] == (int(row["timestamp"]) * 1_000_000, *fields)
    n_bytes = sum(int(str(row[3])) for row in rows)
    sums = world.query("SELECT type, sum(value)::bigint AS total FROM bytes GROUP BY type ORDER BY type")
    assert sums["total"].to_list() == [n_bytes] * 3
    summary = world.document("rejects")
    assert {row["reason"]: row["n_open"] for row in summary if row["n_open"]} == Counter(
        row["reason"] for row in letters
    )
    world.run("verify")


def drain_with_a_kill(world: World) -> None:
    note = world.folder / "reached"
    words = ("stream", "--drain", "--max-rows", "2000")
    code, _, err = finish(world.start(*words, env={"ANTENNACTL_FAILPOINT": f"after_totals:kill:2:{note}"}))
    assert (code, note.read_text()) == (-signal.SIGKILL, "after_totals"), err
    world.run(*words)


def test_json_of_another_layout(world: World) -> None:
    configure(world, NESTED)
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    drain_with_a_kill(world)
    check_numbers(world)
    letter = json.loads(world.run("rejects", "--export", "-", "--reason", "timestamp_unit").splitlines()[0])
    assert json.loads(letter["text"]).keys() == {"meta", "user", "cell", "usage", "app"}
    assert world.document("rejects", "--replay")["n_replayed"] == 0


def test_a_wrong_unit_is_mended_by_setting_it_right_and_replaying(world: World) -> None:
    configure(world, NESTED)
    world.run("simulate", "--messages", "500", "--sent", str(world.sent))
    world.run("stream", "--drain", env={"ANTENNACTL_MESSAGE_TIMESTAMP_UNIT": "us"})
    assert [row["reason"] for row in world.document("rejects")] == ["timestamp_unit"]
    assert list(world.lake.rglob("*.parquet")) == []
    assert world.document("rejects", "--replay")["n_replayed"] == 500
    check_numbers(world)


def test_milliseconds_reach_lake_and_hours(world: World) -> None:
    """The last one of an hour stays in it."""
    configure(world, '[message]\ntimestamp-unit = "ms"\n')
    producer = Producer({"bootstrap.servers": world.bootstrap_servers})
    message = {"bytes": 7, "id": "u", "antenna_id": "a", "app": "A", "timestamp": 1_764_003_599_999}
    producer.produce(world.topic, json.dumps(message).encode(), partition=0)
    assert producer.flush(30) == 0
    world.run("stream", "--drain")
    assert [row[0] for row in world.lake_rows()] == [1_764_003_599_999_000]
    world.run("batch", "--catch-up", "--allow-partial")
    hours = world.query("SELECT DISTINCT extract(epoch FROM timestamp)::bigint AS s FROM bytes_hourly")
    assert hours["s"].to_list() == [1_764_000_000]
    world.run("verify")


def test_avro_with_a_registry(world: World, registry: Registry) -> None:
    configure(world, avro(registry))
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    drain_with_a_kill(world)
    check_numbers(world)
    (schema,) = registry.schemas.values()
    registry.status = 503
    assert "answers 503" in world.run("rejects", "--replay", code=3)
    registry.status = None
    # The producer's registry knew it, ours learns of it late: their dead letters are sound messages.
    registry.schemas[UNREGISTERED] = schema
    replayed = world.document("rejects", "--replay")
    assert replayed["n_replayed"] == len(
        [row for row in world.sent_log().iter_rows(named=True) if row["reason"] == "unknown_schema"]
    )
    assert replayed["n_replayed"] > 0
    check_numbers(world, reasons_in_place=frozenset({"unknown_schema"}))


def test_while_the_registry_is_away_nothing_is_rejected_and_nothing_is_lost(world: World) -> None:
    with run_registry(Failing()) as registry:
        registry.add(1, '"int"')
        configure(world, avro(registry))
        world.run("simulate", "--messages", "3000", "--malformed", "0.02", "--sent", str(world.sent))
        stream = world.start("stream", "--drain", "--interval", "500ms")
        wait_for(lambda: registry.asked.count("GET /schemas/ids/2") > 2)
        assert world.query("SELECT count(*) AS n FROM antennactl.dead_letter").item() == 0
        registry.status = None
        code, _, err = finish(stream)
        assert code == 0, err
        assert "answers 503; trying again" in err
        check_numbers(world)


def test_a_registry_that_refuses_is_told_at_once(world: World, registry: Registry) -> None:
    registry.login = "antenna:s3cret"
    configure(world, avro(registry, "[message]\n"))
    refused = world.run("stream", "--drain", env={"ANTENNACTL_REGISTRY_USER_INFO": "antenna:wr0ng"}, code=3)
    assert "refuses this client (401)" in refused
    assert "wr0ng" not in refused
    world.run("simulate", "--messages", "5", env={"ANTENNACTL_REGISTRY_USER_INFO": "antenna:s3cret"})
    shown = world.run("config", env={"ANTENNACTL_REGISTRY_USER_INFO": "antenna:s3cret"})
    assert "s3cret" not in shown
    assert "--registry-user-info" in shown
