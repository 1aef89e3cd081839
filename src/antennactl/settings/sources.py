"""Where a setting's text stands: on the command line, in the environment, or in a table of the file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from antennactl.errors import UsageError
from antennactl.settings.option import Option


class Given(NamedTuple):
    """The text of one setting, None when nobody gave it, and where it stands: a flag, a variable, file and key."""

    text: str | None
    origin: str


@dataclass(frozen=True, kw_only=True, repr=False)
class Sources:
    """All that was given to one run, unparsed: flags by field name, the environment, the file and its tables.

    It holds secrets as they were given, and has no repr for that reason.
    """

    flags: Mapping[str, Any] = field(default_factory=dict)
    kafka_flags: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    path: Path | None = None
    document: Mapping[str, Any] = field(default_factory=dict)

    def find(self, command: str, name: str, option: Option) -> Given:
        """Return what counts for `command`: flag before environment before its own table before what all read."""
        if self.flags.get(name) is not None:
            return Given(str(self.flags[name]), option.flag)
        if option.variable in self.environ:
            return Given(self.environ[option.variable], option.variable)
        shared, shared_key = option.table
        for name_of_table, key in ((command, option.key), (shared, shared_key)):
            table = self.document.get(name_of_table, {}) if name_of_table else self.document
            place = f"[{name_of_table}] " if name_of_table else ""
            for spelling in (key, key.replace("-", "_")):
                if spelling in table:
                    return Given(str(table[spelling]), f"{self.path}: {place}{spelling}")
        return Given(None, "default")

    def find_properties(self) -> dict[str, tuple[str, str]]:
        """Return value and origin of each librdkafka property: -X before ANTENNACTL_X before [kafka].

        Raises UsageError for what is not key=value.
        """
        found = {
            key: (_property_text(value), f"{self.path}: [kafka] {key}")
            for key, value in self.document.get("kafka", {}).items()
        }
        variable = "ANTENNACTL_X"
        for key, value in _pairs(re.split(r"[;\n]", self.environ.get(variable, "")), variable):
            found[key] = value, variable
        for key, value in _pairs(self.kafka_flags, "-X"):
            found[key] = value, "-X"
        return found


def _pairs(texts: "list[str] | tuple[str, ...]", origin: str) -> Iterator[tuple[str, str]]:
    for text in texts:
        key, equals, value = text.partition("=")
        if not text.strip() and origin != "-X":
            continue
        if not equals or not key.strip():
            message = f"{origin} takes key=value with a librdkafka property"
            raise UsageError(message)
        yield key.strip(), value.strip()


def _property_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
