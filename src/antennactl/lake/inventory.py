"""A lake's folder in, the files that lie in it out: their paths, their sha256; strangers are moved aside."""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from antennactl.lake.files import Files, make_folders, sync_up
from antennactl.lake.layout import Lake

_HOUR_FOLDER: Final = re.compile(r"data/year=(\d{1,4})/month=(\d{1,2})/day=(\d{1,2})/hour=(\d{1,2})/")
# A file moves once from staging to its place, so the third look finds it if it is there at all.
_LOOKS: Final = 3


@dataclass(frozen=True)
class Inventory:
    """What lies below `data/`: paths relative to the lake, and how many (`_SUCCESS`) no engine reads."""

    paths: frozenset[str]
    n_ignored: int


def list_data(lake: Lake) -> Inventory:
    """Return every file below `data/` that some engine may read.

    That is every `*.parquet`, hidden or not (DuckDB's `**` takes those too), every other file that is not
    hidden (Spark reads it as Parquet), and symbolic links, which are not followed. Raises
    StorageUnavailableError when a folder cannot be read.
    """
    paths, n_ignored = set(), 0
    try:
        for path in lake.files.walk(lake.data):
            if path.name.startswith(("_", ".")) and not path.name.endswith(".parquet"):
                n_ignored += 1
            else:
                paths.add(path.relative_to(lake.root).as_posix())
    except OSError as error:
        raise lake.unusable(error, "use") from error
    return Inventory(frozenset(paths), n_ignored)


def folder_hour(path: str) -> datetime | None:
    """Return the hour that a path's folder names, padded or not; None where it names none."""
    match = _HOUR_FOLDER.match(path)
    try:
        return None if match is None else datetime(*map(int, match.groups()), tzinfo=UTC)  # type: ignore[misc,arg-type]
    except ValueError:
        return None


def digest_file(lake: Lake, path: str, stage_path: str | None) -> str | None:
    """Return the sha256 of a lake file, at its place or still in staging; None when it is at neither.

    Raises StorageUnavailableError when it is there but cannot be read.
    """
    for place in (path, stage_path) * _LOOKS:
        if place is None:
            continue
        try:
            return lake.files.digest(lake.root / place)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise lake.unusable(error, "use") from error
    return None


def quarantine_files(lake: Lake, paths: Iterable[str]) -> dict[str, str]:
    """Move files out of `data/` into `quarantine/`, folders kept; return path → new path, below the lake.

    Nothing there is overwritten: a taken name gets a number. When it returns, the moves are on disk. A file
    that is gone by now is passed over. Raises StorageUnavailableError; what was moved before it stays moved.
    """
    moved = {}
    touched: set[Path] = set()
    try:
        for path in paths:
            source = lake.root / path
            target = _free_name(lake.files, lake.quarantine / path)
            make_folders(lake.files, target.parent)
            try:
                lake.files.rename(source, target)
            except FileNotFoundError:
                continue
            touched.update((source.parent, target.parent))
            moved[path] = target.relative_to(lake.root).as_posix()
        sync_up(lake.files, lake.root, touched)
    except OSError as error:
        raise lake.unusable(error, "use") from error
    return moved


def show_path(path: str) -> str:
    """Return a path as valid text: bytes of its name that are no UTF-8 as visible escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def _free_name(files: Files, target: Path) -> Path:
    candidate, number = target, 0
    while files.exists(candidate):
        number += 1
        candidate = target.with_name(f"{target.name}.{number}")
    return candidate
