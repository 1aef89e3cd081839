"""Status reads progress, workers, the last micro-batch, hours and dead letters from the ledger."""

import json
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from confluent_kafka import Producer

from antennactl.commands import status
from antennactl.ledger.connection import Database
from antennactl.settings import Settings
from antennactl.sources.cluster import connect_cluster
from json_keys import documented_keys, key_paths

LEDGER = """
INSERT INTO antennactl.stream_offset
    (topic_id, kafka_partition, topic, next_offset, max_event_time, caught_up_at)
SELECT '{topic_id}', p, '{topic}', 0, '2025-10-01 09:30Z', now() - interval '30 s'
FROM generate_series(0, 3) AS p;
UPDATE antennactl.stream_offset SET next_offset = 2 WHERE kafka_partition = 1;
INSERT INTO antennactl.worker (worker, host, pid, heartbeat_at, partitions, assigned_at)
VALUES ('w1', E'host\\x1b[2J', 7, now() - interval '90 s', '{{0,1,2}}', now() - interval '95 s'),
('w2', 'other', 8, now(), '{{2,3}}', now()), ('w3', 'other', 9, now(), '{{}}', NULL);
INSERT INTO antennactl.micro_batch VALUES
('018f0000-0000-7000-8000-000000000001', 'w1', 1, 0, 0, 0, 5, '{{}}', now() - interval '1 h'),
('018f0000-0000-7000-8000-000000000002', 'w1', 90, 3, 2, 1, 500, '{{"write": 4.5, "commit": 12}}', now());
INSERT INTO antennactl.lake_file (path, hour, n_rows, sum_bytes, sha256)
SELECT 'f' || h, timestamptz '2025-10-01 00:00Z' + h * interval '1 h', 10, 100, ''
FROM generate_series(4, 9) AS h;
INSERT INTO antennactl.batch_run (hour, n_rows, sum_bytes, n_violators, partial)
VALUES ('2025-10-01 04:00Z', 10, 100, 0, false), ('2025-10-01 05:00Z', 9, 90, 0, false),
('2025-10-01 06:00Z', 10, 100, 0, true);
INSERT INTO antennactl.setting VALUES ('retention_floor', '2025-10-01T04:00:00Z');
INSERT INTO antennactl.dead_letter (topic_id, kafka_partition, kafka_offset, topic, reason, replayed_at)
SELECT '{topic_id}', 0, n, '{topic}', CASE WHEN n < 3 THEN 'not_json' ELSE 'bytes_range' END,
    CASE WHEN n = 5 THEN now() END
FROM generate_series(0, 5) AS n;
"""


@pytest.fixture
def settings(postgres_dsn: str, bootstrap_servers: str, topic: str, tmp_path: Path) -> Settings:
    """Make a topic with five messages in partition 1, of which two were read, and a ledger that says so."""
    producer = Producer({"bootstrap.servers": bootstrap_servers})
    for _ in range(5):
        producer.produce(topic, b"{}", partition=1)
    assert producer.flush(30) == 0
    made = Settings(
        dsn=postgres_dsn, bootstrap_servers=bootstrap_servers, topic=topic, lake=tmp_path / "lake", json=True
    )
    topic_id = connect_cluster(made).describe_topic().topic_id
    with Database(postgres_dsn) as database, database.transaction() as tx:
        tx.script(LEDGER.format(topic_id=topic_id, topic=topic))
    return made


