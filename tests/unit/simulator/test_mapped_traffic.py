"""Simulated messages of other layouts are what the decoder of that layout reads, and the log says what each is."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from antennactl.commands.simulate import simulate
from antennactl.decode import MappedDecoder, Reject
from antennactl.decode.mapped_message import parse_mapped
from antennactl.schemas import MIN_TIMESTAMP_S
from antennactl.simulator.mapped import mapped_encoding
from antennactl.simulator.options import SimulateOptions
from antennactl.simulator.sent_log import read_sent
from unit.decode.mapped_messages import MAPS

START = datetime(2026, 11, 24, 6, tzinfo=UTC)
NOW_S = int(START.timestamp()) + 7200


@pytest.mark.parametrize("name", MAPS)
def test_what_is_sent_is_what_is_read(name: str, tmp_path: Path) -> None:
    fields, out, log = MAPS[name], tmp_path / "out.jsonl", tmp_path / "sent.csv"
    options = SimulateOptions(messages=1000, start=START, malformed=0.2, late=0.1, out=str(out), sent=log)
    summary = simulate(options, encoding=mapped_encoding(fields))
    *lines, _ = out.read_bytes().split(b"\n")
    n = len(lines)
    decoded = MappedDecoder(fields).decode(lines, [0] * n, range(n), NOW_S, MIN_TIMESTAMP_S)
    sent = read_sent(log).with_row_index("place").cast({"place": pl.Int64})
    events = sent.filter(pl.col("fault").is_null())
    assert decoded.events["kafka_offset"].to_list() == events["place"].to_list()
    assert decoded.events["timestamp"].dt.epoch("s").to_list() == events["timestamp"].to_list()
    for column in ("id", "antenna_id", "bytes", "app"):
        assert decoded.events[column].to_list() == events[column].to_list()
    assert (
        decoded.rejects["reason"].to_list() == sent.filter(pl.col("fault").is_not_null())["reason"].to_list()
    )
    assert (summary.n_events, summary.kinds["malformed"]) == (800, 200)


@pytest.mark.parametrize("name", MAPS)
def test_each_fault_is_rejected_for_its_reason(name: str) -> None:
    event = {"bytes": 9, "timestamp": NOW_S - 60, "app": "SKYPE", "id": "i", "antenna_id": "n"}
    for fault in mapped_encoding(MAPS[name]).faults:
        outcome = parse_mapped(fault.spoil(event), MAPS[name], NOW_S)
        assert isinstance(outcome, Reject), fault.name
        assert outcome.reason == fault.reason, fault.name
