"""`quota` lists who has used how much of the quota: live in this hour, or as an hour's batch run decided."""

import json
import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from antennactl.commands import quota
from antennactl.errors import NotReadyError, UsageError
from antennactl.ledger.connection import Database
from antennactl.settings import Settings
from integration.verify_world import HOUR
from json_keys import documented_keys, key_paths

USERS = """
INSERT INTO user_metadata (id, name, email, quota) VALUES
('u1', 'ann', 'ann@x', 1000), ('u2', 'ben', 'ben@x', 1000), ('u3', 'cid', 'cid@x', 1000), ('u4', 'dan', 'dan@x', 0),
('u5', 'eve', 'eve@x', NULL), ('u6', 'fay', 'fay@x', 0);
"""
# Two windows an hour: the shares are of their sum. Nobody knows u9. The next hour is alike, should it begin meanwhile.
LIVE = """
INSERT INTO bytes SELECT {hour} + h * interval '1 h' + w * interval '5 min', id, value / 2, 'user_total_bytes'
FROM generate_series(0, 1) AS h, generate_series(0, 1) AS w, (
    VALUES ('u1', 800), ('u2', 1002), ('u3', 798), ('u4', 2), ('u5', 9000), ('u6', 0), ('u9', 9000)
) AS used (id, value);
INSERT INTO bytes VALUES
({hour}, 'u3', 5000, 'antenna_total_bytes'), ({hour} - interval '1 h', 'u3', 9000, 'user_total_bytes');
UPDATE bytes SET value = value - 1 WHERE id IN ('u2', 'u4') AND extract(minute FROM timestamp) = 5;
"""
THIS_HOUR = "date_trunc('hour', now(), 'UTC')"
FINAL = """
INSERT INTO antennactl.lake_file (path, hour, n_rows, sum_bytes, sha256) VALUES ('f', '{hour}', 10, 100, '');
INSERT INTO antennactl.batch_run (hour, n_rows, sum_bytes, n_violators) VALUES ('{hour}', 10, 100, 2);
INSERT INTO bytes_hourly SELECT '{hour}', id, value, 'user_total_bytes'
FROM (
    VALUES ('u1', 800), ('u2', 1001), ('u3', 799), ('u4', 1), ('u5', 9000), ('u6', 0), ('u9', 9000)
) AS used (id, value);
INSERT INTO user_quota_limit VALUES ('ben@x', 1001, 1000, '{hour}'), ('dan@x', 1, 0, '{hour}');
"""


@pytest.fixture
def settings(postgres_dsn: str) -> Settings:
    """Return settings of a database with six users, live totals of this hour, and results of a past one."""
    script(postgres_dsn, USERS + LIVE.format(hour=THIS_HOUR) + FINAL.format(hour=HOUR.isoformat()))
    return Settings(dsn=postgres_dsn, json=True, bootstrap_servers="127.0.0.1:1")


def script(dsn: str, text: str) -> None:
    with Database(dsn) as database, database.transaction() as tx:
        tx.script(text)


def ask(settings: Settings, capsys: pytest.CaptureFixture[str], **options: Any) -> tuple[dict[str, Any], str]:
    """Return the document and stderr of a quota that ends with 0."""
    assert quota.run(replace(settings, **options), threading.Event()) == 0
    captured = capsys.readouterr()
    return json.loads(captured.out), captured.err


EXPECTED = [
    {"email": "dan@x", "usage": 1, "quota": 0, "share": None, "over": True},
    {"email": "ben@x", "usage": 1001, "quota": 1000, "share": 1.001, "over": True},
    {"email": "ann@x", "usage": 800, "quota": 1000, "share": 0.8, "over": False},
]


