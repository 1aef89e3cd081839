"""`simulate` into a file: the lines, the log and the summary agree; stopping is clean."""

import base64
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from antennactl.commands.simulate import simulate
from antennactl.decode.message import Event, Reject, parse_message
from antennactl.errors import UsageError
from antennactl.simulator.options import SimulateOptions
from antennactl.simulator.pace import Pacer
from antennactl.simulator.sent_log import SENT, read_sent
from antennactl.simulator.traffic import BLOCK

START = datetime(2026, 11, 24, 6, tzinfo=UTC)
NOW_S = int(START.timestamp()) + 7200


@pytest.fixture
def options(tmp_path: Path) -> SimulateOptions:
    """Two thousand messages of every kind, to a file, with a log."""
    return SimulateOptions(
        messages=2_000,
        start=START,
        late=0.05,
        malformed=0.2,
        unknown=0.05,
        duplicates=0.05,
        out=str(tmp_path / "out.jsonl"),
        sent=tmp_path / "sent.csv",
    )


def _lines(options: SimulateOptions) -> list[bytes]:
    *lines, rest = Path(options.out or "").read_bytes().split(b"\n")
    assert rest == b""
    return lines


def test_each_line_is_what_the_log_says(options: SimulateOptions) -> None:
    """One message a line, malformed ones too; the log holds the fields, or the reason and the payload."""
    summary = simulate(options)
    assert options.sent is not None
    sent = read_sent(options.sent)
    assert sent.schema == SENT
    for line, row in zip(_lines(options), sent.iter_rows(named=True), strict=True):
        outcome = parse_message(line, NOW_S)
        if isinstance(outcome, Reject):
            assert (row["kind"], row["reason"]) == ("malformed", outcome.reason)
            assert base64.b64decode(row["payload"] or "") == line
        else:
            event = Event(row["timestamp"], row["id"], row["antenna_id"], row["bytes"], row["app"])
            assert (row["payload"], event) == (None, outcome)
    assert (summary.n_sent, summary.n_events, summary.sum_bytes) == (2000, 1600, sent["bytes"].sum())
    assert summary.kinds == {"event": 1300, "late": 100, "malformed": 400, "unknown": 100, "duplicate": 100}


def test_the_same_options_give_the_same_bytes(options: SimulateOptions, tmp_path: Path) -> None:
    """Whatever the size of the lots: paced in small ones, or all at once."""
    simulate(options)
    moments = iter(range(10**6))
    slow = replace(options, out=str(tmp_path / "again.jsonl"), sent=None)
    simulate(slow)
    assert _lines(slow) == _lines(options)
    paced = replace(slow, rate=20.0, out=str(tmp_path / "paced.jsonl"))
    simulate(paced, make_pacer=lambda rate: Pacer(rate, lambda: float(next(moments)), lambda _: None))
    whole = replace(paced, out=str(tmp_path / "whole.jsonl"))
    simulate(whole, make_pacer=lambda rate: Pacer(rate * 1e9, lambda: float(next(moments)), lambda _: None))
    assert _lines(paced) == _lines(whole)


def test_a_stop_ends_after_the_lot_in_hand(options: SimulateOptions) -> None:
    """Without an end, a stop returns normally, and the log holds what was written."""
    done: list[int] = []
    summary = simulate(
        replace(options, messages=None, rate=1e9),
        stopped=lambda: len(done) >= 2,
        progress=lambda sent, _total: done.append(sent),
        make_pacer=lambda rate: Pacer(rate, iter(range(10**6)).__next__, lambda _: None),
    )
    assert options.sent is not None
    assert summary.n_sent == done[-1] == len(_lines(options)) == read_sent(options.sent).height
    assert summary.n_sent <= 2 * BLOCK


def test_progress_tells_how_many_of_how_many(options: SimulateOptions) -> None:
    """After each lot."""
    told: list[tuple[int, int | None]] = []
    simulate(options, progress=lambda *seen: told.append(seen))
    assert told == [(2000, 2000)]


def test_lines_go_to_stdout(options: SimulateOptions, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    """`--out -` writes the same lines to stdout, and nothing else."""
    simulate(options)
    simulate(replace(options, out="-", sent=None))
    assert capfdbinary.readouterr().out.split(b"\n")[:-1] == _lines(options)


@pytest.mark.parametrize("field", ["out", "sent"])
def test_a_file_that_cannot_be_written_is_a_usage_error(
    options: SimulateOptions, field: str, tmp_path: Path
) -> None:
    """Before anything is sent."""
    nowhere = tmp_path / "missing" / "file"
    changed = replace(options, **{field: str(nowhere) if field == "out" else nowhere})  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="cannot write"):
        simulate(changed)
