"""A Sphinx extension: a page's line `<!-- from the code: NAME -->` in, the reference of that name in its place out.

The reference is made at each build from the tables, classes and files that the commands themselves read, so that
it cannot say anything else than they do.
"""

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from docs.reference_from_code.commands import describe_commands, describe_common_options
from docs.reference_from_code.configuration import describe_keys
from docs.reference_from_code.exit_codes import describe_exit_codes
from docs.reference_from_code.lake import describe_columns, describe_folders
from docs.reference_from_code.reasons import describe_reasons
from docs.reference_from_code.tables import describe_tables

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PARTS: Final[Mapping[str, Callable[[], str]]] = MappingProxyType(
    {
        "commands": describe_commands,
        "common options": describe_common_options,
        "exit codes": describe_exit_codes,
        "keys and variables": describe_keys,
        "lake columns": describe_columns,
        "lake folders": describe_folders,
        "reasons": describe_reasons,
        "tables of antennactl": lambda: describe_tables("antennactl"),
        "tables of public": lambda: describe_tables("public"),
    },
)
"""Name of a part of the reference → what writes it, as Markdown."""

_LINE: Final = re.compile(r"^<!-- from the code: (.+) -->$", re.MULTILINE)


def fill(page: str) -> str:
    """Return a page with its parts in place. Raises KeyError for a part that there is none of."""
    return _LINE.sub(lambda found: PARTS[found[1]](), page)


def setup(app: "Sphinx") -> dict[str, Any]:
    """Fill each page as it is read."""
    app.connect("source-read", _fill_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def _fill_source(_app: "Sphinx", _page: str, source: list[str]) -> None:
    source[0] = fill(source[0])
