"""An hour and a batch id in, the paths of its lake file out: the only place that knows how the lake is laid out."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

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
    """A lake's folder and the folders and files that stand directly in it, on the disk that holds them."""

    root: Path
    files: Files = field(default=DISK, compare=False, repr=False)

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
