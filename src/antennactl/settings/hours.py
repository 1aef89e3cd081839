"""The options of the commands that work on hours: batch, verify, compact, report, rebuild, prune."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from antennactl import parsers
from antennactl.settings.option import option

_BATCH: Final = ("batch",)


@dataclass(frozen=True, kw_only=True)
class HourSettings:
    """Which hours, and what is done to them."""

    hour: datetime | None = option(
        None,
        "--hour",
        "The hour, named by its start in UTC.",
        parsers.named_hour,
        metavar="2026-11-24T06",
        commands=("batch", "compact", "verify", "rebuild", "quota", "trace"),
    )
    from_hour: datetime | None = option(
        None,
        "--from",
        "First hour of a range.",
        parsers.hour,
        metavar="HOUR",
        commands=("batch", "report"),
    )
    to_hour: datetime | None = option(
        None,
        "--to",
        "Last hour of a range, included.",
        parsers.hour,
        metavar="HOUR",
        commands=("batch", "report"),
    )
    catch_up: bool = option(
        False,  # noqa: FBT003
        "--catch-up",
        "Every closed hour that needs it: without a current run (batch), of too many files (compact).",
        parsers.boolean,
        commands=("batch", "compact"),
    )
    allow_partial: bool = option(
        False,  # noqa: FBT003
        "--allow-partial",
        "Take incomplete hours too, marked as partial.",
        parsers.boolean,
        commands=_BATCH,
    )
    unmanaged: bool = option(
        False,  # noqa: FBT003
        "--unmanaged",
        "Read a lake that another writer made, such as Spark.",
        parsers.boolean,
        commands=_BATCH,
    )
    queries: Path | None = option(
        None, "--queries", "Folder with your own SQL in place of ours.", Path, metavar="DIR", commands=_BATCH
    )
    engine: str = option(
        "duckdb",
        "--engine",
        "What computes an hour: duckdb in this process, or a Spark cluster (extra: antennactl[spark]).",
        parsers.choice("duckdb", "spark"),
        metavar="duckdb|spark",
        shown="duckdb",
        commands=_BATCH,
    )
    spark_remote: str | None = option(
        None,
        "--spark-remote",
        "Address of the Spark Connect server for --engine spark; its workers need the lake under the same path.",
        metavar="sc://HOST:PORT",
        commands=_BATCH,
        secret=True,
    )
    dry_run: bool = option(
        False,  # noqa: FBT003
        "--dry-run",
        "Show what would be done and the results, write nothing.",
        parsers.boolean,
        commands=("batch", "rejects", "compact", "prune"),
    )
    compact: bool = option(
        False,  # noqa: FBT003
        "--compact",
        "Then make the files of each hour into one, as `compact` does.",
        parsers.boolean,
        commands=_BATCH,
    )
    quarantine: bool = option(
        False,  # noqa: FBT003
        "--quarantine",
        "Move files that the ledger does not know (verify) or that are broken (rebuild) to <lake>/quarantine/.",
        parsers.boolean,
        commands=("verify", "rebuild"),
    )
    report_out: Path = option(
        Path("antennactl-report.html"),
        "--out",
        "The HTML file to write; without --from and --to it shows the last seven days with traffic.",
        Path,
        metavar="FILE",
        shown="antennactl-report.html",
        commands=("report",),
    )
    from_kafka: bool = option(
        False,  # noqa: FBT003
        "--from-kafka",
        "With --hour: read what it lost again from Kafka. Alone: what Kafka has before the lake's first rows too.",
        parsers.boolean,
        commands=("rebuild",),
    )
    keep_s: float | None = option(
        None,
        "--keep",
        "How long windows, hourly totals and users over quota are kept; older events are rejected from now on.",
        parsers.duration,
        metavar="DURATION",
        commands=("prune",),
    )
    keep_lake_s: float | None = option(
        None,
        "--keep-lake",
        "How long hours of the lake are kept, at least as long as --keep (--lake names the folder).",
        parsers.duration,
        metavar="DURATION",
        shown="for ever",
        commands=("prune",),
    )
