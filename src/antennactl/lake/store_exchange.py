"""A compacted object and those it was made from in, one in the place of the others out: a store exchanges no folders.

The old objects go first, the new one comes after them: what a plain reader lists in between lacks rows of the hour for
that moment, and never has a row twice. Readers that ask the ledger see neither: it has named the new object since the
commit, and `batch` reads it where it was built.
"""

from collections.abc import Collection
from pathlib import Path

from antennactl import failpoints
from antennactl.errors import FileNotReachableError
from antennactl.lake.layout import Lake


def finish_in_store(lake: Lake, path: str, stage_path: str, removed: Collection[str]) -> Path:
    """Take `removed` objects out of the hour's folder, then put the built one there; return the folder it was built in.

    Only under the hour's file lock, held alone. Safe to repeat: the built object is there until its copy was seen in
    its place. Raises FileNotReachableError when it is at neither, StorageUnavailableError.
    """
    target, built = lake.root / path, lake.root / stage_path
    try:
        if not lake.files.is_file(built) and not lake.files.is_file(target):
            message = f"compacted lake file {path} is neither built nor published under {lake.name}"
            raise FileNotReachableError(message, hint="find every difference with: antennactl verify")
        failpoints.reach("compact_before_exchange")
        take_out_of_store(lake, target.parent, {Path(old).name for old in removed})
        failpoints.reach("store_after_removal")
        try:
            lake.files.rename(built, target)
        except FileNotFoundError:
            # Somebody else has; or the process that had ended before it could say so.
            if not lake.files.is_file(target):
                raise
    except OSError as error:
        raise lake.unusable(error) from error
    return built.parent


def take_out_of_store(lake: Lake, folder: Path, dropped: Collection[str]) -> None:
    """Remove the objects called `dropped` that stand in an hour's folder, in as few requests as the store allows.

    Only under the hour's file lock, held alone. Safe to repeat. Raises StorageUnavailableError.
    """
    try:
        names = lake.files.list_folder(folder) if lake.files.is_folder(folder) else []
        lake.files.remove_all([folder / name for name in names if name in set(dropped)])
    except OSError as error:
        raise lake.unusable(error) from error