def test_live_users_at_or_above_the_share_come_by_share(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exactly 80 % is in, 79.9 % is not; a quota of 0 is passed by any use; without a quota nobody is near it."""
    document, err = ask(settings, capsys)
    assert (document["state"], document["n_users"], document["run"], err) == ("live", 3, None, "")
    assert document["users"] == EXPECTED


def test_a_past_hour_is_answered_by_its_batch_run(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same rule, on the hour's final totals; the run is named."""
    document, err = ask(settings, capsys, hour=HOUR)
    assert (document["state"], document["hour"], err) == ("final", "2025-10-26T01:00:00Z", "")
    assert document["users"] == EXPECTED
    assert document["run"]["changed"] is False
    assert key_paths(document) == documented_keys("quota")


def test_the_quota_that_counted_is_that_of_the_run(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Raised after the run, ben was over all the same; cut after it, cid was not."""
    script(
        settings.dsn,
        "UPDATE user_metadata SET quota = 9000 WHERE id = 'u2'; UPDATE user_metadata SET quota = 100 WHERE id = 'u3'",
    )
    found = {row["email"]: row for row in ask(settings, capsys, hour=HOUR)[0]["users"]}
    assert (found["ben@x"]["quota"], found["ben@x"]["over"]) == (1000, True)
    assert (found["cid@x"]["share"], found["cid@x"]["over"]) == (7.99, False)


def test_at_moves_the_limit_exactly(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """100.1 % of 1000 is 1001 and not a byte less."""
    for share, emails in (
        ("0.799", ["dan@x", "ben@x", "ann@x", "cid@x"]),
        ("1", ["dan@x", "ben@x"]),
        ("1.001", ["dan@x", "ben@x"]),
        ("1.0011", ["dan@x"]),
    ):
        document, _ = ask(settings, capsys, hour=HOUR, quota_share=Decimal(share))
        assert [row["email"] for row in document["users"]] == emails


def test_a_limit_keeps_the_worst_and_counts_all(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """In the document as in the table."""
    document, _ = ask(settings, capsys, hour=HOUR, limit=1)
    assert ([row["email"] for row in document["users"]], document["n_users"]) == (["dan@x"], 3)
    assert quota.run(replace(settings, json=False, hour=HOUR, limit=2), threading.Event()) == 0
    captured = capsys.readouterr()
    assert "the first 2 of 3 users" in captured.err
    assert "100.1 %" in captured.out
    assert "ann@x" not in captured.out


def test_nobody_is_said_in_one_line(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 0: that is good news."""
    script(settings.dsn, "TRUNCATE user_quota_limit; TRUNCATE bytes_hourly")
    assert quota.run(replace(settings, json=False, hour=HOUR), threading.Event()) == 0
    line = "No user has used 80 % of their quota or more in 2025-10-26T01Z (final, by the batch run)."
    assert capsys.readouterr().out == f"{line}\n\n"


def test_an_hour_without_a_run_is_not_ready_and_names_the_command(settings: Settings) -> None:
    """Whether nothing is known of it or the lake holds it."""
    with pytest.raises(NotReadyError, match="2025-10-26T02Z has no batch run") as caught:
        quota.run(replace(settings, hour=HOUR + timedelta(hours=1)), threading.Event())
    assert caught.value.hint == "run: antennactl batch --hour 2025-10-26T02"
    assert caught.value.exit_code == 4


def test_a_pruned_hour_is_refused_although_its_run_is_still_counted(settings: Settings) -> None:
    """Its results are gone: nobody over quota would be a lie."""
    script(settings.dsn, "INSERT INTO antennactl.setting VALUES ('retention_floor', '2025-10-26T02:00:00Z')")
    with pytest.raises(UsageError, match="was pruned"):
        quota.run(replace(settings, hour=HOUR), threading.Event())


def test_a_run_that_is_not_the_last_word_is_told(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows that came after it, and an hour that was not complete."""
    script(settings.dsn, "UPDATE antennactl.batch_run SET n_rows = 9, partial = true")
    document, err = ask(settings, capsys, hour=HOUR)
    assert (document["run"]["changed"], document["run"]["partial"]) == (True, True)
    assert "which counted 9 rows: the lake holds 10; run: antennactl batch --hour 2025-10-26T01" in err
    assert "before the hour was complete" in err


def test_an_hour_without_live_totals_is_told(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody near the quota may mean that nobody counts."""
    old = "INSERT INTO bytes VALUES ('2025-10-26T01:05Z', 'u1', 1, 'user_total_bytes')"
    script(settings.dsn, f"TRUNCATE bytes; {old}")
    document, err = ask(settings, capsys)
    assert document["users"] == []
    assert "the newest window starts at 2025-10-26T01:05:00Z" in err
    script(settings.dsn, "TRUNCATE bytes")
    assert "there are no live totals yet" in ask(settings, capsys)[1]
