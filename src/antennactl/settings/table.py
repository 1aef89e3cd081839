"""The table of options: every setting of every command, from which flags, variables, file keys and help are made."""

from dataclasses import Field, dataclass, fields
from typing import Any

from antennactl.settings.answers import AnswerSettings
from antennactl.settings.connections import ConnectionSettings
from antennactl.settings.hours import HourSettings
from antennactl.settings.message import MessageSettings
from antennactl.settings.metrics import MetricsSettings
from antennactl.settings.option import Option
from antennactl.settings.rejects import RejectSettings
from antennactl.settings.stream import StreamSettings
from antennactl.settings.traffic import TrafficSettings

# In the order in which help shows them: a command's own first, then what all take.
_GROUPS = (
    StreamSettings,
    HourSettings,
    MetricsSettings,
    RejectSettings,
    AnswerSettings,
    TrafficSettings,
    MessageSettings,
    ConnectionSettings,
)


@dataclass(frozen=True, kw_only=True)
class Settings(
    StreamSettings,
    HourSettings,
    MetricsSettings,
    RejectSettings,
    AnswerSettings,
    TrafficSettings,
    MessageSettings,
    ConnectionSettings,
):
    """Every setting of one run, parsed and checked. Durations in seconds, times in UTC; secrets never in repr."""


def every_option() -> list[tuple[str, Option]]:
    """Return (field name, option) of every row of the table, for a reference of all settings.

    An option tells its `flag`, `variable`, `key` in the file, `metavar`, `default` (as a user would write it, or in
    words), `choices`, `help` and the `commands` that take it (none named: all). Two rows may share flag, variable
    and key, in different commands: `--start` of stream and of simulate. Kafka's properties are no rows.
    """
    return [
        (item.name, _of(item)) for group in _GROUPS for item in fields(group) if "option" in item.metadata
    ]


def every_command() -> list[str]:
    """Return the names of the commands that have options of their own, each of which the file may have a table for."""
    return list(dict.fromkeys(command for _, option in every_option() for command in option.commands))


def options(command: str) -> list[tuple[str, Option]]:
    """Return (field name, option) of every option that `command` takes, its own before the common ones."""
    return [
        (name, option) for name, option in every_option() if not option.commands or command in option.commands
    ]


def _of(item: "Field[Any]") -> Option:
    option = item.metadata["option"]
    assert isinstance(option, Option)  # noqa: S101 - narrows a dataclass' untyped metadata
    return option
