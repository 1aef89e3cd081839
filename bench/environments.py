"""Lists of packages and jars in, environments for the peers out: a Python each, Spark's jars, and a Java to run them.

What cannot be had is a PeerError with the reason: the peer is then named in the table as not measured.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from bench.process import PeerError

_HERE: Final = Path(__file__).parent
CACHE: Final = _HERE.parent / ".cache" / "bench"
_INSTALL_TIMEOUT_S: Final = 1800
# Spark 4 runs on 17 and 21, and needs a module that a trimmed runtime leaves out.
_JAVA_VERSIONS: Final = ("17", "21")
_NEEDED_MODULE: Final = "jdk.incubator.vector"


@dataclass(frozen=True)
class Spark:
    """How to run a program on Spark."""

    python: Path
    java_home: Path
    jars: tuple[Path, ...]

    @property
    def environment(self) -> dict[str, str]:
        """The variables that Spark reads."""
        return {
            "JAVA_HOME": str(self.java_home),
            "PYSPARK_PYTHON": str(self.python),
            "SPARK_LOCAL_IP": "127.0.0.1",
        }


@cache
def prepare_spark() -> Spark:
    """Return Spark, installed if it is not there. Raises PeerError."""
    java_home = find_java()
    return Spark(prepare_python("spark"), java_home, tuple(_fetch_jars()))


@cache
def prepare_python(name: str) -> Path:
    """Return the Python of the environment of `requirements-<name>.txt`, made if it is not there. Raises PeerError."""
    requirements = _HERE / f"requirements-{name}.txt"
    home = CACHE / name
    stamp, wanted = home / ".made-of", hashlib.sha256(requirements.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != wanted:
        sys.stderr.write(f"installing {name} into {home}\n")
        shutil.rmtree(home, ignore_errors=True)
        # Without a pip of its own: ours installs into it, and a Python without ensurepip will do.
        _run([sys.executable, "-m", "venv", "--without-pip", str(home)])
        pip = [sys.executable, "-m", "pip", "--python", str(home / "bin" / "python")]
        _run(
            [
                *pip,
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--require-hashes",
                "-r",
                str(requirements),
            ]
        )
        # Last: an environment without it was not finished.
        stamp.write_text(wanted)
    return home / "bin" / "python"


def _run(command: list[str]) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=_INSTALL_TIMEOUT_S)
    except subprocess.CalledProcessError as error:
        reason = error.stderr.strip().rpartition("\n")[2][:200]
        message = f"cannot be installed ({reason})"
        raise PeerError(message) from error
    except subprocess.TimeoutExpired as error:
        message = f"cannot be installed (not done after {_INSTALL_TIMEOUT_S} s)"
        raise PeerError(message) from error


def find_java() -> Path:
    """Return the home of a Java that Spark runs on: JAVA_HOME's, else one on the machine."""
    candidates = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    on_path = shutil.which("java")
    if on_path:
        candidates.append(Path(on_path).resolve().parents[1])
    candidates += sorted(Path("/usr/lib/jvm").glob("*"))
    for home in candidates:
        if _fits(home):
            return home
    message = "needs a Java 17 or 21 with all its modules (on Debian and Ubuntu: apt install openjdk-17-jre-headless)"
    raise PeerError(message)


def _fits(home: Path) -> bool:
    try:
        release = (home / "release").read_text(errors="replace")
    except OSError:
        return False
    version = next((line for line in release.splitlines() if line.startswith("JAVA_VERSION=")), "")
    return version.partition('"')[2].split(".")[0] in _JAVA_VERSIONS and _NEEDED_MODULE in release


def _fetch_jars() -> list[Path]:
    """Return the jars of the list, fetched by jgo by their coordinates and proven by SHA-256. Raises PeerError."""
    lines = (_HERE / "spark_jars.lock").read_text().splitlines()
    return [_fetch_jar(*line.split()) for line in lines if not line.startswith("#")]


def _fetch_jar(coordinate: str, sha256: str) -> Path:
    from jgo.maven import MavenContext

    group, artifact, version = coordinate.split(":")
    path = CACHE / "jars" / f"{artifact}-{version}.jar"
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        context = MavenContext(repo_cache=CACHE / "maven", local_repos=[])
        found = Path(context.project(group, artifact).at_version(version).artifact().resolve())
    except Exception as error:  # jgo lets through whatever requests and the file system raise
        message = f"{coordinate} cannot be fetched ({type(error).__name__})"
        raise PeerError(message) from error
    if hashlib.sha256(found.read_bytes()).hexdigest() != sha256:
        message = f"{coordinate} differs from its SHA-256"
        raise PeerError(message)
    partial = path.with_suffix(".part")
    shutil.copyfile(found, partial)
    return partial.replace(path)
