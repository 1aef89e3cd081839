"""Kafka's jars: the locked list in, proven files out, fetched by jgo from the Maven repository."""

import hashlib
import os
import shutil
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from time import time

from antennactl.errors import AntennactlError, KafkaUnavailableError, UsageError
from antennactl.local.progress import Progress

KAFKA_VERSION = "4.3.1"
# What the list is resolved from. slf4j-simple is there because without it Kafka logs nothing, not even why it
# fails.
ROOTS = (f"org.apache.kafka:kafka_2.13:{KAFKA_VERSION}", "org.slf4j:slf4j-simple:1.7.36")
LOCK_FILE = Path(__file__).with_name("kafka_jars.lock")

_FETCHING = "fetch Kafka's jars"
_THREADS = 8
_TRIES = 3
_TIMEOUT_S = 20
_STALE_S = 3600


@dataclass(frozen=True)
class Jar:
    """One jar of the list: its Maven coordinate group:artifact:version, its size in bytes and its SHA-256."""

    coordinate: str
    size: int
    sha256: str

    @property
    def name(self) -> str:
        """The file name, as in the repository."""
        _, artifact, version = self.coordinate.split(":")
        return f"{artifact}-{version}.jar"


def read_locked_jars(lock_file: Path = LOCK_FILE) -> list[Jar]:
    """Give the jars of the list, in class path order."""
    lines = (line.split() for line in lock_file.read_text().splitlines() if not line.startswith("#"))
    return [Jar(coordinate, int(size), sha256) for coordinate, size, sha256 in lines]


def find_cache_folder(name: str = f"kafka-{KAFKA_VERSION}") -> Path | None:
    """Give the folder that keeps the jars between runs, made if need be; none if it cannot be written."""
    try:
        folder = _find_cache_home() / "antennactl" / name
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, RuntimeError):
        return None
    return folder if os.access(folder, os.W_OK | os.X_OK) else None


def _find_cache_home() -> Path:
    """Give the user's cache folder as the XDG base directory specification has it: a relative path is none.

    Raises `RuntimeError` if the user has no home. An empty HOME would be the root folder, not theirs.
    """
    wanted = Path(os.environ.get("XDG_CACHE_HOME", ""))
    if wanted.is_absolute():
        return wanted
    home = Path(os.environ["HOME"]) if "HOME" in os.environ else Path.home()
    if not home.is_absolute():
        message = "the user has no home"
        raise RuntimeError(message)
    return home / ".cache"


def provide_jars(folder: Path, progress: Progress, lock_file: Path = LOCK_FILE) -> list[Path]:
    """Give Kafka's jars, or those of another list, as files in `folder`, proven by SHA-256; fetch what is missing.

    A file gets its name only when it is whole and proven, so several processes may do this at once, and a
    fetch that was cut short goes on where it was. Raises `KafkaUnavailableError` if a jar cannot be fetched
    or is not the one of the list, and `UsageError` if jgo is needed and not installed.
    """
    jars = read_locked_jars(lock_file)
    with ThreadPoolExecutor(_THREADS) as pool:
        proven = list(pool.map(lambda jar: _is_proven(folder / jar.name, jar), jars))
    missing = [jar for jar, is_proven in zip(jars, proven, strict=True) if not is_proven]
    if missing:
        _fetch(missing, folder, progress)
    return [folder / jar.name for jar in jars]


def _is_proven(path: Path, jar: Jar) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == jar.sha256
    except OSError:
        return False


def _fetch(jars: Sequence[Jar], folder: Path, progress: Progress) -> None:
    """Fetch jars side by side into a folder of this process; move each into `folder` when it is proven."""
    count = _ByteCount(progress, sum(jar.size for jar in jars))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _remove_stale(folder)
        with tempfile.TemporaryDirectory(prefix="fetch-", dir=folder) as partial:
            count.add(0)
            download = _make_downloader(Path(partial), count)
            with ThreadPoolExecutor(_THREADS) as pool:
                list(pool.map(lambda jar: _fetch_one(jar, download, folder), jars))
            count.finish()
    except OSError as error:
        message = f"cannot write Kafka's jars to {folder} ({error.strerror or type(error).__name__})"
        raise KafkaUnavailableError(message) from error


def _fetch_one(jar: Jar, download: Callable[[Jar], Path], folder: Path) -> None:
    """Fetch one jar, prove it, and give it its name; a jar that differs from the list is fetched again."""
    for attempt in range(1, _TRIES + 1):
        try:
            path = download(jar)
        except AntennactlError:
            raise  # from `progress`: the caller gives up
        except Exception as error:  # jgo lets through whatever requests and the file system raise
            if attempt < _TRIES:
                continue
            message = f"cannot fetch {jar.coordinate} from the Maven repository ({type(error).__name__})"
            hint = f"check the network and its proxy, or copy the jars named in {LOCK_FILE} to {folder}"
            raise KafkaUnavailableError(message, hint=hint) from error
        if _is_proven(path, jar):
            break
        path.unlink()
    else:
        message = f"{jar.coordinate} from the Maven repository differs from its SHA-256 in {LOCK_FILE}"
        raise KafkaUnavailableError(message)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    path.replace(folder / jar.name)


def _make_downloader(partial: Path, count: "_ByteCount") -> Callable[[Jar], Path]:
    """Give the function that downloads one jar below `partial`; jgo knows the repository."""
    try:
        from jgo.maven import MavenContext, PythonResolver
    except ImportError as error:
        message = "the fetcher of Kafka's jars is not installed"
        raise UsageError(message, hint="pip install 'antennactl[local]'") from error
    # `local_repos` empty and a cache of our own: what lies in the user's Maven folders is not looked at.
    context = MavenContext(
        repo_cache=partial,
        local_repos=[],
        resolver=PythonResolver(progress_callback=count.follow),
        timeout=_TIMEOUT_S,
    )

    def download(jar: Jar) -> Path:
        group, artifact, version = jar.coordinate.split(":")
        wanted = context.project(group, artifact).at_version(version).artifact()
        # What an earlier try left is no download.
        shutil.rmtree(partial / group.replace(".", "/") / artifact / version, ignore_errors=True)
        return Path(wanted.resolve())

    return download


def _remove_stale(folder: Path) -> None:
    """Remove what processes that were killed while fetching have left, not what others are fetching now."""
    for partial in folder.glob("fetch-*"):
        with suppress(FileNotFoundError):  # another process has just finished
            if time() - partial.stat().st_mtime > _STALE_S:
                shutil.rmtree(partial, ignore_errors=True)


class _ByteCount:
    """Adds up what all threads have received, and reports it from one thread at a time."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._done = 0
        self._lock = threading.Lock()

    def add(self, size: int) -> None:
        with self._lock:
            # What had to be fetched twice is still only there once.
            self._done = min(self._done + size, self._total)
            self._progress(_FETCHING, self._done, self._total)

    def finish(self) -> None:
        self.add(self._total)

    @contextmanager
    def follow(self, _name: str, _size: int) -> Iterator[Callable[[int], None]]:
        """Give jgo the function to call with the size of each piece of a file."""
        yield self.add
