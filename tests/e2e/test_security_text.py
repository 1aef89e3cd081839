"""Names made to break SQL, terminals and pages go through every command: tables exact, output harmless."""

import csv
import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from confluent_kafka import Producer

from e2e.antennactl_process import World

NASTY = {
    "drop": "'; DROP TABLE bytes; --",
    "quotes": "\"'`$$\\'",
    "placeholder": "$1 %s {0} :name ?",
    "like": "%_\\%",
    "script": "<script>alert(1)</script>",
    "image": '"><img src=x onerror=alert(1)>',
    "end": "</script><script>alert(2)</script><!--",
    "entity": "&lt;b&gt; &amp;",
    "clear": "\x1b[2J\x1b]0;owned\x07",
    "lines": "a\r\nb\tc\x0b\x7f\x9b2J",
    "override": "\u202egnp.exe\u202c\u2066x\u2069",
    "separators": "a\u2028b\u2029c\u200b\ufeff",
    "formula": "=cmd|' /C calc'!A0",
    "markup": "[bold red]x[/] [link=http://x]y[/link]",
    "wide": "\U0001f642" * 64,  # 256 bytes
    "marks": "e" + "\u0301" * 127,  # 255 bytes
    "path": "../../../etc/passwd",
    "spaces": "  ",
    "null": "NULL",
    "number": "1e400",
}
EVENT_TIME = datetime(2026, 3, 1, 10, 20, tzinfo=UTC)


@pytest.fixture
def nasty_world(world: World) -> World:
    """Give a world where every nasty name was a user, with a name and an address like it, an antenna and an app."""
    users = world.folder / "users.csv"
    with users.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["id", "name", "email", "quota"])
        rows.writerows([text, text, f"{text}@x", 10] for text in NASTY.values() if text.strip() == text)
    world.run("provision", "--users", str(users))
    world.run("simulate", "--messages", "1")  # makes the topic; one more user, antenna and app
    producer = Producer({"bootstrap.servers": world.bootstrap_servers})
    for number, text in enumerate(NASTY.values()):
        message = {"bytes": 1000 + number, "timestamp": int(EVENT_TIME.timestamp()), "app": text, "id": text}
        producer.produce(world.topic, json.dumps({**message, "antenna_id": text}), partition=number % 4)
        # And as something that is no message: it stands in the dead letters.
        producer.produce(world.topic, text.encode(), partition=number % 4)
    producer.flush()
    world.run("stream", "--drain")
    return world


def test_tables_hold_every_name_as_it_came(nasty_world: World) -> None:
    world = nasty_world
    world.run("batch", "--catch-up")
    expected = sorted((text, 1000 + number) for number, text in enumerate(NASTY.values()))
    at = f"timestamp >= '{EVENT_TIME - timedelta(hours=1)}' AND timestamp < '{EVENT_TIME + timedelta(hours=1)}'"
    for table in ("bytes", "bytes_hourly"):
        for kind in ("user_total_bytes", "antenna_total_bytes", "app_total_bytes"):
            found = world.query(f"SELECT id, value FROM {table} WHERE type = '{kind}' AND {at}")
            assert sorted(found.rows()) == expected
    violators = world.query(f"SELECT email FROM user_quota_limit WHERE {at}")
    assert sorted(violators["email"]) == sorted(f"{t}@x" for t in NASTY.values() if t.strip() == t)
    rows = [row for row in world.lake_rows() if row[0] == EVENT_TIME.timestamp() * 1_000_000]
    assert sorted((str(row[1]), row[2], row[4]) for row in rows) == sorted((t, t, t) for t in NASTY.values())
    assert world.query("SELECT count(*) AS n FROM antennactl.dead_letter").item() == len(NASTY)
    world.run("verify")


def test_no_command_prints_what_a_terminal_would_obey(nasty_world: World) -> None:
    world = nasty_world
    outputs = [
        world.run("batch", "--catch-up"),
        world.run("verify"),
        world.run("status"),
        world.run("rejects"),
        *(
            world.run("rejects", "--show", place)
            for place in places(world, "clear", "lines", "override", "separators")
        ),
        world.run("rejects", "--replay", "--dry-run"),
        world.run("rejects", "--export", "-"),
        world.run("simulate", "--topic", "\x1b[2J", code=2),
        world.run("stream", "--topic", "<b>\x1b[2J\u202e", "--drain", code=2),
        world.run("batch", "--queries", "\x1b[2J", "--catch-up", code=2),
        world.run("stream", "-X", "\x1b[2J=\x1b[2J", code=2),
    ]
    outputs += [world.run(*words, "--json") for words in (("batch", "--catch-up"), ("status",), ("rejects",))]
    for printed in outputs:
        assert not [c for c in printed if c != "\n" and unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}]


def places(world: World, *names: str) -> list[str]:
    """Give where the named texts stand among the dead letters."""
    letters = world.query(
        "SELECT kafka_partition || ':' || kafka_offset AS place, payload FROM antennactl.dead_letter"
    )
    wanted = {NASTY[name].encode() for name in names}
    found = [place for place, payload in letters.rows() if payload in wanted]
    assert len(found) == len(names)
    return found


class _Elements(HTMLParser):
    """Notes the elements of a page and the attributes that run something."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.names: set[str] = set()
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.scripts += tag == "script" and ("type", "application/json") not in attrs
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "srcdoc"]


def test_the_page_shows_every_name_as_text(nasty_world: World) -> None:
    world = nasty_world
    world.run("batch", "--catch-up")
    world.run(
        "report",
        "--from",
        f"{EVENT_TIME:%Y-%m-%dT%H}",
        "--to",
        f"{EVENT_TIME:%Y-%m-%dT%H}",
        "--out",
        "page.html",
    )
    page = (world.folder / "page.html").read_text(encoding="utf-8")
    elements = _Elements()
    elements.feed(page)
    assert elements.scripts == 1
    assert elements.handlers == []
    assert "img" not in elements.names
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert not re.search(r"<script>alert|onerror=alert\(1\)>(?!\")|<!--", page)
    assert not [c for c in page if c not in "\n\t" and unicodedata.category(c) in {"Cc", "Cf", "Zl", "Zp"}]
