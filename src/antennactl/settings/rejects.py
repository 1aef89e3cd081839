"""The options of `rejects`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from antennactl import parsers
from antennactl.settings.option import option

_REJECTS: Final = ("rejects",)


@dataclass(frozen=True, kw_only=True)
class RejectSettings:
    """Which dead letters, and what is done with them."""

    reason: str | None = option(
        None,
        "--reason",
        "Only messages rejected for this reason.",
        metavar="REASON",
        shown="any",
        commands=_REJECTS,
    )
    at: list[tuple[int, int]] | None = option(
        None,
        "--at",
        "Only the messages at these places.",
        parsers.places,
        metavar="PARTITION:OFFSET,…",
        shown="all that are open",
        commands=_REJECTS,
    )
    show: tuple[int, int] | None = option(
        None,
        "--show",
        "Show one message with its payload, escaped or in hexadecimal.",
        parsers.place,
        metavar="PARTITION:OFFSET",
        commands=_REJECTS,
    )
    export: str | None = option(
        None,
        "--export",
        "Write the messages with their payload as JSON lines to a new file, or - for stdout.",
        metavar="FILE|-",
        commands=_REJECTS,
    )
    replay: bool = option(
        False,  # noqa: FBT003
        "--replay",
        "Judge the open messages again, by the rules of now; those that pass become events at their old offset.",
        parsers.boolean,
        commands=_REJECTS,
    )
    fixed: Path | None = option(
        None,
        "--fixed",
        "With --replay: an export in which payload or text was corrected; only its messages are replayed.",
        Path,
        metavar="FILE",
        commands=_REJECTS,
    )
