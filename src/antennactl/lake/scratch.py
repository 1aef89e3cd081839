"""Objects' contents in, files of this host out: the copies that engines read, in a folder of bounded size."""

import contextlib
import errno
import fcntl
import hashlib
import os
import shutil
import tempfile
import threading
import time
import weakref
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Final

_PREFIX: Final = "antennactl-lake-"
_LOCK: Final = ".lock"
_STALE_S: Final = 3600.0
_ROOM_BYTES: Final = 2**30


class Scratch:
    """A folder of the system's temporary one (TMPDIR), made when it is first needed and gone with the process.

    What a killed process left is removed by the next one. For use from several threads.
    """

    def __init__(self, room_bytes: int = _ROOM_BYTES) -> None:
        self._room_bytes = room_bytes
        self._lock = threading.RLock()
        self._folder: Path | None = None
        self._sizes: dict[str, int] = {}  # in the order in which they were asked for

    @property
    def folder(self) -> Path:
        """Where the copies are."""
        with self._lock:
            if self._folder is None:
                _remove_stale()
                self._folder, holder = _make_folder()
                weakref.finalize(self, _remove, self._folder, holder)
            return self._folder

    def place(self, key: str) -> Path:
        """Return where the copy of an object is, or is to be; its folder is there."""
        place = self.folder / key
        place.parent.mkdir(parents=True, exist_ok=True)
        return place

    def has(self, key: str) -> bool:
        """Return whether there is a whole copy, and note that it was asked for."""
        with self._lock:
            size = self._sizes.pop(key, None)
            if size is not None:
                self._sizes[key] = size
            return size is not None

    def keep(self, key: str, size: int, chunks: Iterable[object]) -> str:
        """Write a copy of `size` bytes, whole or not at all, and return its sha256. Raises OSError."""
        place, digest, n_bytes = self.place(key), hashlib.sha256(), 0
        unfinished = place.with_name(f".{place.name}-{threading.get_ident()}")
        try:
            with unfinished.open("wb") as file:
                for chunk in chunks:
                    view = memoryview(chunk)  # type: ignore[arg-type] # the client's own bytes
                    n_bytes += file.write(view)
                    digest.update(view)
            if n_bytes != size:
                raise OSError(errno.EIO, "the store's answer broke off")
            unfinished.replace(place)
        finally:
            unfinished.unlink(missing_ok=True)
        with self._lock:
            self._sizes.pop(key, None)
            self._sizes[key] = size
        return digest.hexdigest()

    def make_room(self, wanted: Collection[str]) -> None:
        """Remove what nobody asked for lately, but for `wanted`, until the rest is within bounds."""
        kept = set(wanted)
        with self._lock:
            total = sum(self._sizes.values())
            for key in [key for key in self._sizes if key not in kept]:
                if total <= self._room_bytes:
                    return
                total -= self._sizes.pop(key)
                self.place(key).unlink(missing_ok=True)

    @contextlib.contextmanager
    def hollow(self, size: int, end: bytes) -> Iterator[Path]:
        """Give a file of `size` bytes that holds nothing but its `end`, and takes no more space than that."""
        handle, name = tempfile.mkstemp(dir=self.folder)
        try:
            with os.fdopen(handle, "wb") as file:
                file.truncate(size)
                file.seek(size - len(end))
                file.write(end)
            yield Path(name)
        finally:
            Path(name).unlink()

    def digest(self, path: Path) -> str:
        """Return the sha256 of a file that was built here."""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()


def _make_folder() -> tuple[Path, int]:
    """Make a folder and hold the lock that says somebody uses it."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
    holder = os.open(folder / _LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(holder, fcntl.LOCK_EX)
    return folder, holder


def _remove(folder: Path, holder: int) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    os.close(holder)


def _remove_stale() -> None:
    """Remove the folders whose process is no more: nobody holds their lock."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            try:
                holder = os.open(folder / _LOCK, os.O_RDWR)
            except FileNotFoundError:
                # About to be locked by who has just made it, unless that was long ago.
                if time.time() - folder.stat().st_mtime > _STALE_S:
                    shutil.rmtree(folder, ignore_errors=True)
                continue
            try:
                fcntl.flock(holder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder, ignore_errors=True)
            finally:
                os.close(holder)
