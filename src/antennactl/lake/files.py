"""Paths and contents in, durable files and folders out: all that this house asks of the place that holds a lake.

It goes through an object that the lake carries: the disk of this host, an object store (`lake.store`), or a disk of a
test that fails or forgets.
"""

import hashlib
import os
import shutil
import uuid
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Final, Protocol, TypeVar

import polars as pl

from antennactl import failpoints

Content = bytes | memoryview

_T = TypeVar("_T")
_R = TypeVar("_R")


class Files(Protocol):
    """A disk, or what stands for one. Every method raises OSError; what is not synced may be gone after a power cut."""

    @property
    def has_folders(self) -> bool:
        """Whether folders are things of their own, to be made, synced, renamed and exchanged."""
        ...

    @property
    def at_once(self) -> int:
        """How many files are best written or renamed at once, each by a thread of its own."""
        ...

    def is_folder(self, path: Path) -> bool:
        """Return whether `path` is a folder."""
        ...

    def is_file(self, path: Path) -> bool:
        """Return whether `path` is a file."""
        ...

    def list_folder(self, path: Path) -> list[str]:
        """Return the names in a folder."""
        ...

    def make_folder(self, path: Path) -> None:
        """Make one folder; one that stands already is none the worse."""
        ...

    def write(self, path: Path, content: Content) -> None:
        """Write a whole file and sync its content, not yet its name."""
        ...

    def count_rows(self, path: Path) -> int:
        """Return how many rows the footer of a Parquet file tells."""
        ...

    def rename(self, source: Path, target: Path) -> None:
        """Move a file at once: a reader finds it here or there, and whole."""
        ...

    def remove(self, path: Path) -> None:
        """Remove a file; one that is gone already is none the worse."""
        ...

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        ...

    def sync_folder(self, path: Path) -> None:
        """Put a folder's names on disk."""
        ...

    def exists(self, path: Path) -> bool:
        """Return whether anything stands there, be it a link that leads nowhere."""
        ...

    def size(self, path: Path) -> int:
        """Return a file's size in bytes."""
        ...

    def read(self, path: Path) -> bytes:
        """Return what a small file holds."""
        ...

    def write_new(self, path: Path, content: bytes) -> None:
        """Write a small file whole and durably, unless one stands there: that one stays as it is."""
        ...

    def walk(self, folder: Path) -> Iterator[Path]:
        """Yield every file below a folder; links are not followed, and what goes away meanwhile is passed over."""
        ...

    def remove_all(self, paths: Sequence[Path]) -> None:
        """Remove files, at once as far as may be; those that are gone already are none the worse."""
        ...

    def remove_tree(self, folder: Path) -> None:
        """Remove a folder and all below it. What cannot be removed stays."""
        ...

    def digest(self, path: Path) -> str:
        """Return the sha256 of what a file holds now."""
        ...

    def seal(self, path: Path) -> str:
        """Put the file that was built at `local(path)` in its place, whole and durably; return its sha256."""
        ...

    def local(self, path: Path) -> Path:
        """Return where on this host's disk a file is read from, or built."""
        ...

    def bring(self, files: Sequence[Sequence[Path]]) -> list[Path | None]:
        """Return for each file, of which the places are given, where this host's engines can read it; None: nowhere.

        The first place that holds it counts. What was brought stays until the next call.
        """
        ...


