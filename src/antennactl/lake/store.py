"""An object store in, what `lake.files` asks of a disk out: objects appear whole or not at all, and nothing is renamed.

A rename is a copy that the store makes itself, looked at, and then the removal of the source. Whoever repeats it after
any interruption copies the same bytes to the same name, or finds the source gone and the target there.
"""

import errno
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore
import polars as pl

from antennactl import failpoints
from antennactl.lake.files import Content
from antennactl.lake.scratch import Scratch
from antennactl.lake.store_faults import ask

if TYPE_CHECKING:
    from obstore import ObjectMeta
    from obstore.store import ObjectStore

# What a store copies in one request at most (S3; others take more).
_MOST_BYTES: Final = 5 * 10**9
_CHUNK_BYTES: Final = 8 * 2**20
_TRIES: Final = 3
# A Parquet file ends with its footer, the footer's length in 4 bytes, and 4 more (the format's "File Format" page).
_TAIL_BYTES: Final = 8
# Room for the footer of some dozen row groups: most files need no second look.
_FOOTER_BYTES: Final = 2**15


class StoreFiles:
    """A bucket's part below a prefix, as the disk that a lake is on; `root` stands for the prefix.

    Every method raises OSError, PermissionError where the store refuses, and UsageError where there is no such bucket.
    """

    has_folders: bool = False
    at_once: int = 8

    def __init__(self, store: "ObjectStore", root: Path, scratch: Scratch) -> None:
        self._store = store
        self._root = root
        self._scratch = scratch

    def is_folder(self, path: Path) -> bool:
        """Return whether any object lies below `path`."""
        return ask(lambda: any(obstore.list(self._store, self._key(path), chunk_size=1)))

    def is_file(self, path: Path) -> bool:
        """Return whether there is an object."""
        try:
            self._look(path)
        except FileNotFoundError:
            return False
        return True

    def list_folder(self, path: Path) -> list[str]:
        """Return the names that follow `path`; none where nothing does."""
        found = ask(lambda: obstore.list_with_delimiter(self._store, self._key(path)))
        keys = [*found["common_prefixes"], *(each["path"] for each in found["objects"])]
        return [key.rpartition("/")[2] for key in keys]

    def make_folder(self, path: Path) -> None:
        """Do nothing: a store has no folders."""

    def write(self, path: Path, content: Content) -> None:
        """Write a whole object: it is there, and durable, when this returns, and not in part before."""
        failpoints.reach("mid_file")
        ask(lambda: obstore.put(self._store, self._key(path), content))

    def count_rows(self, path: Path) -> int:
        """Return how many rows the footer of a Parquet file tells, read from the store."""
        size = self.size(path)
        if size < _TAIL_BYTES:
            raise OSError(errno.EIO, "the object is too short for a Parquet file")
        end = self._read_end(path, size, min(size, _FOOTER_BYTES))
        length = int.from_bytes(end[-_TAIL_BYTES:][:4], "little") + _TAIL_BYTES
        if len(end) < length <= size:
            end = self._read_end(path, size, length)
        with self._scratch.hollow(size, end) as hollow:
            return int(pl.scan_parquet(hollow, glob=False).select(pl.len()).collect().item())

    def rename(self, source: Path, target: Path) -> None:
        """Let the store copy an object, see that the copy is there, and remove the source.

        A reader finds it at its new place whole or not at all; in between it is at both.
        """
        size = self.size(source)
        ask(lambda: obstore.copy(self._store, self._key(source), self._key(target)))
        failpoints.reach("after_copy")
        if self.size(target) != size:
            raise OSError(errno.EIO, "the store's copy has another size than its source")
        self.remove(source)

    def remove(self, path: Path) -> None:
        """Remove an object; one that is gone already is none the worse."""
        self.remove_all([path])

    def remove_folder(self, path: Path) -> None:
        """Do nothing: a store has no folders."""

    def sync_folder(self, path: Path) -> None:
        """Do nothing: what a store has answered is durable."""

    def exists(self, path: Path) -> bool:
        """Return whether there is an object, or any below `path`."""
        return self.is_file(path) or self.is_folder(path)

    def size(self, path: Path) -> int:
        """Return an object's size in bytes."""
        return self._look(path)["size"]

    def read(self, path: Path) -> bytes:
        """Return what a small object holds."""
        return ask(lambda: bytes(obstore.get(self._store, self._key(path)).bytes()))

    def write_new(self, path: Path, content: bytes) -> None:
        """Write a small object unless there is one; the store decides between two that come at once."""
        key = self._key(path)
        with suppress(FileExistsError):
            ask(lambda: obstore.put(self._store, key, content, mode="create", use_multipart=False))

    def walk(self, folder: Path) -> Iterator[Path]:
        """Yield every object below `folder`."""
        pages = ask(lambda: list(obstore.list(self._store, self._key(folder))))
        for page in pages:
            for found in page:
                yield self._root / found["path"]

    def remove_all(self, paths: Sequence[Path]) -> None:
        """Remove objects, a thousand in a request; those that are gone already are none the worse."""
        if not paths:
            return
        try:
            ask(lambda: obstore.delete(self._store, [self._key(path) for path in paths]))
        except FileNotFoundError:  # some stores say so
            if len(paths) > 1:
                for path in paths:
                    self.remove(path)

    def remove_tree(self, folder: Path) -> None:
        """Remove all below `folder`. What cannot be removed stays."""
        try:
            self.remove_all(list(self.walk(folder)))
        except OSError:
            return

    def digest(self, path: Path) -> str:
        """Return the sha256 of what the store has now; a copy stays here, to be read by engines."""
        return self._fetch(path)

    def seal(self, path: Path) -> str:
        """Upload the file that was built at `local(path)`, remove it here, and return its sha256."""
        built = self.local(path)
        digest = self._scratch.digest(built)
        if built.stat().st_size > _MOST_BYTES:
            raise OSError(errno.EFBIG, "an object of more than 5 GB cannot be put in its place in one copy")
        ask(lambda: obstore.put(self._store, self._key(path), built))
        built.unlink()
        return digest

    def local(self, path: Path) -> Path:
        """Return where the copy of an object lies on this host, or where one is built."""
        return self._scratch.place(self._key(path))

    def bring(self, files: Sequence[Sequence[Path]]) -> list[Path | None]:
        """Fetch what is not here yet, several at once; return where the copies are, None for what is nowhere.

        The first place is looked at again last: an object may come there between two looks. Copies of other calls may
        go, those first that nobody asked for lately.
        """
        self._scratch.make_room([self._key(place) for places in files for place in places])
        with ThreadPoolExecutor(self.at_once) as pool:
            return list(pool.map(self._bring, files))

    def _bring(self, places: Sequence[Path]) -> Path | None:
        for place in places:
            if self._scratch.has(self._key(place)):
                return self.local(place)
        for place in (*places, places[0]):
            try:
                self._fetch(place)
            except FileNotFoundError:
                continue
            return self.local(place)
        return None

    def _fetch(self, path: Path) -> str:
        """Put an object's content at its local place, whole or not at all; return its sha256."""
        key = self._key(path)

        def fetch() -> str:
            found = obstore.get(self._store, key)
            return self._scratch.keep(key, found.meta["size"], found.stream(_CHUNK_BYTES))

        for attempt in range(1, _TRIES + 1):
            try:
                return ask(fetch)
            except (FileNotFoundError, PermissionError):
                raise
            except OSError as error:
                # An answer that broke off is asked for again; what the client retries itself has been retried.
                if attempt == _TRIES or error.errno in {errno.ENOSPC, errno.EDQUOT}:
                    raise
        raise AssertionError  # pragma: no cover - the last attempt returns or raises

    def _look(self, path: Path) -> "ObjectMeta":
        return ask(lambda: obstore.head(self._store, self._key(path)))

    def _read_end(self, path: Path, size: int, length: int) -> bytes:
        key = self._key(path)
        return ask(lambda: bytes(obstore.get_range(self._store, key, start=size - length, end=size)))

    def _key(self, path: Path) -> str:
        key = path.relative_to(self._root).as_posix()
        return "" if key == "." else key
