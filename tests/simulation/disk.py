"""Operations of `lake.files.Files` in, a disk in memory out: a power cut takes from it what was not synced.

What a rename, a new name or a removal changed is on disk once one of the folders concerned was synced; a file's content
once it was synced itself. A power cut keeps of the rest whatever chance decides, each change by itself.
"""

import errno
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from antennactl.lake.files import Content, DiskFiles
from simulation.world import Process, World


@dataclass
class Inode:
    """A file's content, and whether it is on disk."""

    content: bytes
    is_synced: bool = False


@dataclass(frozen=True)
class Change:
    """A change of names not on disk yet: `inode` None is a folder."""

    folders: tuple[str, ...]
    removed: str | None
    added: str | None
    inode: Inode | None


class Disk:
    """The one disk of the run. `watch` is told of every change below `data/`: (removed, added, content)."""

    def __init__(self, world: World, root: Path) -> None:
        self.world = world
        self.root = str(root)
        self.data = f"{self.root}/data/"
        self.names: dict[str, Inode | None] = {self.root: None}
        self.folders: dict[str, dict[str, None]] = {self.root: {}}
        self.durable: dict[str, Inode | None] = {self.root: None}
        self.pending: list[Change] = []
        self.watch: Callable[[str | None, str | None, Inode | None], None] = lambda _removed, _added, _inode: (
            None
        )

    def change(self, removed: str | None, added: str | None, inode: Inode | None) -> None:
        """Change names, not yet on disk."""
        parents = []
        if removed is not None:
            parent, _, name = removed.rpartition("/")
            self.folders[parent].pop(name, None)
            if self.names.pop(removed) is None:
                del self.folders[removed]
            parents.append(parent)
        if added is not None:
            parent, _, name = added.rpartition("/")
            self.folders[parent][name] = None
            self.names[added] = inode
            if inode is None:
                self.folders[added] = {}
            parents.append(parent)
        self.pending.append(Change(tuple(parents), removed, added, inode))
        if (added or removed or "").startswith(self.data) and inode is not None:
            self.watch(removed, added, inode)

    def sync(self, folder: str) -> None:
        """Put the changes of a folder on disk."""
        rest: list[Change] = []
        for change in self.pending:
            if folder in change.folders:
                rest = self._apply(change, rest)
            else:
                rest.append(change)
        self.pending = rest

    def _apply(self, change: Change, earlier: list[Change]) -> list[Change]:
        """Put one change on disk; a name that it takes away cannot come back by an earlier change."""
        if change.removed is not None:
            self.durable.pop(change.removed, None)
            earlier = [other for other in earlier if other.added != change.removed]
        if change.added is not None:
            self.durable[change.added] = change.inode
        return earlier

    def lose_power(self) -> None:
        """Forget what was not synced, but for what had come to the disk by chance."""
        random = self.world.random
        kept: list[Change] = []
        for change in self.pending:
            if random.random() < 0.5:
                kept = self._apply(change, kept)
        self.pending = []
        self.names, self.folders = {self.root: None}, {self.root: {}}
        for path in sorted(self.durable):
            inode = self.durable[path]
            parent, _, name = path.rpartition("/")
            if parent not in self.folders:
                continue
            self.folders[parent][name] = None
            self.names[path] = inode
            if inode is None:
                self.folders[path] = {}
            elif not inode.is_synced:
                inode.content = inode.content[: random.randrange(len(inode.content) + 1)]
                inode.is_synced = True
        self.durable = dict(self.names)


class DiskOf(DiskFiles):
    """The disk as one process sees it: what stage, publish and recover ask of `lake.files.Files`."""

    def __init__(self, disk: Disk, process: Process) -> None:
        self._disk = disk
        self._process = process

    def is_folder(self, path: Path) -> bool:
        """Return whether `path` is a folder."""
        return str(path) in self._disk.folders

    def is_file(self, path: Path) -> bool:
        """Return whether `path` is a file."""
        self._tick("look for", str(path))
        return self._disk.names.get(str(path)) is not None

    def list_folder(self, path: Path) -> list[str]:
        """Return the names in a folder."""
        self._tick("list", str(path))
        self._must_be_folder(str(path))
        return list(self._disk.folders[str(path)])

    def make_folder(self, path: Path) -> None:
        """Make one folder; one that stands already is none the worse."""
        where = str(path)
        self._tick("make", where)
        self._may_fail("disk full", errno.ENOSPC)
        self._must_be_folder(where.rpartition("/")[0])
        if where not in self._disk.names:
            self._disk.change(None, where, None)

    def write(self, path: Path, content: Content) -> None:
        """Write a whole file and sync its content, not yet its name."""
        where, whole = str(path), bytes(content)
        self._tick("write", where)
        self._must_be_folder(where.rpartition("/")[0])
        inode = Inode(whole[: len(whole) // 2])
        self._disk.change(None, where, inode)
        self._tick("write the rest of", where)
        self._may_fail("disk full", errno.ENOSPC)
        inode.content = whole
        self._tick("sync", where)
        inode.is_synced = True

    def count_rows(self, path: Path) -> int:
        """Return how many rows a file holds."""
        inode = self._disk.names.get(str(path))
        if inode is None:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        return inode.content.count(b"\n")

    def rename(self, source: Path, target: Path) -> None:
        """Move a file at once."""
        self._tick("rename", f"{source} -> {target}")
        self._may_fail("disk error", errno.EIO)
        inode = self._disk.names.get(str(source))
        if inode is None:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
        self._must_be_folder(str(target).rpartition("/")[0])
        self._disk.change(str(source), str(target), inode)

    def remove(self, path: Path) -> None:
        """Remove a file; one that is gone already is none the worse."""
        self._tick("remove", str(path))
        self._may_fail("disk error", errno.EIO)
        inode = self._disk.names.get(str(path))
        if inode is not None:
            self._disk.change(str(path), None, inode)

    def remove_folder(self, path: Path) -> None:
        """Remove an empty folder."""
        where = str(path)
        self._tick("remove folder", where)
        self._must_be_folder(where)
        if self._disk.folders[where]:
            raise OSError(errno.ENOTEMPTY, "Directory not empty")
        self._disk.change(where, None, None)

    def sync_folder(self, path: Path) -> None:
        """Put a folder's names on disk."""
        self._tick("sync folder", str(path))
        self._may_fail("disk error", errno.EIO)
        self._must_be_folder(str(path))
        self._disk.sync(str(path))

    def _tick(self, what: str, path: str) -> None:
        self._disk.world.tick(self._process, what, path)

    def _may_fail(self, what: str, number: int) -> None:
        if self._disk.world.fails(self._disk.world.rates.disk, self._process, what):
            raise OSError(number, what)

    def _must_be_folder(self, where: str) -> None:
        if where not in self._disk.folders:
            raise FileNotFoundError(errno.ENOENT, "No such file or directory")
