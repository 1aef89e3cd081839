"""Paths and contents in, durable files and folders out: the few things that stage, publish and recover ask of a disk.

They go through an object that the lake carries, so that a test can hand in a disk that fails or forgets.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Protocol

import polars as pl

from antennactl import failpoints

Content = bytes | memoryview


class Files(Protocol):
    """A disk. Every method raises OSError; what is not synced may be gone after a power cut."""

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


class DiskFiles:
    """The disk of this host."""

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


DISK: Final = DiskFiles()


def make_folders(files: Files, folder: Path) -> None:
    """Make a folder and its parents. Their names are on disk only after `sync_up`."""
    if files.is_folder(folder):
        return
    make_folders(files, folder.parent)
    files.make_folder(folder)


def sync_up(files: Files, root: Path, folders: Iterable[Path]) -> None:
    """Sync folders, which lie below `root`, and all above them up to `root` itself, each once.

    From the root down, since a name is safe only with those above it. Not only those made here: somebody else may
    have made one and ended before it was on disk.
    """
    touched = {root}
    for folder in folders:
        while folder not in touched:
            touched.add(folder)
            folder = folder.parent  # noqa: PLW2901 - up to the root, or to where another folder went up
    for folder in sorted(touched):
        files.sync_folder(folder)
