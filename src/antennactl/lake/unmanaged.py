"""A lake that another writer made and an hour in, the hour's Parquet files out; the ledger is not asked."""

from datetime import datetime
from pathlib import Path

from antennactl.errors import NotReadyError, StorageUnavailableError
from antennactl.lake.layout import Lake, hour_folder_spellings


def unmanaged_files(lake: Lake, hour: datetime) -> list[Path]:
    """Return the Parquet files that stand directly in the hour's folder, in order of their names.

    Every spelling of the folder counts, numbers padded or not at each level. Marker files, checksums and
    unfinished files (`_SUCCESS`, `.part-….crc`, `_temporary/`, anything but `*.parquet`) are passed over.
    Raises NotReadyError when there is no such folder, StorageUnavailableError when one cannot be read.
    """
    folders = [folder for name in hour_folder_spellings(hour) if (folder := lake.root / name).is_dir()]
    if not folders:
        message = f"there is no folder of {hour:%Y-%m-%dT%HZ} in {lake.data}"
        raise NotReadyError(
            message, hint=f"looked for {hour_folder_spellings(hour)[0]}, padded or not, in UTC"
        )
    try:
        return sorted(path.absolute() for folder in folders for path in folder.iterdir() if _is_content(path))
    except OSError as error:
        message = f"cannot read {lake.data}: {error.strerror}"
        raise StorageUnavailableError(message) from error


def _is_content(path: Path) -> bool:
    return path.suffix == ".parquet" and not path.name.startswith((".", "_")) and path.is_file()
