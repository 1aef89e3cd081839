"""Metrics cost nothing unless asked for, and what they need is asked for by name."""

import subprocess
import sys
from pathlib import Path

import pytest

from antennactl.commands.metrics_outlets import check_batch_metrics, open_stream_metrics
from antennactl.errors import UsageError
from antennactl.settings import Settings


def test_without_an_outlet_nothing_of_metrics_is_imported() -> None:
    script = (
        "import sys\n"
        "from antennactl.commands import batch, metrics_outlets, stream\n"
        "from antennactl.settings import Settings\n"
        "with metrics_outlets.open_stream_metrics(Settings()) as metrics:\n"
        "    assert metrics is None\n"
        "    with metrics_outlets.keep_stream_metrics(Settings(), metrics, dict): pass\n"
        "metrics_outlets.check_batch_metrics(Settings())\n"
        "print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert "antennactl.commands.stream" in done.stdout.split()
    assert "prometheus_client" not in done.stdout.split()


def test_an_absent_package_is_named_with_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, "prometheus_client", None)
    served, kept = Settings(metrics_addr=("127.0.0.1", 0)), Settings(metrics_file=tmp_path / "a.prom")
    for settings, flag in ((served, "--metrics-addr"), (kept, "--metrics-file")):
        with (
            pytest.raises(UsageError, match=f"{flag} needs the package") as raised,
            open_stream_metrics(settings),
        ):
            pass
        assert raised.value.hint == "pip install 'antennactl[metrics]'"
    with pytest.raises(UsageError, match="--metrics-file needs the package"):
        check_batch_metrics(kept)


def test_address_and_file_are_claimed_before_anything_else(tmp_path: Path) -> None:
    path = tmp_path / "stream.prom"
    with open_stream_metrics(Settings(metrics_file=path)) as metrics:
        assert metrics is not None
        assert "antennactl_messages_consumed_total 0.0" in path.read_text()
    with (
        pytest.raises(UsageError, match="No such file or directory"),
        open_stream_metrics(Settings(metrics_file=tmp_path / "gone" / "stream.prom")),
    ):
        pass