class DiskFiles:
    """The disk of this host."""

    has_folders: bool = True
    at_once: int = 1

    def is_folder(self, path: Path) -> bool:
        """Return whether `path` is a folder."""
        return path.is_dir()

    def is_file(self, path: Path) -> bool:
        """Return whether `path` is a file."""
        return path.is_file()

    def list_folder(self, path: Path) -> list[str]:
        """Return the names in a folder."""
        return [entry.name for entry in path.iterdir()]

    def make_folder(self, path: Path) -> None:
        """Make one folder; one that stands already is none the worse."""
        path.mkdir(exist_ok=True)

    def write(self, path: Path, content: Content) -> None:
        """Write a whole file and sync its content, not yet its name."""
        with path.open("wb") as file:
            file.write(content[: len(content) // 2])
            failpoints.reach("mid_file")
            file.write(content[len(content) // 2 :])
            file.flush()
            os.fsync(file.fileno())

    def count_rows(self, path: Path) -> int:
        """Return how many rows the footer of a Parquet file tells."""
        return int(pl.scan_parquet(path, glob=False).select(pl.len()).collect().item())

    def rename(self, source: Path, target: Path) -> None:
        """Move a file at once: a reader finds it here or there, and whole."""
        source.rename(target)

    def remove(self, path: Path) -> None:
        """Remove a file; one that is gone already is none the worse."""
        path.unlink(missing_ok=True)

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        path.rmdir()

    def sync_folder(self, path: Path) -> None:
        """Put a folder's names on disk."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def exists(self, path: Path) -> bool:
        """Return whether anything stands there, be it a link that leads nowhere."""
        return os.path.lexists(path)

    def size(self, path: Path) -> int:
        """Return a file's size in bytes."""
        return path.stat().st_size

    def read(self, path: Path) -> bytes:
        """Return what a small file holds."""
        return path.read_bytes()

    def write_new(self, path: Path, content: bytes) -> None:
        """Write a small file whole and durably, unless one stands there: that one stays as it is."""
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_name(f".{path.stem}-{uuid.uuid4().hex}{path.suffix}")
        try:
            with unfinished.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            _link_or_rename(unfinished, path)
        finally:
            unfinished.unlink(missing_ok=True)
        self.sync_folder(path.parent)

    def walk(self, folder: Path) -> Iterator[Path]:
        """Yield every file below a folder; links are not followed, and what goes away meanwhile is passed over."""
        try:
            with os.scandir(folder) as found:
                entries = list(found)
        except FileNotFoundError:
            return  # exchanged by `compact` or removed by `prune` meanwhile, or never made
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from self.walk(Path(entry.path))
            else:
                yield Path(entry.path)

    def remove_all(self, paths: Sequence[Path]) -> None:
        """Remove files; those that are gone already are none the worse."""
        for path in paths:
            self.remove(path)

    def remove_tree(self, folder: Path) -> None:
        """Remove a folder and all below it. What cannot be removed stays."""
        shutil.rmtree(folder, ignore_errors=True)

    def digest(self, path: Path) -> str:
        """Return the sha256 of what a file holds now."""
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()

    def seal(self, path: Path) -> str:
        """Sync the file that was built in its place, not yet its name; return its sha256."""
        with path.open("rb") as file:
            os.fsync(file.fileno())
            return hashlib.file_digest(file, "sha256").hexdigest()

    def local(self, path: Path) -> Path:
        """Return the path itself."""
        return path

    def bring(self, files: Sequence[Sequence[Path]]) -> list[Path | None]:
        """Return the first place at which each file stands; None: nowhere.

        The first place is looked at again last: the file may move there between two looks.
        """
        return [next((place for place in (*places, places[0]) if place.exists()), None) for places in files]


DISK: Final = DiskFiles()


def each(files: Files, work: Callable[[_T], _R], items: Iterable[_T]) -> Iterator[_R]:
    """Yield what `work` returns for each of `items`, in their order, several at once where the place has it so.

    Raises what the first `work` that failed raises; those that were begun come to their end before that.
    """
    if files.at_once == 1:
        yield from map(work, items)
        return
    with ThreadPoolExecutor(files.at_once) as pool:
        begun: deque[Future[_R]] = deque()
        # An item may be large: no more of them are taken than are worked at.
        for item in items:
            begun.append(pool.submit(work, item))
            if len(begun) == files.at_once:
                yield begun.popleft().result()
        for future in begun:
            yield future.result()


def make_folders(files: Files, folder: Path) -> None:
    """Make a folder and its parents. Their names are on disk only after `sync_up`."""
    if not files.has_folders or files.is_folder(folder):
        return
    make_folders(files, folder.parent)
    files.make_folder(folder)


def sync_up(files: Files, root: Path, folders: Iterable[Path]) -> None:
    """Sync folders, which lie below `root`, and all above them up to `root` itself, each once.

    From the root down, since a name is safe only with those above it. Not only those made here: somebody else may
    have made one and ended before it was on disk.
    """
    if not files.has_folders:
        return
    touched = {root}
    for folder in folders:
        while folder not in touched:
            touched.add(folder)
            folder = folder.parent  # noqa: PLW2901 - up to the root, or to where another folder went up
    for folder in sorted(touched):
        files.sync_folder(folder)


def _link_or_rename(source: Path, target: Path) -> None:
    # A link, unlike a rename, never replaces a quicker one's file; some filesystems have no links.
    try:
        os.link(source, target)
    except FileExistsError:
        pass
    except OSError:
        source.rename(target)
