"""What every command takes: where the services and the lake are, and how results are told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from antennactl import parsers
from antennactl.settings.option import option
from antennactl.settings.sources import Sources


@dataclass(frozen=True, kw_only=True)
class ConnectionSettings:
    """Services, lake, and the form of results and log lines; secrets never in repr."""

    dsn: str = option(
        "postgresql://",
        "--dsn",
        "PostgreSQL connection string; libpq's PG* variables, service and pass files fill what it leaves open.",
        metavar="DSN",
        shown="postgresql://",
        secret=True,
    )
    lake: Path | parsers.StoreUrl = option(
        Path("antenna_lake"),
        "--lake",
        "Folder of the Parquet lake, or its place in an object store (s3://, gs://, az://).",
        parsers.lake,
        metavar="DIR|URL",
        shown="./antenna_lake",
    )
    topic: str = option("devices", "--topic", "Kafka topic of the device messages.", shown="devices")
    bootstrap_servers: str = option(
        "localhost:9092",
        "--bootstrap-servers",
        "Kafka brokers to start from.",
        parsers.brokers,
        metavar="HOST:PORT,…",
        shown="localhost:9092",
    )
    json: bool = option(False, "--json", "Print the result as JSON.", parsers.boolean)  # noqa: FBT003
    log_format: str = option(
        "text",
        "--log-format",
        "Form of the log lines on stderr.",
        parsers.choice("text", "json"),
        metavar="text|json",
        shown="text",
    )
    # Not rows of the table of options
    kafka_properties: Mapping[str, str] = field(default_factory=dict, repr=False)
    quiet: bool = False
    verbose: int = 0
    origins: Mapping[str, str] = field(default_factory=dict, repr=False)
    sources: Sources | None = field(default=None, repr=False, compare=False)
