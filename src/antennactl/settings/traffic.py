"""The options of the commands that make users, traffic and services of their own: provision, simulate, demo."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from antennactl import parsers
from antennactl.settings.option import option

_SIMULATE: Final = ("simulate",)


@dataclass(frozen=True, kw_only=True)
class TrafficSettings:
    """Users, the seeded traffic, and what a demo leaves behind."""

    users_file: Path | None = option(
        None,
        "--users",
        "CSV of the users: id,name,email,quota.",
        Path,
        metavar="FILE.csv",
        shown="the exercise's 20",
        commands=("provision",),
    )
    messages: int | None = option(
        None,
        "--messages",
        "How many messages to send.",
        parsers.count,
        metavar="N",
        shown="without end",
        commands=_SIMULATE,
    )
    rate: float | None = option(
        None,
        "--rate",
        "Pace; with --messages alone they go as fast as they can.",
        parsers.rate,
        metavar="20/s",
        shown="20/s without --messages",
        commands=_SIMULATE,
    )
    simulate_start: datetime | None = option(
        None,
        "--start",
        "First event time.",
        parsers.instant,
        metavar="TIME",
        shown="the last whole hours before now",
        commands=_SIMULATE,
    )
    span_s: float | None = option(
        None,
        "--span",
        "Event time that the messages are spread over.",
        parsers.duration,
        metavar="DURATION",
        shown="2h",
        commands=_SIMULATE,
    )
    users: int = option(
        20, "--users", "How many users.", parsers.count, metavar="N", shown="20", commands=_SIMULATE
    )
    antennas: int = option(
        5, "--antennas", "How many antennas.", parsers.count, metavar="N", shown="5", commands=_SIMULATE
    )
    late: float = option(
        0.0,
        "--late",
        "Share of late messages.",
        parsers.share,
        metavar="SHARE",
        shown="0",
        commands=_SIMULATE,
    )
    malformed: float = option(
        0.0,
        "--malformed",
        "Share of malformed messages.",
        parsers.share,
        metavar="SHARE",
        shown="0",
        commands=_SIMULATE,
    )
    unknown: float = option(
        0.0,
        "--unknown",
        "Share of messages of unknown users.",
        parsers.share,
        metavar="SHARE",
        shown="0",
        commands=_SIMULATE,
    )
    duplicates: float = option(
        0.0,
        "--duplicates",
        "Share of messages sent twice (legal: both count).",
        parsers.share,
        metavar="SHARE",
        shown="0",
        commands=_SIMULATE,
    )
    seed: int = option(
        1,
        "--seed",
        "Same seed and options, same messages.",
        parsers.seed,
        metavar="N",
        shown="1",
        commands=_SIMULATE,
    )
    out: str | None = option(
        None,
        "--out",
        "Write JSON lines to a file, or - for stdout, instead of Kafka.",
        metavar="FILE|-",
        commands=_SIMULATE,
    )
    sent: Path | None = option(
        None, "--sent", "Keep a log of what was sent.", Path, metavar="FILE", commands=_SIMULATE
    )
    keep: bool = option(
        False,  # noqa: FBT003
        "--keep",
        "Leave services and data in place at the end, and print their addresses.",
        parsers.boolean,
        commands=("demo",),
    )
