"""The documents of stream, batch and verify have the keys that docs/json.md lists, no other and none less."""

import json
import shutil

import pytest

from e2e.antennactl_process import World
from json_keys import documented_keys, key_paths


@pytest.fixture
def read(world: World) -> World:
    """Give two hours that were streamed in several micro-batches, with rejects, and no run of batch."""
    traffic = ("--messages", "400", "--start", "2025-03-03T06:00:00Z", "--span", "2h", "--malformed", "0.05")
    world.run("simulate", *traffic)
    return world


def test_a_line_of_stream(read: World) -> None:
    (line, *_) = read.run("stream", "--drain", "--json").splitlines()
    assert key_paths(json.loads(line)) == documented_keys("stream")


def test_batch_with_hours_that_are_run_compacted_and_left(read: World) -> None:
    read.run("stream", "--drain", "--max-rows", "100")
    left = read.document("batch", "--catch-up", "--compact", "--lateness", "1000000h")
    assert left["runs"] == left["compacted"] == []
    document = read.document("batch", "--catch-up", "--compact")
    assert document["left"] == []
    assert key_paths(document | {"left": left["left"]}) == documented_keys("batch")


def test_verify_with_a_difference(read: World) -> None:
    read.run("stream", "--drain")
    read.run("batch", "--hour", "2025-03-03T06")
    (lake_file,) = (read.lake / "data/year=2025/month=3/day=3/hour=7").iterdir()
    shutil.copy(lake_file, lake_file.with_name("stray.parquet"))
    lake_file.write_bytes(b"no Parquet")
    document = read.document("verify", "--quarantine", code=5)
    # No hour was pruned here: a list without rows shows no keys.
    left_out = {"left_out[].hour", "left_out[].why"}
    assert key_paths(document) == documented_keys("verify") - left_out | {"left_out[]"}