def look(settings: Settings, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    """Return the document of a status that ends with 0."""
    assert status.run(settings, threading.Event()) == 0
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    return report


def test_lag_counts_what_is_still_unread(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Five messages, two read: a lag of three; the other partitions are at their end."""
    partitions = look(settings, capsys)["partitions"]
    assert [row["lag"] for row in partitions] == [0, 3, 0, 0]
    assert (partitions[1]["next_offset"], partitions[1]["end_offset"]) == (2, 5)
    assert partitions[1]["max_event_time"] == "2025-10-01T09:30:00Z"


def test_the_newest_micro_batch_is_shown(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """With its counts and the time each stage took."""
    batch = look(settings, capsys)["last_micro_batch"]
    assert batch["batch_id"] == "018f0000-0000-7000-8000-000000000002"
    assert (batch["n_events"], batch["n_rejects"], batch["n_late"], batch["n_unknown_user"]) == (90, 3, 2, 1)
    assert batch["duration_ms"] == {"write": 4.5, "commit": 12}
    assert 0 <= batch["age_s"] < 60


def test_hours_without_a_current_run_are_named(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Changed, partial and missing ones, whether complete or not; the current one at 04 is not among them."""
    hours = look(settings, capsys)["hours"]
    assert {row["hour"][11:13]: row["state"] for row in hours} == {
        "05": "changed",
        "06": "partial",
        "07": "missing",
        "08": "missing",
        "09": "missing",
    }
    assert (hours[0]["lake_rows"], hours[0]["run_rows"]) == (10, 9)


def test_an_hour_still_waited_for_is_open(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """It says what it waits for."""
    with Database(settings.dsn) as database, database.transaction() as tx:
        tx.query_text("UPDATE antennactl.stream_offset SET caught_up_at = NULL")
    last = look(settings, capsys)["hours"][-1]
    assert (last["hour"], last["state"]) == ("2025-10-01T09:00:00Z", "open")
    assert "partitions 0, 1, 2, 3 not read past" in last["waits_for"]


def test_workers_and_open_dead_letters_are_counted(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """A replayed dead letter is closed."""
    report = look(settings, capsys)
    assert report["dead_letters"] == [
        {"reason": "not_json", "n_open": 3},
        {"reason": "bytes_range", "n_open": 2},
    ]
    assert [row["worker"] for row in report["workers"]] == ["w1", "w2", "w3"]
    assert 90 <= report["workers"][0]["heartbeat_age_s"] < 150


def test_workers_are_shown_with_the_partitions_that_they_have(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """One that was given a partition later has it, though the other has not heard of it yet."""
    report = look(settings, capsys)
    assert [row["partitions"] for row in report["workers"]] == [[0, 1], [2, 3], []]
    assert [row["worker"] for row in report["partitions"]] == ["w1", "w1", "w2", "w2"]
    assert status.run(replace(settings, json=False), threading.Event()) == 0
    table = capsys.readouterr().out.partition("Workers\n")[2].partition("\n\n")[0].splitlines()
    assert [line.split()[-1] for line in table] == ["partitions", "-" * 10, "0-1", "2-3", "-"]


def test_the_tables_hold_the_same_and_obey_no_data(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Readable when piped: no line over 80 columns but for paths, and no control character."""
    assert status.run(replace(settings, json=False), threading.Event()) == 0
    out = capsys.readouterr().out
    for title in ("Settings", "Services", "Workers", "Partitions", "Last micro-batch", "Open dead letters"):
        assert f"{title}\n" in out
    assert "host\\x1b[2J" in out
    assert all(c == "\n" or c.isprintable() for c in out)
    tables = out[out.index("Workers") :]
    assert max(map(len, tables.splitlines())) <= 80


def test_a_topic_made_again_is_exit_five(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """The name is the same, the id is not."""
    with Database(settings.dsn) as database, database.transaction() as tx:
        tx.query_text("UPDATE antennactl.stream_offset SET topic_id = 'former'")
    assert status.run(settings, threading.Event()) == 5
    assert json.loads(capsys.readouterr().out)["problems"] == ["the topic was deleted and made again"]


def check(
    settings: Settings, capsys: pytest.CaptureFixture[str], **limits: float
) -> tuple[int, dict[str, Any], str]:
    """Return exit code, document and stderr of a health check."""
    code = status.run(replace(settings, **limits), threading.Event())  # type: ignore[arg-type]
    captured = capsys.readouterr()
    return code, json.loads(captured.out), captured.err


def test_a_lag_above_max_lag_is_exit_four_and_named(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Partition 1 lags by three: two are too few, three are allowed."""
    code, report, err = check(settings, capsys, max_lag=2)
    assert (code, report["ok"]) == (4, False)
    assert report["health"] | {"age_s": 0} == {"lag": 3, "max_lag": 2, "age_s": 0, "max_age_s": None}
    assert err == "warning: partition 1 lags by 3 messages: --max-lag allows 2\n"
    assert report["problems"] == ["partition 1 lags by 3 messages: --max-lag allows 2"]
    code, report, err = check(settings, capsys, max_lag=3)
    assert (code, report["ok"], report["problems"], err) == (0, True, [], "")


def test_an_age_above_max_age_is_exit_four_and_named(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """An old micro-batch is no alarm while the partitions are read to their end."""
    with Database(settings.dsn) as database, database.transaction() as tx:
        tx.query_text("UPDATE antennactl.micro_batch SET committed_at = committed_at - interval '2 h'")
    assert check(settings, capsys, max_age_s=3600.0)[0] == 0
    with Database(settings.dsn) as database, database.transaction() as tx:
        tx.query_text("UPDATE antennactl.stream_offset SET caught_up_at = NULL WHERE kafka_partition = 2")
    code, report, err = check(settings, capsys, max_age_s=3600.0)
    assert (code, report["ok"]) == (4, False)
    assert "not all partitions were read to their end since: --max-age allows 3600 s" in err
    assert report["health"]["age_s"] >= 7200
    assert check(settings, capsys, max_age_s=86400.0)[0] == 0


def test_a_topic_made_again_is_worse_than_its_lag(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit 5, with both told."""
    with Database(settings.dsn) as database, database.transaction() as tx:
        tx.query_text("UPDATE antennactl.stream_offset SET topic_id = 'former'")
    code, report, _ = check(settings, capsys, max_lag=0)
    assert (code, len(report["problems"])) == (5, 2)


def test_the_keys_of_the_document_are_those_that_are_written_down(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither more nor less."""
    assert key_paths(look(settings, capsys)) == documented_keys("status")
