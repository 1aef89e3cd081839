"""The settings that `status` shows: its own and the stream's, each as a user would write it."""

from pathlib import Path

import pytest

from antennactl.observe.settings_rows import settings_rows
from antennactl.settings import load_settings


def test_status_shows_the_streams_options_and_its_own_flags_do_not_count_for_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    flags = {"lateness_s": "300s", "topic": "mine"}
    settings = load_settings("status", flags, environ={"HOME": "/", "ANTENNACTL_INTERVAL": "1000ms"})
    rows, problems = settings_rows(settings, "status", ["stream"])
    found = {(row["command"], row["setting"]): (row["value"], row["origin"]) for row in rows}
    assert found["status", "--lateness"] == ("5m", "--lateness")
    assert found["stream", "--lateness"] == ("2m", "default")
    assert found["stream", "--interval"] == ("1s", "ANTENNACTL_INTERVAL")
    assert found[None, "--topic"] == ("mine", "--topic")
    assert ("stream", "--topic") not in found
    assert problems == []
