"""The options of `stream`, some of which others take too."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from antennactl import parsers
from antennactl.settings.option import option

_STREAM: Final = ("stream",)


@dataclass(frozen=True, kw_only=True)
class StreamSettings:
    """Micro-batches, windows, and what to do about data that is gone or bad."""

    interval_s: float = option(
        10.0,
        "--interval",
        "Time between micro-batches.",
        parsers.duration,
        metavar="DURATION",
        shown="10s",
        commands=_STREAM,
    )
    window_s: float | None = option(
        None,
        "--window",
        "Window of the live totals; divides one hour, fixed once data is there.",
        parsers.window,
        metavar="DURATION",
        shown="the stored one, else 5m",
        commands=(*_STREAM, "rebuild"),
    )
    lateness_s: float = option(
        120.0,
        "--lateness",
        "How long events may lag behind before an hour counts as complete.",
        parsers.duration,
        metavar="DURATION",
        shown="2m",
        commands=("stream", "batch", "compact", "verify", "status", "report", "quota"),
    )
    max_rows: int = option(
        500_000,
        "--max-rows",
        "Most messages in one micro-batch.",
        parsers.count,
        metavar="N",
        shown="500000",
        commands=_STREAM,
    )
    drain: bool = option(
        False,  # noqa: FBT003
        "--drain",
        "Stop when the ledger reaches the topic's end offsets of now.",
        parsers.boolean,
        commands=_STREAM,
    )
    group: str = option(
        "antennactl", "--group", "Kafka consumer group.", shown="antennactl", commands=_STREAM
    )
    stream_start: str | datetime = option(
        "earliest",
        "--start",
        "Where to begin a partition that was never read.",
        parsers.stream_start,
        metavar="earliest|latest|TIME",
        shown="earliest",
        commands=_STREAM,
    )
    max_reject_ratio: float = option(
        0.5,
        "--max-reject-ratio",
        "Stop with exit 5 when more than this share of at least 10,000 messages is rejected.",
        parsers.share,
        metavar="SHARE",
        shown="0.5",
        commands=_STREAM,
    )
    on_data_loss: str = option(
        "fail",
        "--on-data-loss",
        "When records are gone from the topic unread: stop with exit 5, or record the gap and go on.",
        parsers.choice("fail", "record"),
        metavar="fail|record",
        shown="fail",
        commands=_STREAM,
    )
    pure: bool = option(
        False,  # noqa: FBT003
        "--pure",
        "Read messages by Python alone, though antennactl-native is installed: the same, slower.",
        parsers.boolean,
        commands=_STREAM,
    )
    accept_new_topic: bool = option(
        False,  # noqa: FBT003
        "--accept-new-topic",
        "Go on with a topic that was deleted and made again.",
        parsers.boolean,
        commands=_STREAM,
    )
