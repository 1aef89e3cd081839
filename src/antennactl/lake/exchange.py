"""A new folder of an hour and the one in the lake in, the two exchanged at once out: no reader sees a part of it.

`<lake>/exchange/` is outside of `data/`, on the same filesystem. A compaction builds its file in a folder there, and
the ledger's commit decides: before it the folder is litter, after it the exchange is owed and recovery makes it.
"""

import contextlib
import ctypes
import errno
import os
import re
import shutil
from collections.abc import Collection, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from antennactl import failpoints
from antennactl.errors import FileNotReachableError
from antennactl.lake.files import make_folders, sync_up
from antennactl.lake.layout import Lake
from antennactl.lake.store_exchange import finish_in_store, take_out_of_store
from antennactl.ledger.compaction import mark_published, read_removed_paths, read_unpublished
from antennactl.ledger.connection import Database
from antennactl.ledger.locks import release_all, try_exclude_hour_files, try_hold_removal

FOLDER: Final = "exchange/"
"""What the staged path of a compacted file starts with."""

_NAME: Final = re.compile(r"(\d{8}T\d{2})-[0-9a-z-]+(\.aside\d+)?")
_AT_WORKING_FOLDER: Final = -100
_EXCHANGE: Final = 2
_UNSUPPORTED: Final = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP})


def exchange_folder(hour: datetime, name: str) -> str:
    """Return where a new or an old folder of an hour lies beside the lake, relative to the lake's root."""
    return f"{FOLDER}{hour:%Y%m%dT%H}-{name}"


def is_built(stage_path: str | None) -> bool:
    """Return whether a committed file waits for an exchange, rather than for a rename out of staging."""
    return stage_path is not None and stage_path.startswith(FOLDER)


def finish_exchanges(database: Database, lake: Lake, hours: Iterable[datetime]) -> list[datetime]:
    """Make the exchanges that committed compactions of `hours` still owe; return the hours that somebody else holds.

    Safe to repeat and to run from two processes at once. Nothing but what the ledger removed leaves `data/`: files
    that came into the folder meanwhile are taken along. Raises FileNotReachableError when the built file is nowhere
    under this lake, StorageUnavailableError when the lake cannot be written.
    """
    held = []
    for hour in sorted(set(hours)):
        done: list[Path] = []
        with database.transaction() as tx:
            if not try_exclude_hour_files(tx, hour):
                held.append(hour)
                continue
            removed = read_removed_paths(tx, hour)
            for path, stage_path in read_unpublished(tx, hour).iter_rows():
                if is_built(stage_path):
                    finish = _finish if lake.files.has_folders else finish_in_store
                    done.append(finish(lake, path, stage_path, removed))
                    failpoints.reach("compact_after_exchange")
                    mark_published(tx, path)
        for folder in done:
            failpoints.reach("compact_before_cleanup")
            if lake.files.has_folders:
                _remove_asides(folder)
    return held


def take_out(lake: Lake, hour: datetime, name: str, target: str, dropped: Collection[str]) -> None:
    """Take the files called `dropped` out of an hour's folder `target`, all at once, and remove them.

    The folder goes as a whole, or where it holds other files too it is exchanged for one with those alone. Only
    under the hour's file lock, held alone. Raises StorageUnavailableError.
    """
    if not lake.files.has_folders:
        take_out_of_store(lake, lake.root / target, dropped)
        failpoints.reach("prune_after_removal")
        return
    folder = lake.root / target
    aside = lake.root / exchange_folder(hour, name)
    try:
        names = set(lake.files.list_folder(folder)) if lake.files.is_folder(folder) else set()
        if not names & set(dropped):
            return
        make_folders(lake.files, aside.parent)
        if names <= set(dropped):
            lake.files.rename(folder, aside)
            sync_up(lake.files, lake.root, [folder.parent, aside.parent])
        else:
            lake.files.make_folder(aside)
            _put(lake, aside, folder, dropped)
        failpoints.reach("prune_after_removal")
    except OSError as error:
        raise lake.unusable(error) from error
    _remove_asides(aside)


