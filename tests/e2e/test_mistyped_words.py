"""A mistyped word ends with 2 and the nearest known one, wherever it stands; no service is needed to say so."""

import os
import subprocess
from pathlib import Path

import pytest

from e2e.antennactl_process import COMMAND


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        (("strem",), "Did you mean 'stream'"),
        (("stream", "--intervall", "1s"), "--interval"),
        (("--verson",), "--version"),
        (("stream", "--log-format", "jsn"), "hint: did you mean json?"),
        (("simulate", "-X", "sasl.pasword=x"), "hint: did you mean sasl.password?"),
        (("stream", "-X", "securty.protocol=ssl"), "hint: did you mean security.protocol?"),
        (("config", "--config", "typo.toml"), "hint: did you mean lateness?"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_mistyped_word_is_answered_with_the_nearest_one(
    tmp_path: Path, words: tuple[str, ...], nearest: str
) -> None:
    (tmp_path / "typo.toml").write_text("latenes = '1m'\n")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANTENNACTL_", "PG"))}
    environ = {**kept, "ANTENNACTL_BOOTSTRAP_SERVERS": "kafka.invalid:9092", "PGHOST": str(tmp_path)}
    done = subprocess.run(
        [COMMAND, *words], cwd=tmp_path, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert nearest in done.stderr
    assert done.stdout == ""
