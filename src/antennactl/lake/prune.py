"""Hours past their retention in, a lake without them out: each goes at once, and only what the ledger removed."""

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final
from uuid import uuid4

from antennactl.lake.exchange import take_out
from antennactl.lake.files import Files
from antennactl.lake.inventory import folder_hour
from antennactl.lake.layout import Lake, hour_folder

_LEVELS: Final = ("year=", "month=", "day=", "hour=")


def list_hours(lake: Lake, before: datetime) -> list[datetime]:
    """Return the hours before `before` that have a folder of ours in the lake. Raises StorageUnavailableError."""
    try:
        folders = _list_folders(lake.files, lake.data, _LEVELS)
    except OSError as error:
        raise lake.unusable(error, "read") from error
    names = [folder.relative_to(lake.root).as_posix() for folder in folders]
    found = {name: folder_hour(f"{name}/") for name in names}
    return sorted(
        hour
        for name, hour in found.items()
        if hour is not None and hour < before and hour_folder(hour) == name
    )


def _list_folders(files: Files, folder: Path, levels: Sequence[str]) -> list[Path]:
    """Return the folders below `folder` whose names start as `levels` say, one a level."""
    if not levels:
        return [folder] if files.is_folder(folder) else []
    if not files.is_folder(folder):
        return []
    names = [name for name in files.list_folder(folder) if name.startswith(levels[0])]
    return [found for name in names for found in _list_folders(files, folder / name, levels[1:])]


def remove_hour(lake: Lake, hour: datetime, removed: Collection[str]) -> None:
    """Remove the files that the ledger removed from the hour; others that lie there stay, for `verify` to name.

    Only under the hour's file lock, held alone. Safe to repeat. Raises StorageUnavailableError.
    """
    names = {PurePosixPath(path).name for path in removed}
    take_out(lake, hour, str(uuid4()), hour_folder(hour), names)
