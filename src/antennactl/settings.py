"""Flags, environment and configuration file in, one frozen Settings object out: flag > environment > file > default.

The fields of Settings are the only list of options: the command line, the environment and the file are read by it.
"""

import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from antennactl import parsers
from antennactl.errors import UsageError
from antennactl.rules.kafka_properties import check_properties
from antennactl.rules.transport import has_password, is_secret_property, parse_dsn


@dataclass(frozen=True)
class Option:
    """How one setting is written: its flag, parser, help and the commands that take it (none named: all)."""

    flag: str
    parse: Callable[[str], Any]
    help: str
    metavar: str
    shown: str
    commands: tuple[str, ...]
    secret: bool

    @property
    def key(self) -> str:
        """The name in the configuration file: the flag without its dashes."""
        return self.flag.removeprefix("--")

    @property
    def variable(self) -> str:
        """The name in the environment."""
        return "ANTENNACTL_" + self.key.upper().replace("-", "_")

    @property
    def is_switch(self) -> bool:
        """Whether the flag stands alone, without a value."""
        return self.parse is parsers.boolean


def _option(  # noqa: PLR0913 - a table's row has as many cells as it has columns
    default: Any,  # noqa: ANN401 - the field's own annotation has the type
    flag: str,
    help_: str,
    parse: Callable[[str], Any] = str,
    *,
    metavar: str = "TEXT",
    shown: str = "",
    commands: tuple[str, ...] = (),
    secret: bool = False,
) -> Any:  # noqa: ANN401 - a dataclass field stands for its value
    made = Option(flag, parse, help_, metavar, shown, commands, secret)
    return field(default=default, metadata={"option": made})


