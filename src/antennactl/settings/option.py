"""One row of the table of options: how a setting is written on the command line, in the environment and in the file."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from antennactl import parsers

TABLES: Final = ("message", "registry")
"""Tables of the file that are no command's: all commands that take a setting of theirs read it there."""


@dataclass(frozen=True)
class Option:
    """How one setting is written: its flag, parser, help and the commands that take it (none named: all)."""

    flag: str
    parse: Callable[[str], Any]
    help: str
    metavar: str
    shown: str
    commands: tuple[str, ...]
    secret: bool

    @property
    def key(self) -> str:
        """The name in the configuration file: the flag without its dashes."""
        return self.flag.removeprefix("--")

    @property
    def table(self) -> tuple[str, str]:
        """The table of TABLES that has this setting, and its key there: ("", key) for the top level."""
        table, _, key = self.key.partition("-")
        return (table, key) if table in TABLES and key else ("", self.key)

    @property
    def place(self) -> str:
        """The key with its table, as a document shows it: `lake`, `[message] id`."""
        table, key = self.table
        return f"[{table}] {key}" if table else key

    @property
    def variable(self) -> str:
        """The name in the environment."""
        return "ANTENNACTL_" + self.key.upper().replace("-", "_")

    @property
    def default(self) -> str | None:
        """The default as a user would write it, or in words where it is no value; None: nothing."""
        return self.shown or ("false" if self.is_switch else None)

    @property
    def choices(self) -> tuple[str, ...]:
        """The words that may be given; none: anything that parses, and for the start of a stream a time too."""
        if isinstance(self.parse, parsers.Choice):
            return self.parse.words
        return parsers.STREAM_STARTS if self.parse is parsers.stream_start else ()

    @property
    def is_text(self) -> bool:
        """Whether any text is taken, or any path, but for an empty one."""
        return self.parse in (str, Path, parsers.brokers, parsers.lake)

    @property
    def is_switch(self) -> bool:
        """Whether the flag stands alone, without a value."""
        return self.parse is parsers.boolean


def option(  # noqa: PLR0913 - a table's row has as many cells as it has columns
    default: Any,  # noqa: ANN401 - the field's own annotation has the type
    flag: str,
    help_: str,
    parse: Callable[[str], Any] = str,
    *,
    metavar: str = "TEXT",
    shown: str = "",
    commands: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:  # noqa: ANN401 - a dataclass field stands for its value
    """Return the dataclass field of one option; `shown` is its default as a user would write it."""
    made = Option(flag, parse, help_, metavar, shown, commands, secret)
    return field(default=default, repr=not secret, metadata={"option": made})
