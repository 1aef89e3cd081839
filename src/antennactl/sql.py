"""Names of statements in, their text out: the only reader of `queries/`."""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from antennactl.errors import UsageError


def root() -> Traversable:
    """Return the folder of all statements: inside the installed package, or the checkout's `queries/`."""
    packaged = files("antennactl") / "queries"
    if packaged.is_dir():
        return packaged
    return Path(__file__).resolve().parents[2] / "queries"


@cache
def statement(name: str) -> str:
    """Return the text of `queries/<name>.sql`, such as `postgres/merge_totals`."""
    return root().joinpath(f"{name}.sql").read_text(encoding="utf-8")


def scripts(folder: str) -> list[tuple[str, str]]:
    """Return (file name, text) of every .sql file right below `queries/<folder>`, in name order."""
    found = sorted(root().joinpath(folder).iterdir(), key=lambda file: file.name)
    return [(file.name, file.read_text(encoding="utf-8")) for file in found if file.name.endswith(".sql")]


def replacement(folder: Path, name: str) -> str:
    """Return the text of a user's own `<folder>/<name>.sql`, or of ours where the user has none.

    Raises UsageError when `folder` is no folder or the file cannot be read as UTF-8 text.
    """
    if not folder.is_dir():
        message = f"{folder} is not a folder of queries"
        raise UsageError(
            message, hint="--queries names a folder with .sql files like those of queries/duckdb"
        )
    own = folder / f"{name}.sql"
    if not own.exists():
        return statement(f"duckdb/{name}")
    try:
        return own.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"cannot read {own}: {error}"
        raise UsageError(message) from error
