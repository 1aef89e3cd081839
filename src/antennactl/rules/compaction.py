"""Numbers of files in, decisions out: which hours of the lake are worth being made into one file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

MOST_FILES: Final = 4
"""How many files a compacted hour may have: its one file, and late ones that came since."""


@dataclass(frozen=True)
class HourFiles:
    """How many live files an hour of the lake has; `n_made` of them were made from others."""

    hour: datetime
    n_files: int
    n_made: int


def is_scattered(files: HourFiles) -> bool:
    """Return whether an hour is to be compacted: never was and has several files, or has too many again.

    A few late files are left: each of them would have the whole hour written anew.
    """
    if files.n_made == 0:
        return files.n_files > 1
    return files.n_files > MOST_FILES
