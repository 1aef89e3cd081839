"""A lake's folder and a ledger's uuid in; nothing out, or the reason why the two do not belong together."""

import contextlib
import errno
import json
import uuid
from pathlib import Path

from antennactl.errors import UsageError
from antennactl.lake.exchange import FOLDER as EXCHANGE
from antennactl.lake.layout import Lake


def check_lake(lake: Lake, ledger_uuid: str, *, create: bool) -> None:
    """Make sure that `lake` belongs to the ledger `ledger_uuid`.

    With `create` a lake without ledger.json that holds no data becomes this ledger's: the folder is made and
    the file written, durably and only once, however many workers start together. Raises UsageError when the
    lake is another ledger's, holds data of nobody, or (without `create`) is not there, and
    StorageUnavailableError when the folder cannot be read or written.
    """
    try:
        owner = read_owner(lake)
        if owner is None and create:
            _refuse_data_of_nobody(lake)
            owner = _write_owner(lake, ledger_uuid)
    except (NotADirectoryError, FileExistsError):
        message = f"{lake.name} is not a folder"
        raise UsageError(message, hint="--lake names the folder of the lake") from None
    except OSError as error:
        raise lake.unusable(error, "use") from error
    if owner is None:
        message = f"there is no lake of this database at {lake.name} (no {lake.identity_file.name})"
        raise UsageError(message, hint="check --lake; `antennactl stream` makes a new lake")
    if owner != ledger_uuid:
        message = f"the lake {lake.name} belongs to ledger {owner}, this database to ledger {ledger_uuid}"
        raise UsageError(message, hint="check --lake and --dsn: one of them names another system")
    if lake.files.has_folders:
        _refuse_other_filesystems(lake)


def _refuse_other_filesystems(lake: Lake) -> None:
    """Raise UsageError when staged files could not be renamed into the lake, before any of them is committed."""
    for folder in (lake.staging, lake.root / EXCHANGE, lake.data):
        if folder.exists() and not _takes_renames(lake.root, folder):
            message = f"{folder} lies on another filesystem than {lake.root}, or on another mount of it"
            raise UsageError(
                message,
                hint="files are published by rename, which works within one mount of a filesystem alone",
            )


def _takes_renames(root: Path, folder: Path) -> bool:
    """Return whether a file may be renamed between the two folders; nothing is written.

    The device number is the same on two mounts of one filesystem, such as a bind mount, and other on a subvolume. The
    kernel compares mounts before it looks for the file (rename(2), EXDEV), so that a name that is nowhere will do.
    """
    name = uuid.uuid4().hex
    try:
        (root / name).rename(folder / name)
    except OSError as error:
        if error.errno == errno.EXDEV:
            return False
    return folder.stat().st_dev == root.stat().st_dev


def read_owner(lake: Lake) -> str | None:
    """Return the uuid in the lake's ledger.json, None where the file is not there.

    Raises UsageError when the file does not hold one, OSError when it cannot be read.
    """
    try:
        text = lake.files.read(lake.identity_file).decode()
    except FileNotFoundError:
        return None
    except UnicodeDecodeError:
        text = ""
    with contextlib.suppress(json.JSONDecodeError):
        content = json.loads(text)
        if isinstance(content, dict) and isinstance(content.get("ledger"), str):
            return str(content["ledger"])
    message = f"{lake.show(lake.identity_file)} does not name a ledger"
    raise UsageError(message, hint="restore it from a copy: antennactl wrote it when the lake was made")


def _refuse_data_of_nobody(lake: Lake) -> None:
    if lake.files.is_folder(lake.data) and lake.files.list_folder(lake.data):
        message = f"{lake.show(lake.data)} holds data, but {lake.show(lake.identity_file)} is missing"
        raise UsageError(
            message,
            hint="name an empty or new folder with --lake; data of other writers: batch --unmanaged",
        )


def _write_owner(lake: Lake, ledger_uuid: str) -> str:
    """Write ledger.json unless it came into being meanwhile, and return the uuid that it holds now."""
    content = json.dumps({"ledger": ledger_uuid}) + "\n"
    lake.files.write_new(lake.identity_file, content.encode())
    return read_owner(lake) or ledger_uuid
