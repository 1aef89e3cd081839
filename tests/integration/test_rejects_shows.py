"""Dead letters are listed without their payload; it is shown, exported and counted only where that was asked for."""

import base64
import io
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from antennactl.errors import UsageError
from antennactl.schemas import MAX_PAYLOAD_BYTES
from integration.rejects_world import RejectsWorld, message
from integration.verify_world import TOPIC_ID

NASTY = b'{"app":"\x1b[31mhunter2\r\nerror: forged\xe2\x80\xae"}'


@pytest.fixture
def world(postgres_dsn: str, tmp_path: Path) -> Iterator[RejectsWorld]:
    with RejectsWorld(postgres_dsn, tmp_path / "lake") as made:
        yield made


def test_reasons_are_summed_up(world: RejectsWorld) -> None:
    world.reject(NASTY, b"{", message())
    world.reject(b" " * (MAX_PAYLOAD_BYTES + 1), reason="too_large")
    world.replay_all()
    first, second = world.document()
    assert first["reason"] == "not_json"
    assert (first["n_open"], first["n_replayed"], first["n_cut"], first["example"]) == (2, 1, 0, "0:0")
    assert (second["reason"], second["n_open"], second["n_cut"]) == ("too_large", 1, 1)
    assert first["meaning"].startswith("not one JSON value")
    assert first["first_rejected_at"] <= first["last_rejected_at"]


def test_no_list_has_a_payload(world: RejectsWorld) -> None:
    world.reject(NASTY)
    for options in ({}, {"reason": "not_json"}, {"at": [(0, 0)]}, {"replay": True, "dry_run": True}):
        for as_json in (False, True):
            printed = "".join(world.rejects(json=as_json, **options))
            assert "not_json" in printed
            assert "hunter2" not in printed


def test_a_reason_lists_its_last_messages(world: RejectsWorld) -> None:
    world.reject(*[b"{"] * 25)
    world.reject(b"", reason="empty")
    listed = world.document(reason="not_json")
    assert [letter["offset"] for letter in listed] == list(range(24, 4, -1))
    assert {letter["topic_id"] for letter in listed} == {TOPIC_ID}
    assert world.document(reason="not_utf8") == []
    with pytest.raises(UsageError, match="not-json") as caught:
        world.rejects(reason="not-json")
    assert caught.value.hint == "did you mean not_json?"


def test_an_empty_list_is_a_result(world: RejectsWorld) -> None:
    assert world.document() == []
    assert "(none)" in world.rejects()[0]


def test_a_text_is_shown_escaped(world: RejectsWorld) -> None:
    world.reject(NASTY)
    out, _ = world.rejects(show=(0, 0))
    assert out.splitlines()[-2] == '{"app":"\\x1b[31mhunter2\\r\\nerror: forged\\u202e"}'
    assert "\x1b" not in out
    assert "not one JSON value" in out


def test_what_is_no_text_is_shown_in_hexadecimal(world: RejectsWorld) -> None:
    world.reject(b"\xff" * 17, None)
    out, _ = world.rejects(show=(0, 0))
    assert out.splitlines()[-3:-1] == [f"00000000  {'ff ' * 15}ff", "00000010  ff"]
    assert "tombstone" in world.rejects(show=(0, 1))[0]


@pytest.mark.parametrize("payload", ["é".encode() * 5000, b"\xff" * 10_000], ids=["text", "bytes"])
def test_of_a_long_payload_the_beginning_is_shown(world: RejectsWorld, payload: bytes) -> None:
    world.reject(payload)
    out, _ = world.rejects(show=(0, 0))
    assert out.splitlines()[-2] == "… 5904 more bytes; --export writes them"
    assert len(out) < 16_000
    document = world.document(show=(0, 0))
    assert base64.b64decode(document["payload"]) == payload
    assert document["payload_bytes"] == 10_000


def test_an_export_has_all_of_it_and_is_its_owners_alone(world: RejectsWorld, tmp_path: Path) -> None:
    payloads = (NASTY, b"\xff", None, b" " * (MAX_PAYLOAD_BYTES + 9))
    world.reject(*payloads)
    world.reject(b"", reason="empty")
    target = tmp_path / "out.jsonl"
    out, err = world.rejects(export=str(target), reason="not_json")
    assert out == ""
    assert "4 rejected messages exported" in err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    lines = [json.loads(line) for line in target.read_text().splitlines()]
    assert [line["payload"] and base64.b64decode(line["payload"]) for line in lines[:3]] == list(payloads[:3])
    assert [line["text"] for line in lines[:3]] == [NASTY.decode(), None, None]
    assert (lines[3]["payload_bytes"], len(lines[3]["text"])) == (MAX_PAYLOAD_BYTES + 9, MAX_PAYLOAD_BYTES)
    assert {
        "topic",
        "topic_id",
        "partition",
        "offset",
        "reason",
        "detail",
        "rejected_at",
        "replayed_at",
    } <= set(lines[0])
    assert [path.name for path in tmp_path.iterdir()] == ["lake", "out.jsonl"]


def test_an_export_never_overwrites(world: RejectsWorld, tmp_path: Path) -> None:
    world.reject(b"{")
    target = tmp_path / "out.jsonl"
    target.write_text("my corrections")
    with pytest.raises(UsageError, match="there already"):
        world.rejects(export=str(target))
    assert target.read_text() == "my corrections"
    with pytest.raises(UsageError, match="No such file"):
        world.rejects(export=str(tmp_path / "gone" / "out.jsonl"))


def test_an_export_to_stdout_is_lines_alone(world: RejectsWorld) -> None:
    world.reject(b"{", message())
    out, _ = world.rejects(export="-")
    assert [json.loads(line)["offset"] for line in io.StringIO(out)] == [0, 1]
    world.replay_all()
    assert [json.loads(line)["offset"] for line in io.StringIO(world.rejects(export="-")[0])] == [0]
    assert json.loads(world.rejects(export="-", at=[(0, 1)])[0])["replayed_at"]


@pytest.mark.parametrize(
    "options",
    [
        {"show": (0, 0), "export": "-"},
        {"show": (0, 0), "replay": True},
        {"export": "-", "replay": True},
        {"show": (0, 0), "reason": "not_json"},
        {"fixed": Path("x")},
        {"fixed": Path("x"), "replay": True, "reason": "not_json"},
        {"fixed": Path("x"), "replay": True, "at": [(0, 0)]},
        {"fixed": Path("/nowhere"), "replay": True},
        {"show": (0, 1)},
        {"at": [(0, 1)], "export": "-"},
        {"reason": "gone", "replay": True},
        {"reason": "gone", "export": "-"},
    ],
    ids=str,
)
def test_options_that_conflict_or_name_nothing_are_refused(
    world: RejectsWorld, options: dict[str, Any]
) -> None:
    world.reject(message())
    with pytest.raises(UsageError):
        world.rejects(**options)
    assert world.open_offsets() == [0]


def test_a_database_or_lake_of_another_is_refused(world: RejectsWorld, empty_postgres_dsn: str) -> None:
    world.reject(message())
    world.lake.identity_file.write_text('{"ledger": "another"}')
    with pytest.raises(UsageError, match="belongs to ledger another"):
        world.rejects(replay=True)
    world.dsn = empty_postgres_dsn
    with pytest.raises(UsageError, match="not provisioned"):
        world.rejects()
