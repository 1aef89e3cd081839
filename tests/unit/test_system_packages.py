"""A package of the system that is missing is named before the first test runs, if one that was chosen needs it."""

import os
import re
import subprocess
import sys

import pytest

import system_packages
from system_packages import NEEDS, TESTS, find_missing

ROOT = TESTS.parent


@pytest.mark.parametrize(
    ("chosen", "missing"),
    [
        (
            "tests",
            ["default-jre-headless", "chromium", "openssl", "postgresql", "postgresql-client", "systemd"],
        ),
        ("tests/e2e", ["chromium", "openssl", "postgresql"]),
        ("tests/e2e/test_report_browser.py::test_any", ["chromium"]),
        ("tests/e2e/test_security_tls.py", ["openssl", "postgresql"]),
        ("tests/e2e/test_exit_codes.py", []),
        ("tests/integration", ["default-jre-headless", "postgresql-client", "systemd"]),
        ("tests/unit", []),
    ],
)
def test_what_the_chosen_tests_need_is_missed(
    chosen: str, missing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for package, (_, files) in NEEDS.items():
        monkeypatch.setattr(
            system_packages, "NEEDS", {**system_packages.NEEDS, package: (lambda: None, files)}
        )
    assert find_missing([str(ROOT / chosen)]) == missing


def test_the_run_ends_before_its_first_test_with_the_line_that_helps() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "tests/e2e/test_report_browser.py"],
        env={**os.environ, "PATH": "/nowhere"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "apt-get install chromium\n" in done.stderr


def test_every_file_that_needs_one_is_in_the_table() -> None:
    signs = {
        "chromium": r"find_chromium",
        "default-jre-headless": r"spark_remote: str",
        "openssl": r"secure_world\b",
        "postgresql": r"secure_world\b",
        "postgresql-client": r"find_psql",
        "systemd": r"find_systemd_analyze",
    }
    assert signs.keys() == NEEDS.keys()
    for package, sign in signs.items():
        found = {
            str(path.relative_to(TESTS))
            for path in TESTS.glob("*/**/test_*.py")
            if path.name != "test_system_packages.py" and re.search(sign, path.read_text(encoding="utf-8"))
        }
        assert found == set(NEEDS[package][1]), package
