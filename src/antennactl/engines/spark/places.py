"""A file as this host reads it in, the name under which Spark's workers read the same file out."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from antennactl.errors import UsageError

Locate = Callable[[Path], str]

# How Hadoop calls the stores. Azure's containers have no name there without that of their account.
_SCHEMES: Final = {"s3": "s3a", "gs": "gs"}


def on_disk(path: Path) -> str:
    """Return the URL of a file that stands under the same path on every host."""
    return f"file://{path}"


def in_store(copies: Path, url: str) -> Locate:
    """Return what finds the object of which a file below `copies` is the copy, in the store at `url`.

    Raises UsageError when Spark has no name for that kind of store.
    """
    scheme, _, rest = url.partition("://")
    if scheme not in _SCHEMES:
        message = f"--engine spark cannot read a lake at {scheme}://"
        raise UsageError(message, hint="run it with --engine duckdb")
    base = f"{_SCHEMES[scheme]}://{rest.rstrip('/')}"
    return lambda path: f"{base}/{path.relative_to(copies).as_posix()}"


def as_pattern(location: str) -> str:
    """Return the pattern that fits this location and no other: Spark takes every name for a pattern."""
    return re.sub(r"([\\{}\[\]*?])", r"\\\1", location)


def bare(location: str) -> str:
    """Return the location without its scheme, which Spark writes in more ways than one."""
    return location.partition("://")[2]
