"""A lake that another writer made and an hour in, the hour's Parquet files out; the ledger is not asked."""

from datetime import datetime
from pathlib import Path

from antennactl.errors import NotReadyError
from antennactl.lake.layout import Lake, hour_folder_spellings


def unmanaged_files(lake: Lake, hour: datetime) -> list[Path]:
    """Return the Parquet files that stand directly in the hour's folder, in order of their names.

    Every spelling of the folder counts, numbers padded or not at each level. Marker files, checksums and
    unfinished files (`_SUCCESS`, `.part-….crc`, `_temporary/`, anything but `*.parquet`) are passed over.
    Raises NotReadyError when there is no such folder, StorageUnavailableError when one cannot be read.
    """
    files = lake.files
    try:
        named = [lake.root / name for name in hour_folder_spellings(hour)]
        folders = [folder for folder in named if files.is_folder(folder)]
        found = sorted(folder / name for folder in folders for name in files.list_folder(folder))
        paths = [path for path in found if _is_content(path) and files.is_file(path)]
        brought = files.bring([[path] for path in paths])
    except OSError as error:
        raise lake.unusable(error, "read") from error
    if not folders:
        message = f"there is no folder of {hour:%Y-%m-%dT%HZ} in {lake.show(lake.data)}"
        raise NotReadyError(
            message, hint=f"looked for {hour_folder_spellings(hour)[0]}, padded or not, in UTC"
        )
    return [path for path in brought if path is not None]


def _is_content(path: Path) -> bool:
    return path.suffix == ".parquet" and not path.name.startswith((".", "_"))
