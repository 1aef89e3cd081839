"""The parts of the bench that do no I/O: what is read from /proc, figures, tables, the picture and the plan."""

import os
import sys
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest

from bench.accounts import parse_peak_bytes, parse_stat, read_accounts, server_cpu_s, tree_of
from bench.figures import Row, Table, cpu_hours_per_billion, percentile, ratio, slope, spread, summarize
from bench.hour import HOUR, make_events
from bench.picture import draw
from bench.plan import read_plan
from bench.process import PeerError, Running, measure
from bench.text_table import format_table


def test_a_stat_line_is_read_whatever_the_name() -> None:
    ticks = os.sysconf("SC_CLK_TCK")
    fields = " ".join(map(str, range(5, 14)))
    account = parse_stat(f"12 (a) b (c) S 7 {fields} {ticks} {ticks} {2 * ticks} {3 * ticks} 20 0")
    assert (account.pid, account.parent, account.own_s, account.waited_s) == (12, 7, 2.0, 5.0)


def test_peak_memory_is_read_in_bytes() -> None:
    assert parse_peak_bytes("Name:\tx\nVmHWM:\t  2048 kB\nVmRSS:\t1 kB\n") == 2 * 2**20
    assert parse_peak_bytes("Name:\tzombie\n") == 0


def test_this_process_is_in_its_own_tree() -> None:
    assert os.getpid() in tree_of(os.getppid(), read_accounts())
    assert server_cpu_s(os.getpid()) > 0


def test_slope_is_the_exponent_of_growth() -> None:
    assert slope([1, 10, 100], [3, 30, 300]) == pytest.approx(1)
    assert slope([1, 10, 100], [5, 5, 5]) == pytest.approx(0)
    assert slope([7], [1]) is None


def test_percentiles_ratios_medians_and_spread() -> None:
    assert percentile(range(1, 101), 0.95) == 95
    assert percentile([], 0.5) is None
    assert ratio(3, 2) == 1.5
    assert ratio(None, 2) is None
    assert ratio(1, None) is None
    assert summarize([{"a": 1}, {"a": 9}, {"a": 2}]) == {"a": 2}
    assert spread([10, 11, 12]) == pytest.approx(2 / 11)
    assert cpu_hours_per_billion(3.6) == pytest.approx(1)


def test_a_table_aligns_numbers_and_says_why_a_peer_has_none() -> None:
    rows: list[Row] = [{"peer": "antennactl", "msg/s": 1234567.8}, {"peer": "Spark", "why not": "no Java"}]
    text = format_table(Table("stream", "Stream", rows, ["a note"]))
    assert text.splitlines() == [
        "Stream",
        "",
        "peer            msg/s",
        "----------  ---------",
        "antennactl  1,234,568",
        "Spark",
        "  Spark: no Java",
        "  a note",
    ]


def test_the_picture_is_sound_svg_whatever_is_missing() -> None:
    stream = Table(
        "stream", "", [{"topic": "few keys", "peer": "a<b", "msg/s": 5.0}, {"topic": "few keys", "peer": "c"}]
    )
    points: list[Row] = [
        {"measure": "m", "unit": "s", "by": "rows", "size": 10**n, "value": 0.1 * n + 0.1} for n in range(3)
    ]
    tables = [
        stream,
        Table("batch", "", []),
        Table("growth", "", points),
        Table("live", "", [{"p50 s": None}]),
    ]
    root = ET.fromstring(draw(tables))  # noqa: S314 - our own text
    assert root.tag.endswith("svg")
    assert len([item for item in root.iter() if item.tag.endswith("circle")]) == 3


def test_sizes_come_from_the_form_and_the_flags() -> None:
    assert read_plan([]).messages == 5_000_000
    assert read_plan([]).rounds == 3
    assert "growth" not in read_plan(["--quick"]).parts
    assert read_plan(["growth", "--full"]).growth_hours[-1] == 10_000
    assert read_plan(["growth", "--growth-rows", "5,6"]).growth_rows == (5, 6)
    with pytest.raises(SystemExit):
        read_plan(["sleep"])


def test_made_events_fill_the_hour_and_no_more() -> None:
    events = make_events(0, 500, 500, 20)
    assert events["timestamp"].min() == HOUR
    assert HOUR <= events["timestamp"].max() < HOUR + timedelta(hours=1)  # type: ignore[operator]
    assert events.select("kafka_partition", "kafka_offset").is_unique().all()


def test_a_measured_command_is_accounted_with_its_orphans_and_marks() -> None:
    program = (
        "import json, subprocess, sys\n"
        "print(json.dumps({'mark': 'start'}), flush=True)\n"
        "subprocess.Popen([sys.executable, '-S', '-c', 'sum(range(3_000_000))'])\n"
        "print(json.dumps({'n': 7}))\n"
    )
    found = measure([sys.executable, "-S", "-c", program])
    assert found.result == {"n": 7}
    assert found.cpu_s > 0.02
    assert 0 < found.steady_s <= found.wall_s
    assert found.peak_bytes > 2**20


def test_a_command_that_fails_says_how() -> None:
    with pytest.raises(PeerError, match="exit 1: ValueError: told"):
        measure([sys.executable, "-c", "raise ValueError('told')"])


def test_a_command_that_runs_on_is_ended() -> None:
    with Running([sys.executable, "-c", "import threading; threading.Event().wait()"]) as running:
        pids = running.pids
    assert not set(pids) & set(tree_of(os.getpid(), read_accounts()))