_STREAM: Final = ("stream",)
_SIMULATE: Final = ("simulate",)
_BATCH: Final = ("batch",)
_REJECTS: Final = ("rejects",)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Every setting of one run, parsed and checked. Durations in seconds, times in UTC; secrets never in repr."""

    # Every command
    dsn: str = field(
        default="postgresql://",
        repr=False,
        metadata={
            "option": Option(
                "--dsn",
                str,
                "PostgreSQL connection string; libpq's PG* variables, service and pass files fill what it leaves open.",
                "DSN",
                "postgresql://",
                (),
                secret=True,
            ),
        },
    )
    lake: Path = _option(
        Path("antenna_lake"),
        "--lake",
        "Folder of the Parquet lake.",
        Path,
        metavar="DIR",
        shown="./antenna_lake",
    )
    topic: str = _option("devices", "--topic", "Kafka topic of the device messages.", shown="devices")
    bootstrap_servers: str = _option(
        "localhost:9092",
        "--bootstrap-servers",
        "Kafka brokers to start from.",
        metavar="HOST:PORT,…",
        shown="localhost:9092",
    )
    json: bool = _option(False, "--json", "Print the result as JSON.", parsers.boolean)  # noqa: FBT003
    log_format: str = _option(
        "text",
        "--log-format",
        "Form of the log lines on stderr.",
        parsers.choice("text", "json"),
        metavar="text|json",
        shown="text",
    )
    # stream
    interval_s: float = _option(
        10.0,
        "--interval",
        "Time between micro-batches.",
        parsers.duration,
        metavar="DURATION",
        shown="10s",
        commands=_STREAM,
    )
    window_s: float | None = _option(
        None,
        "--window",
        "Window of the live totals; divides one hour, fixed once data is there.",
        parsers.duration,
        metavar="DURATION",
        shown="the stored one, else 5m",
        commands=(*_STREAM, "rebuild"),
    )
    lateness_s: float = _option(
        120.0,
        "--lateness",
        "How long events may lag behind before an hour counts as complete.",
        parsers.duration,
        metavar="DURATION",
        shown="2m",
        commands=("stream", "batch", "compact", "verify", "status", "report"),
    )
    max_rows: int = _option(
        500_000,
        "--max-rows",
        "Most messages in one micro-batch.",
        parsers.count,
        metavar="N",
        shown="500000",
        commands=_STREAM,
    )
    drain: bool = _option(
        False,  # noqa: FBT003
        "--drain",
        "Stop when the ledger reaches the topic's end offsets of now.",
        parsers.boolean,
        commands=_STREAM,
    )
    group: str = _option(
        "antennactl", "--group", "Kafka consumer group.", shown="antennactl", commands=_STREAM
    )
    stream_start: str | datetime = _option(
        "earliest",
        "--start",
        "Where to begin a partition that was never read.",
        parsers.stream_start,
        metavar="earliest|latest|TIME",
        shown="earliest",
        commands=_STREAM,
    )
    max_reject_ratio: float = _option(
        0.5,
        "--max-reject-ratio",
        "Stop with exit 5 when more than this share of at least 10,000 messages is rejected.",
        parsers.share,
        metavar="SHARE",
        shown="0.5",
        commands=_STREAM,
    )
    on_data_loss: str = _option(
        "fail",
        "--on-data-loss",
        "When records are gone from the topic unread: stop with exit 5, or record the gap and go on.",
        parsers.choice("fail", "record"),
        metavar="fail|record",
        shown="fail",
        commands=_STREAM,
    )
    accept_new_topic: bool = _option(
        False,  # noqa: FBT003
        "--accept-new-topic",
        "Go on with a topic that was deleted and made again.",
        parsers.boolean,
        commands=_STREAM,
    )
    # batch, verify
    hour: datetime | None = _option(
        None,
        "--hour",
        "The hour, named by its start in UTC.",
        parsers.hour,
        metavar="2026-11-24T06",
        commands=("batch", "compact", "verify", "rebuild"),
    )
    from_hour: datetime | None = _option(
        None,
        "--from",
        "First hour of a range.",
        parsers.hour,
        metavar="HOUR",
        commands=("batch", "report"),
    )
    to_hour: datetime | None = _option(
        None,
        "--to",
        "Last hour of a range, included.",
        parsers.hour,
        metavar="HOUR",
        commands=("batch", "report"),
    )
    catch_up: bool = _option(
        False,  # noqa: FBT003
        "--catch-up",
        "Every closed hour that needs it: without a current run (batch), of too many files (compact).",
        parsers.boolean,
        commands=("batch", "compact"),
    )
    allow_partial: bool = _option(
        False,  # noqa: FBT003
        "--allow-partial",
        "Take incomplete hours too, marked as partial.",
        parsers.boolean,
        commands=_BATCH,
    )
    unmanaged: bool = _option(
        False,  # noqa: FBT003
        "--unmanaged",
        "Read a lake that another writer made, such as Spark.",
        parsers.boolean,
        commands=_BATCH,
    )
    queries: Path | None = _option(
        None, "--queries", "Folder with your own SQL in place of ours.", Path, metavar="DIR", commands=_BATCH
    )
    dry_run: bool = _option(
        False,  # noqa: FBT003
        "--dry-run",
        "Show what would be done and the results, write nothing.",
        parsers.boolean,
        commands=("batch", "rejects", "compact", "prune"),
    )
    compact: bool = _option(
        False,  # noqa: FBT003
        "--compact",
        "Then make the files of each hour into one, as `compact` does.",
        parsers.boolean,
        commands=_BATCH,
    )
    quarantine: bool = _option(
        False,  # noqa: FBT003
        "--quarantine",
        "Move files that the ledger does not know (verify) or that are broken (rebuild) to <lake>/quarantine/.",
        parsers.boolean,
        commands=("verify", "rebuild"),
    )
    # rejects
    reason: str | None = _option(
        None,
        "--reason",
        "Only messages rejected for this reason.",
        metavar="REASON",
        shown="any",
        commands=_REJECTS,
    )
    at: list[tuple[int, int]] | None = _option(
        None,
        "--at",
        "Only the messages at these places.",
        parsers.places,
        metavar="PARTITION:OFFSET,…",
        shown="all that are open",
        commands=_REJECTS,
    )
    show: tuple[int, int] | None = _option(
        None,
        "--show",
        "Show one message with its payload, escaped or in hexadecimal.",
        parsers.place,
        metavar="PARTITION:OFFSET",
        commands=_REJECTS,
    )
    export: str | None = _option(
        None,
        "--export",
        "Write the messages with their payload as JSON lines to a new file, or - for stdout.",
        metavar="FILE|-",
        commands=_REJECTS,
    )
    replay: bool = _option(
        False,  # noqa: FBT003
        "--replay",
        "Judge the open messages again, by the rules of now; those that pass become events at their old offset.",
        parsers.boolean,
        commands=_REJECTS,
    )
    fixed: Path | None = _option(
        None,
        "--fixed",
        "With --replay: an export in which payload or text was corrected; only its messages are replayed.",
        Path,
        metavar="FILE",
        commands=_REJECTS,
    )
    # provision
    users_file: Path | None = _option(
        None,
        "--users",
        "CSV of the users: id,name,email,quota.",
        Path,
        metavar="FILE.csv",
        shown="the exercise's 20",
        commands=("provision",),
    )
    # simulate
    messages: int | None = _option(
        None,
        "--messages",
        "How many messages to send.",
        parsers.count,
        metavar="N",
        shown="without end",
        commands=_SIMULATE,
    )
    rate: float | None = _option(
        None,
        "--rate",
        "Pace; with --messages alone they go as fast as they can.",
        parsers.rate,
        metavar="20/s",
        shown="20/s without --messages",
        commands=_SIMULATE,
    )
    simulate_start: datetime | None = _option(
        None,
        "--start",
        "First event time.",
        parsers.instant,
        metavar="TIME",
        shown="the last whole hours before now",
        commands=_SIMULATE,
    )
    span_s: float | None = _option(
        None,
        "--span",
        "Event time that the messages are spread over.",
        parsers.duration,
        metavar="DURATION",
        shown="2h",
        commands=_SIMULATE,
    )
    users: int = _option(
        20, "--users", "How many users.", parsers.count, metavar="N", shown="20", commands=_SIMULATE
    )
    antennas: int = _option(
        5, "--antennas", "How many antennas.", parsers.count, metavar="N", shown="5", commands=_SIMULATE
    )
    late: float = _option(
        0.0,
        "--late",
        "Share of late messages.",
        parsers.share,
        metavar="SHARE",
        shown="0",
        commands=_SIMULATE,
    )
    malformed: float = _option(
        0.0,
        "--malformed",
        "Share of malformed messages.",
        parsers.share,
        metavar="SHARE",
        shown="0",
        commands=_SIMULATE,
    )
    unknown: float = _option(
        0.0,
        "--unknown",
        "Share of messages of unknown users.",
        parsers.share,
        metavar="SHARE",
        shown="0",
        commands=_SIMULATE,
    )
    duplicates: float = _option(
        0.0,
        "--duplicates",
        "Share of messages sent twice (legal: both count).",
        parsers.share,
        metavar="SHARE",
        shown="0",
        commands=_SIMULATE,
    )
    seed: int = _option(
        1,
        "--seed",
        "Same seed and options, same messages.",
        parsers.seed,
        metavar="N",
        shown="1",
        commands=_SIMULATE,
    )
    out: str | None = _option(
        None,
        "--out",
        "Write JSON lines to a file, or - for stdout, instead of Kafka.",
        metavar="FILE|-",
        commands=_SIMULATE,
    )
    sent: Path | None = _option(
        None, "--sent", "Keep a log of what was sent.", Path, metavar="FILE", commands=_SIMULATE
    )
    # report
    report_out: Path = _option(
        Path("antennactl-report.html"),
        "--out",
        "The HTML file to write; without --from and --to it shows the last seven days with traffic.",
        Path,
        metavar="FILE",
        shown="antennactl-report.html",
        commands=("report",),
    )
    # rebuild
    from_kafka: bool = _option(
        False,  # noqa: FBT003
        "--from-kafka",
        "With --hour: read what it lost again from Kafka. Alone: what Kafka has before the lake's first rows too.",
        parsers.boolean,
        commands=("rebuild",),
    )
    # prune
    keep_s: float | None = _option(
        None,
        "--keep",
        "How long windows, hourly totals and users over quota are kept; older events are rejected from now on.",
        parsers.duration,
        metavar="DURATION",
        commands=("prune",),
    )
    keep_lake_s: float | None = _option(
        None,
        "--keep-lake",
        "How long hours of the lake are kept, at least as long as --keep (--lake names the folder).",
        parsers.duration,
        metavar="DURATION",
        shown="for ever",
        commands=("prune",),
    )
    # demo
    keep: bool = _option(
        False,  # noqa: FBT003
        "--keep",
        "Leave services and data in place at the end, and print their addresses.",
        parsers.boolean,
        commands=("demo",),
    )
    # Not options of their own table row
    kafka_properties: Mapping[str, str] = field(default_factory=dict, repr=False)
    quiet: bool = False
    verbose: int = 0
    origins: Mapping[str, str] = field(default_factory=dict, repr=False)


def options(command: str) -> list[tuple[str, Option]]:
    """Return (field name, option) of every option that `command` takes, its own before the common ones."""
    found = [(item.name, _of(item)) for item in fields(Settings) if "option" in item.metadata]
    own = [(name, option) for name, option in found if command in option.commands]
    return own + [(name, option) for name, option in found if not option.commands]


def load_settings(  # noqa: PLR0913 - what a run is given, and what it is asked from
    command: str,
    flags: Mapping[str, Any],
    *,
    config: Path | None = None,
    kafka_flags: Iterable[str] = (),
    quiet: bool = False,
    verbose: int = 0,
    environ: Mapping[str, str] = os.environ,
) -> Settings:
    """Return the settings of one run of `command`.

    `flags` holds what the command line gave, by field name: text, or True for a switch. Raises UsageError, naming
    the flag, variable, or file and key that is wrong.
    """
    path, document = _read_file(config, environ)
    _check_keys(path, document)
    section = {**{k: v for k, v in document.items() if not isinstance(v, dict)}, **document.get(command, {})}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, option in options(command):
        text, origin = _find(name, option, flags, environ, section, path)
        origins[name] = origin
        if text is not None:
            values[name] = _parse(option, text, origin)
    properties = dict(document.get("kafka", {}))
    properties = {key: _property_text(value) for key, value in properties.items()}
    for pair in [*_pairs(environ.get("ANTENNACTL_X", "")), *kafka_flags]:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            message = "-X takes key=value with a librdkafka property"
            raise UsageError(message)
        properties[key.strip()] = value.strip()
    check_properties(properties)
    return Settings(**values, kafka_properties=properties, quiet=quiet, verbose=verbose, origins=origins)


def _of(item: "Field[Any]") -> Option:
    option = item.metadata["option"]
    assert isinstance(option, Option)  # noqa: S101 - narrows a dataclass' untyped metadata
    assert item.default is not MISSING  # noqa: S101 - every option has a default
    return option


def _find(  # noqa: PLR0913, PLR0917 - the order of precedence is the point, and it has these sources
    name: str,
    option: Option,
    flags: Mapping[str, Any],
    environ: Mapping[str, str],
    section: Mapping[str, Any],
    path: Path | None,
) -> tuple[str | None, str]:
    if flags.get(name) is not None:
        return str(flags[name]), option.flag
    if option.variable in environ:
        return environ[option.variable], option.variable
    for key in (option.key, option.key.replace("-", "_")):
        if key in section:
            return str(section[key]), f"{path}: {key}"
    return None, "default"


def _parse(option: Option, text: str, origin: str) -> Any:  # noqa: ANN401 - the field's own annotation has the type
    try:
        return option.parse(text)
    except ValueError as error:
        shown = "" if option.secret else f" {text!r}"
        message = f"{origin}:{shown} is not {error}"
        raise UsageError(message) from None


def _read_file(config: Path | None, environ: Mapping[str, str]) -> tuple[Path | None, dict[str, Any]]:
    named = config or (Path(environ["ANTENNACTL_CONFIG"]) if environ.get("ANTENNACTL_CONFIG") else None)
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME") or "/") / ".config")
    candidates = (
        [named] if named else [Path("antennactl.toml"), Path(home) / "antennactl" / "antennactl.toml"]
    )
    for path in candidates:
        try:
            with path.open("rb") as file:
                document = tomllib.load(file)
                _refuse_open_secrets(path, os.fstat(file.fileno()), document)
                return path, document
        except FileNotFoundError:
            continue
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            message = f"cannot read the configuration {path}: {error}"
            raise UsageError(message) from None
    if named:
        message = f"cannot read the configuration {named}: no such file"
        raise UsageError(message)
    return None, {}


def _refuse_open_secrets(path: Path, found: os.stat_result, document: Mapping[str, Any]) -> None:
    """Raise UsageError when a file with a secret can be read by others: libpq's rule for its own keys."""
    # Kubernetes and systemd hand secrets out as root's files, readable by one group.
    allowed = 0o740 if found.st_uid == 0 else 0o700
    if not stat.S_IMODE(found.st_mode) & 0o777 & ~allowed:
        return
    for where, table in [
        ("", document),
        *((f"[{name}] ", t) for name, t in document.items() if isinstance(t, dict)),
    ]:
        for key, value in table.items():
            is_dsn = key == "dsn" and has_password(parse_dsn(str(value)))
            if is_dsn or (where == "[kafka] " and is_secret_property(key)):
                message = f"{path} holds a secret ({where}{key}) and others can read it"
                raise UsageError(message, hint=f"chmod 600 {path}")


def _check_keys(path: Path | None, document: Mapping[str, Any]) -> None:
    every = [(_of(item).key, _of(item).commands) for item in fields(Settings) if "option" in item.metadata]
    commands = {command for _, names in every for command in names}
    for key, value in document.items():
        if key == "kafka" and isinstance(value, dict):
            continue
        if isinstance(value, dict):
            if key not in commands:
                raise _unknown_key(path, f"[{key}]", key, [*commands, "kafka"])
            allowed = [name for name, names in every if not names or key in names]
            for inner in value:
                if inner.replace("_", "-") not in allowed:
                    raise _unknown_key(path, f"[{key}] {inner}", inner.replace("_", "-"), allowed)
        elif key.replace("_", "-") not in {name for name, _ in every}:
            raise _unknown_key(path, key, key.replace("_", "-"), [name for name, _ in every])


def _unknown_key(path: Path | None, shown: str, key: str, known: Iterable[str]) -> UsageError:
    near = get_close_matches(key, sorted(set(known)), n=1)
    return UsageError(f"{path}: unknown key {shown}", hint=f"did you mean {near[0]}?" if near else None)


def _pairs(text: str) -> list[str]:
    return [pair for pair in re.split(r"[;\n]", text) if pair.strip()]


def _property_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
