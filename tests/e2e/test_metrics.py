"""Metrics of real processes: what they counted is what was committed; an outlet that cannot be had ends them first."""

import json
import signal
import socket
import threading
import time
from pathlib import Path
from urllib.request import urlopen

from prometheus_client.parser import text_string_to_metric_families

from e2e.antennactl_process import World, finish, wait_for
from services import execute

PREFIX = "antennactl_"


def read(text: str) -> dict[str, float]:
    """Return name → value, without the prefix; a label's value stands behind its series' name."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            kept = [v for k, v in sorted(sample.labels.items()) if k in {"partition", "reason", "stage"}]
            found[":".join([sample.name.removeprefix(PREFIX), *kept])] = sample.value
    return found


def scraped(url: str) -> dict[str, float]:
    with urlopen(url) as answer:  # noqa: S310 - our own process
        return read(answer.read().decode())


def test_a_running_stream_tells_what_it_committed_and_its_lag(world: World) -> None:
    world.run("simulate", "--messages", "400", "--malformed", "0.1", "--unknown", "0.1", "--sent", "sent.csv")
    process = world.start("stream", "--interval", "200ms", "--metrics-addr", "127.0.0.1:0", "--json")
    assert process.stderr
    assert process.stdout
    url = next(line.split()[-1] for line in process.stderr if line.startswith("metrics at http://"))
    documents: list[dict[str, object]] = []
    reader = threading.Thread(
        target=lambda out: documents.extend(map(json.loads, out)), args=[process.stdout]
    )
    reader.start()
    wait_for(lambda: scraped(url)["messages_consumed_total"] == 400)
    wait_for(lambda: {f"consumer_lag_messages:{p}" for p in range(4)} <= scraped(url).keys())
    found = scraped(url)
    process.send_signal(signal.SIGTERM)
    reader.join()
    assert process.wait() == 0
    process.stdout.close()
    process.stderr.close()
    totals = world.query(
        "SELECT sum(n_late)::bigint AS messages_late_total, "
        "sum(n_unknown_user)::bigint AS unknown_user_messages_total, "
        "(SELECT extract(epoch FROM max(max_event_time))::float8 FROM antennactl.stream_offset) AS event_time_seconds, "
        "(SELECT count(*) FROM antennactl.lake_file) AS lake_files_total FROM antennactl.micro_batch"
    ).row(0, named=True)
    assert {name: found[name] for name in totals} == totals
    letters = world.query("SELECT reason, count(*) FROM antennactl.dead_letter GROUP BY reason").rows()
    assert letters
    assert {reason: found[f"messages_rejected_total:{reason}"] for reason, _ in letters} == dict(letters)
    assert found["microbatch_duration_seconds_count:commit"] == len(documents)
    assert sum(found[f"consumer_lag_messages:{p}"] for p in range(4)) == 0


def test_what_is_read_but_not_committed_is_lag(world: World) -> None:
    world.run("simulate", "--messages", "400", "--sent", "sent.csv")
    path = world.folder / "stream.prom"
    process = world.start("stream", "--interval", "1h", "--metrics-file", str(path))
    wait_for(path.exists)

    def lag() -> float:
        found = read(path.read_text())
        return sum(n for name, n in found.items() if name.startswith("consumer_lag_messages"))

    wait_for(lambda: lag() == 400)
    assert read(path.read_text())["messages_consumed_total"] == 0
    process.send_signal(signal.SIGTERM)
    assert finish(process)[0] == 0
    assert lag() == 0
    assert read(path.read_text())["messages_consumed_total"] == 400


def test_an_outlet_that_cannot_be_had_ends_the_command_before_any_work(world: World) -> None:
    away = {"ANTENNACTL_DSN": "postgresql://nobody@127.0.0.1:1/none"}  # never asked
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        told = world.run("stream", "--metrics-addr", address, env=away, code=2)
    assert told.startswith(f"error: --metrics-addr {address}: Address already in use")
    for command in ("stream", "batch"):
        told = world.run(command, "--metrics-file", "gone/a.prom", env=away, code=2)
        assert told.startswith("error: --metrics-file gone/a.prom: No such file or directory")


def test_a_batch_from_cron_leaves_its_last_success_and_the_newest_hours_violators(world: World) -> None:
    path = world.folder / "batch.prom"
    words = ("batch", "--metrics-file", str(path))
    started = time.time()
    world.run(*words, "--hour", "2026-10-25T01", code=4)
    assert not path.exists()  # only a success is one
    world.run(
        "simulate", "--messages", "2000", "--start", "2022-10-31T17", "--span", "2h", "--sent", "sent.csv"
    )
    world.run("stream", "--drain", "--metrics-file", str(world.folder / "stream.prom"))
    world.run(*words, "--catch-up", "--dry-run")
    assert not path.exists()
    world.run(*words, "--catch-up")
    runs = world.query("SELECT hour, n_violators FROM antennactl.batch_run ORDER BY hour").rows()
    assert len(runs) >= 2
    # Another number for the newest hour than for the older one, which is run again after it.
    execute(
        world.dsn,
        "UPDATE antennactl.batch_run SET n_violators = 77 WHERE hour = (SELECT max(hour) FROM antennactl.batch_run)",
    )
    world.run(*words, "--hour", f"{runs[0][0]:%Y-%m-%dT%H}")
    found = read(path.read_text())
    assert found["quota_violators"] == 77
    assert started < found["hourly_last_success_timestamp_seconds"] < time.time()
    before = path.read_text()
    world.run(
        *words, "--hour", "2021-01-01T00", env={"ANTENNACTL_DSN": "postgresql://127.0.0.1:1/none"}, code=3
    )
    assert path.read_text() == before
    world.run(*words, "--catch-up")  # nothing to do is a success too
    after = read(path.read_text())
    assert after["hourly_last_success_timestamp_seconds"] > found["hourly_last_success_timestamp_seconds"]
    streamed = read((world.folder / "stream.prom").read_text())
    assert streamed["messages_consumed_total"] == 2000
    # Both files lie in one folder: there no series may come twice.
    assert not series(path) & series(world.folder / "stream.prom")


def series(path: Path) -> set[str]:
    return {line.rpartition(" ")[0] for line in path.read_text().splitlines() if not line.startswith("#")}
