"""Hours past their retention in, a lake without them out: each goes at once, and only what the ledger removed."""

from collections.abc import Collection
from datetime import datetime
from pathlib import PurePosixPath
from uuid import uuid4

from antennactl.errors import StorageUnavailableError
from antennactl.lake.exchange import take_out
from antennactl.lake.inventory import folder_hour
from antennactl.lake.layout import Lake, hour_folder


def list_hours(lake: Lake, before: datetime) -> list[datetime]:
    """Return the hours before `before` that have a folder of ours in the lake. Raises StorageUnavailableError."""
    try:
        folders = [path for path in lake.data.glob("year=*/month=*/day=*/hour=*") if path.is_dir()]
    except OSError as error:
        message = f"cannot read the lake {lake.root} ({error.strerror or type(error).__name__})"
        raise StorageUnavailableError(message) from error
    names = [folder.relative_to(lake.root).as_posix() for folder in folders]
    found = {name: folder_hour(f"{name}/") for name in names}
    return sorted(
        hour
        for name, hour in found.items()
        if hour is not None and hour < before and hour_folder(hour) == name
    )


def remove_hour(lake: Lake, hour: datetime, removed: Collection[str]) -> None:
    """Remove the files that the ledger removed from the hour; others that lie there stay, for `verify` to name.

    Only under the hour's file lock, held alone. Safe to repeat. Raises StorageUnavailableError.
    """
    names = {PurePosixPath(path).name for path in removed}
    take_out(lake, hour, str(uuid4()), hour_folder(hour), names)
