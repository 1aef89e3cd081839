"""Where the commands that run unattended tell Prometheus how they are."""

from dataclasses import dataclass
from pathlib import Path

from antennactl import parsers
from antennactl.settings.option import option


@dataclass(frozen=True, kw_only=True)
class MetricsSettings:
    """Outlets for metrics; none unless asked for."""

    metrics_addr: tuple[str, int] | None = option(
        None,
        "--metrics-addr",
        "Serve metrics for Prometheus over HTTP at this address; port 0: any free one.",
        parsers.address,
        metavar="HOST:PORT",
        shown="off",
        commands=("stream",),
    )
    metrics_file: Path | None = option(
        None,
        "--metrics-file",
        "Keep metrics in this file, for the textfile collector (a name that ends in .prom).",
        Path,
        metavar="FILE",
        shown="off",
        commands=("stream", "batch"),
    )
