"""The options of the commands that read or write messages: how a message is written."""

from dataclasses import dataclass
from typing import Final

from antennactl import parsers
from antennactl.settings.option import option

_MESSAGES: Final = ("stream", "simulate", "rejects", "rebuild")


@dataclass(frozen=True, kw_only=True)
class MessageSettings:
    """Where the five fields stand in a message, and what its timestamp counts: [message] of the file."""

    message_timestamp: str = option(
        "timestamp",
        "--message-timestamp",
        "Where the event time stands in a message: a name, or names with dots between, such as meta.ts.",
        parsers.field_path,
        metavar="PATH",
        shown="timestamp",
        commands=_MESSAGES,
    )
    message_timestamp_unit: str = option(
        "s",
        "--message-timestamp-unit",
        "What the event time counts since 1970, or iso for text such as 2026-11-24T06:30:00.250Z.",
        parsers.choice("s", "ms", "us", "iso"),
        metavar="s|ms|us|iso",
        shown="s",
        commands=_MESSAGES,
    )
    message_id: str = option(
        "id",
        "--message-id",
        "Where the user's id stands.",
        parsers.field_path,
        metavar="PATH",
        shown="id",
        commands=_MESSAGES,
    )
    message_antenna_id: str = option(
        "antenna_id",
        "--message-antenna-id",
        "Where the antenna's id stands.",
        parsers.field_path,
        metavar="PATH",
        shown="antenna_id",
        commands=_MESSAGES,
    )
    message_bytes: str = option(
        "bytes",
        "--message-bytes",
        "Where the number of bytes stands.",
        parsers.field_path,
        metavar="PATH",
        shown="bytes",
        commands=_MESSAGES,
    )
    message_app: str = option(
        "app",
        "--message-app",
        "Where the app's name stands.",
        parsers.field_path,
        metavar="PATH",
        shown="app",
        commands=_MESSAGES,
    )
