"""The options of the commands that only answer: status, quota, trace."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from antennactl import parsers
from antennactl.settings.option import option

_STATUS: Final = ("status",)
_QUOTA: Final = ("quota",)
_TRACE: Final = ("trace",)


@dataclass(frozen=True, kw_only=True)
class AnswerSettings:
    """What is asked, and which limits make a health check of it."""

    max_lag: int | None = option(
        None,
        "--max-lag",
        "Exit 4 when a partition has more messages than this still to read.",
        parsers.amount,
        metavar="N",
        commands=_STATUS,
    )
    max_age_s: float | None = option(
        None,
        "--max-age",
        "Exit 4 when the last micro-batch is older, unless all partitions were read to their end since.",
        parsers.duration,
        metavar="DURATION",
        commands=_STATUS,
    )
    quota_share: Decimal = option(
        Decimal("0.8"),
        "--at",
        "Users who have used at least this share of their quota.",
        parsers.percentage,
        metavar="80%",
        shown="80%",
        commands=_QUOTA,
    )
    limit: int | None = option(
        None,
        "--limit",
        "Most rows of each list.",
        parsers.count,
        metavar="N",
        shown="all (quota), 20 (quota --explain, trace)",
        commands=("quota", "trace"),
    )
    explain: str | None = option(
        None,
        "--explain",
        "One user, by id, e-mail or name: what made the usage, and what decided.",
        metavar="USER",
        commands=_QUOTA,
    )
    total_type: str | None = option(
        None,
        "--type",
        "Type of the total: column type of bytes and bytes_hourly.",
        parsers.choice("antenna_total_bytes", "user_total_bytes", "app_total_bytes"),
        metavar="TYPE",
        commands=_TRACE,
    )
    total_id: str | None = option(
        None, "--id", "The antenna, user or app: column id.", metavar="ID", commands=_TRACE
    )
    timestamp: datetime | None = option(
        None,
        "--timestamp",
        "Start of the window: column timestamp of bytes. With --hour in its place: the total of bytes_hourly.",
        parsers.instant,
        metavar="TIME",
        commands=_TRACE,
    )
