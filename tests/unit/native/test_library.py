"""A library that is not there or does not fit is told of and not used."""

import shutil
import subprocess
import sys
from pathlib import Path

import antennactl_native
import pytest

from antennactl.native import library

_load = library.load_library.__wrapped__


def test_the_library_of_this_checkout_is_used() -> None:
    assert _load() is not None


def test_without_the_package_nothing_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setitem(sys.modules, "antennactl_native", None)
    assert _load() is None
    assert not caplog.messages


@pytest.mark.parametrize("name", ["/nonexistent/gather.so", "libc.so.6"])
def test_a_file_that_is_not_it_is_not_used(
    name: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(antennactl_native, "LIBRARY", Path(name))
    assert _load() is None
    assert "not used" in caplog.text


def test_another_version_is_not_used(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(library, "VERSION", library.VERSION + 1)
    assert _load() is None
    assert "another version" in caplog.text


def test_librdkafka_is_found_beside_libraries_in_a_folder_of_that_name(tmp_path: Path) -> None:
    other = tmp_path / "librdkafka" / "other.so"
    other.parent.mkdir()
    shutil.copy(antennactl_native.LIBRARY, other)
    program = (
        f"import ctypes; ctypes.CDLL({str(other)!r}); from antennactl.native import load_library as load;"
        "raise SystemExit(load() is None)"
    )
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
