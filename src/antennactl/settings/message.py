"""The options of the commands that read or write messages: how a message is written, and where its schema is."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from antennactl import parsers
from antennactl.settings.option import option

_MESSAGES: Final = ("stream", "simulate", "rejects", "rebuild")


@dataclass(frozen=True, kw_only=True)
class MessageSettings:
    """How messages are written, [message] of the file, and the schema registry, [registry]."""

    message_format: str = option(
        "json",
        "--message-format",
        "JSON, or Avro that begins with the id of its schema in a registry.",
        parsers.choice("json", "avro"),
        metavar="json|avro",
        shown="json",
        commands=_MESSAGES,
    )

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
    registry_url: str | None = option(
        None,
        "--registry-url",
        "The schema registry of messages in Avro; several URLs of one with commas between.",
        parsers.registry_url,
        metavar="URL",
        commands=_MESSAGES,
    )
    registry_user_info: str | None = option(
        None,
        "--registry-user-info",
        "User and password for the schema registry.",
        parsers.user_info,
        metavar="USER:PASSWORD",
        commands=_MESSAGES,
        secret=True,
    )
    registry_ca: Path | None = option(
        None,
        "--registry-ca",
        "Certificates of the authorities that the schema registry's is checked with.",
        Path,
        metavar="FILE",
        shown="certifi's",
        commands=_MESSAGES,
    )
    registry_certificate: Path | None = option(
        None,
        "--registry-certificate",
        "This client's certificate for the schema registry.",
        Path,
        metavar="FILE",
        commands=_MESSAGES,
    )
    registry_key: Path | None = option(
        None,
        "--registry-key",
        "The key of --registry-certificate, where that file does not hold it.",
        Path,
        metavar="FILE",
        commands=_MESSAGES,
    )
