"""Airflow in an environment of its own, from a list with versions and hashes: it and antennactl share no package."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

_REQUIREMENTS: Final = Path(__file__).with_name("requirements-airflow.txt")
_HOME: Final = Path(__file__).parents[1] / ".cache" / "airflow"
# uv reads none of pip's variables.
_UV_NAMES: Final = {
    "PIP_INDEX_URL": "UV_DEFAULT_INDEX",
    "PIP_EXTRA_INDEX_URL": "UV_INDEX",
    "PIP_FIND_LINKS": "UV_FIND_LINKS",
    "PIP_CERT": "SSL_CERT_FILE",
}


def airflow_programs() -> Path:
    """Return the folder of Airflow's programs, `python` among them, installed at the first call; jobs take turns."""
    _HOME.parent.mkdir(exist_ok=True)
    with (_HOME.parent / "airflow.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = _HOME / ".made-of"
        wanted = hashlib.sha256(_REQUIREMENTS.read_bytes()).hexdigest()
        if not stamp.exists() or stamp.read_text() != wanted:
            shutil.rmtree(_HOME, ignore_errors=True)
            _install()
            # Last: an environment without it was not finished.
            stamp.write_text(wanted)
    return _HOME / "bin"


def _install() -> None:
    uv = str(Path(sys.executable).with_name("uv"))
    given = {theirs: os.environ[ours] for ours, theirs in _UV_NAMES.items() if ours in os.environ}
    environment = {**given, **os.environ, "VIRTUAL_ENV": str(_HOME)}
    for words in (
        [uv, "venv", "--quiet", "--python", sys.executable, str(_HOME)],
        [uv, "pip", "install", "--quiet", "--require-hashes", "-r", str(_REQUIREMENTS)],
    ):
        subprocess.run(words, env=environment, check=True)
