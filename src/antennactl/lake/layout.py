"""An hour and a batch id in, the paths of its lake file out: the only place that knows how the lake is laid out."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from antennactl.errors import AntennactlError, StorageRefusedError, StorageUnavailableError
from antennactl.lake.files import DISK, Files


def hour_folder(hour: datetime) -> str:
    """Return the hour's folder relative to the lake, Hive-partitioned with unpadded numbers, in UTC."""
    return f"data/year={hour.year}/month={hour.month}/day={hour.day}/hour={hour.hour}"


def hour_folder_spellings(hour: datetime) -> list[str]:
    """Return every spelling of the hour's folder that other writers use: numbers unpadded or padded, each level."""
    folders = ["data"]
    for key, number, width in (
        ("year", hour.year, 4),
        ("month", hour.month, 2),
        ("day", hour.day, 2),
        ("hour", hour.hour, 2),
    ):
        spellings = dict.fromkeys([f"{key}={number}", f"{key}={number:0{width}}"])
        folders = [f"{folder}/{spelling}" for folder in folders for spelling in spellings]
    return folders


def data_path(hour: datetime, batch_id: str) -> str:
    """Return where a micro-batch's file of an hour is published, relative to the lake."""
    return f"{hour_folder(hour)}/part-{batch_id}.parquet"


def stage_path(worker: str, hour: datetime, batch_id: str) -> str:
    """Return where a worker writes that file first, relative to the lake: outside `data/`, same filesystem."""
    return f"staging/{worker}/{batch_id}-{hour:%Y%m%dT%H}.parquet"


@dataclass(frozen=True)
class Lake:
    """A lake's folder and what stands directly in it, on the disk or in the store that holds them."""

    root: Path
    files: Files = field(default=DISK, compare=False, repr=False)
    url: str | None = None
    """Where the lake is, if not on a disk: `root` is then no folder of any host, and `files` alone knows what to do."""

    @property
    def name(self) -> str:
        """The lake as a user names it."""
        return self.url or str(self.root)

    @property
    def readable(self) -> Path:
        """The folder of this host that engines read the lake's files in, once they were brought."""
        return self.files.local(self.root)

    def show(self, path: Path) -> str:
        """Return a path of the lake as a user would write it."""
        return str(path) if self.url is None else f"{self.url}/{path.relative_to(self.root).as_posix()}"

    @contextmanager
    def naming(self) -> Iterator[None]:
        """Let the errors that leave the block name the lake's own files, not the copies of them that engines read."""
        try:
            yield
        except AntennactlError as error:
            if self.url is not None:
                error.args = (str(error).replace(str(self.readable), self.url), *error.args[1:])
            raise

    def unusable(self, error: OSError, what: str = "write to") -> StorageUnavailableError:
        """Return what a failed operation is to commands: the service that holds the lake does not serve."""
        reason = error.strerror or type(error).__name__
        message = f"cannot {what} the lake {self.name}: {reason}"
        if self.url is None:
            hint = "free space, or make the folder writable" if what == "write to" else None
            return StorageUnavailableError(message, hint=hint)
        if isinstance(error, PermissionError):
            hint = "check the store's variables, and what they may do there: read, write, list and delete"
            return StorageRefusedError(message, hint=hint)
        return StorageUnavailableError(message, hint="nothing is lost: once the store answers, run it again")

    @property
    def data(self) -> Path:
        """Published files; any engine may glob it: it never holds an uncommitted row."""
        return self.root / "data"

    @property
    def staging(self) -> Path:
        """A folder a worker, with files whose micro-batch may not be committed."""
        return self.root / "staging"

    @property
    def quarantine(self) -> Path:
        """Files that the ledger does not know, moved here by `verify --quarantine`."""
        return self.root / "quarantine"

    @property
    def identity_file(self) -> Path:
        """Carries the uuid of the ledger that this lake belongs to."""
        return self.root / "ledger.json"
