"""Replayed exactly once: a replay killed at any step, run again and run twice at once changes nothing in the end."""

import json
import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from e2e.antennactl_process import World, finish

TRAFFIC = ("--messages", "3000", "--malformed", "0.05", "--late", "0.02", "--unknown", "0.02")
STEPS = [
    "mid_file",
    "after_fsync",
    "after_compare_and_set",
    "after_totals",
    "before_commit",
    "after_commit",
    "between_renames",
    "before_published",
    "inside_recovery",
]


@pytest.fixture
def lines(world: World) -> list[dict[str, Any]]:
    """Drain a topic of which some messages are broken and compute its hours; give the export of those messages."""
    world.run("simulate", *TRAFFIC, "--sent", str(world.sent))
    world.run("stream", "--drain")
    world.run("batch", "--catch-up", "--allow-partial")
    exported = [json.loads(line) for line in world.run("rejects", "--export", "-").splitlines()]
    assert len(exported) > 50
    return exported


def correct(world: World, lines: list[dict[str, Any]]) -> Path:
    """Give each broken message a text that is an event of an hour that has events; return the file of them."""
    valid = world.sent_log().filter(world.sent_log()["kind"] != "malformed")
    for number, line in enumerate(lines):
        like = valid.row(number, named=True)
        text = {name: like[name] for name in ("id", "antenna_id", "app")}
        line["text"] = json.dumps(text | {"bytes": 1000 + number, "timestamp": int(like["timestamp"])})
    path = world.folder / "fixed.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def check_numbers(world: World, lines: list[dict[str, Any]]) -> None:
    """Hold lake and totals against an independent sum of what was sent and what was corrected."""
    expected: dict[tuple[int, int], tuple[Any, ...]] = {}
    for row in world.sent_log().iter_rows(named=True):
        if row["kind"] != "malformed":
            expected[int(row["kafka_partition"]), int(row["kafka_offset"])] = take_fields(row)
    for line in lines:
        expected[line["partition"], line["offset"]] = take_fields(json.loads(line["text"]))
    found = {(row[6], row[7]): (row[0], row[1], row[2], row[3], row[4]) for row in world.lake_rows()}
    assert len(world.lake_rows()) == len(found)
    assert found == expected
    sums: Counter[tuple[int, str, str]] = Counter()
    for micros, user, antenna, n_bytes, app in expected.values():
        window = micros // 300_000_000 * 300
        for key in ((user, "user_total_bytes"), (antenna, "antenna_total_bytes"), (app, "app_total_bytes")):
            sums[window, *key] += n_bytes
    totals = world.query("SELECT extract(epoch FROM timestamp)::bigint AS s, id, type, value FROM bytes")
    assert {row[:3]: row[3] for row in totals.rows()} == sums
    assert world.staged_files() == []
    world.run("verify")


def take_fields(row: dict[str, Any]) -> tuple[Any, ...]:
    micros = int(row["timestamp"]) * 1_000_000
    return micros, row["id"], row["antenna_id"], int(row["bytes"]), row["app"]


@pytest.mark.parametrize("step", STEPS)
def test_a_replay_killed_at_this_step_is_exact_when_run_again(
    world: World, lines: list[dict[str, Any]], step: str
) -> None:
    fixed = correct(world, lines)
    note = world.folder / "reached"
    replay = ("rejects", "--replay", "--fixed", str(fixed))
    killed = world.start(*replay, env={"ANTENNACTL_FAILPOINT": f"{step}:kill:1:{note}"})
    code, _, err = finish(killed)
    assert (code, note.read_text()) == (-signal.SIGKILL, step), err
    again = world.document(*replay)
    assert again["n_replayed"] + again["n_replayed_before"] == len(lines)
    check_numbers(world, lines)
    assert world.document(*replay)["n_replayed_before"] == len(lines)
    check_numbers(world, lines)


def test_two_replays_at_once_beside_a_stream(world: World, lines: list[dict[str, Any]]) -> None:
    fixed = correct(world, lines)
    world.run("simulate", "--messages", "3000", "--seed", "2", "--sent", str(world.folder / "more.csv"))
    drain = world.start("stream", "--drain", "--max-rows", "500")
    replays = [world.start("rejects", "--replay", "--fixed", str(fixed), "--json") for _ in range(2)]
    counts = []
    for process in (*replays, drain):
        code, out, err = finish(process)
        assert code == 0, err
        if process is not drain:
            counts.append(json.loads(out))
    assert sum(count["n_replayed"] for count in counts) == len(lines)
    more = (world.folder / "more.csv").read_text().splitlines(keepends=True)[1:]
    with world.sent.open("a") as sent:
        sent.writelines(more)
    check_numbers(world, lines)
    world.run("batch", "--catch-up", "--allow-partial")
    world.run("verify")


def test_what_stays_rejected_is_told_and_no_payload_is(world: World, lines: list[dict[str, Any]]) -> None:
    process = world.start("rejects", "--replay", "-vv")
    code, out, err = finish(process)
    assert code == 0
    assert "still rejected" in out
    for line in lines:
        if line["text"] and len(line["text"]) > 20:
            assert line["text"] not in out + err
    world.run("verify")