def clear_litter(database: Database, lake: Lake) -> None:
    """Remove what ended runs of compact and prune left beside the lake, but for what a commit still waits for."""
    try:
        names = lake.files.list_folder(lake.root / FOLDER)
    except OSError:  # not made yet, or not ours to look into
        return
    for name in sorted(names):
        match = _NAME.fullmatch(name)
        if match is None:
            continue
        hour = datetime.strptime(match[1], "%Y%m%dT%H").replace(tzinfo=UTC)
        with database.transaction() as tx:
            is_free = try_hold_removal(tx, hour)
        if is_free:
            with database.transaction() as tx:
                awaited = {
                    Path(path).parent.name for path in read_unpublished(tx, hour)["stage_path"] if path
                }
            if name.partition(".")[0] not in awaited:
                lake.files.remove_tree(lake.root / FOLDER / name)
            with database.transaction() as tx:
                release_all(tx)


def _finish(lake: Lake, path: str, stage_path: str, removed: Collection[str]) -> Path:
    """Let the folder with the built file be the hour's; return where the old one is now, its files on disk no more."""
    target, built = (lake.root / path).parent, (lake.root / stage_path).parent
    dropped = {Path(old).name for old in removed if (lake.root / old).parent == target}
    try:
        if not lake.files.is_file(lake.root / path):
            if not lake.files.is_file(lake.root / stage_path):
                message = f"compacted lake file {path} is neither built nor published under {lake.name}"
                raise FileNotReachableError(message, hint="run this on the host that wrote it")
            _put(lake, built, target, dropped)
        _rescue(lake, built, target, dropped)
    except OSError as error:
        raise lake.unusable(error) from error
    return built


def _put(lake: Lake, built: Path, target: Path, dropped: Collection[str]) -> None:
    """Exchange two folders, after linking what is not `dropped` of the old one into the new one."""
    make_folders(lake.files, target.parent)
    for name in lake.files.list_folder(target) if lake.files.is_folder(target) else []:
        if name not in dropped and (target / name).is_file() and not lake.files.is_file(built / name):
            _link(target / name, built / name)
    sync_up(lake.files, lake.root, [built, target.parent])
    failpoints.reach("compact_before_exchange")
    if not lake.files.is_folder(target):
        lake.files.rename(built, target)
    elif not swap_folders(built, target):
        # A filesystem without the exchange: for an instant the hour is in neither place. Nothing is lost.
        lake.files.rename(target, _free_aside(built))
        lake.files.rename(built, target)
    sync_up(lake.files, lake.root, [built.parent, target.parent])


def _rescue(lake: Lake, built: Path, target: Path, dropped: Collection[str]) -> None:
    """Put back what came into the old folder in the last moment, as it can when a lock is lost unnoticed."""
    for aside in _asides(built):
        kept = set(lake.files.list_folder(aside)) - set(dropped)
        late = [name for name in kept if not os.path.lexists(target / name)]
        for name in late:
            lake.files.rename(aside / name, target / name)
        if late:
            sync_up(lake.files, lake.root, [target])


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except FileExistsError:
        return
    except OSError:  # no links here: a copy has the same bytes
        with source.open("rb") as content, target.open("wb") as file:
            shutil.copyfileobj(content, file)
            file.flush()
            os.fsync(file.fileno())


def swap_folders(one: Path, other: Path) -> bool:
    """Exchange two folders at once; False where the platform or the filesystem cannot. Raises OSError."""
    call = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if call is None:
        return False
    call.argtypes = [ctypes.c_int, ctypes.c_char_p, ctypes.c_int, ctypes.c_char_p, ctypes.c_uint]
    places = (_AT_WORKING_FOLDER, os.fsencode(one), _AT_WORKING_FOLDER, os.fsencode(other), _EXCHANGE)
    if call(*places) == 0:
        return True
    number = ctypes.get_errno()
    if number in _UNSUPPORTED:
        return False
    raise OSError(number, os.strerror(number), str(one))


def _asides(built: Path) -> list[Path]:
    return [path for path in (built, *sorted(built.parent.glob(f"{built.name}.aside*"))) if path.is_dir()]


def _free_aside(built: Path) -> Path:
    number = 0
    while (aside := built.with_name(f"{built.name}.aside{number}")).exists():
        number += 1
    return aside


def _remove_asides(built: Path) -> None:
    # What cannot be removed now is litter for the next compact.
    with contextlib.suppress(OSError):
        for aside in _asides(built):
            shutil.rmtree(aside)
