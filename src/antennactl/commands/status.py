"""`antennactl status`: settings, services and ledger in; what runs, how far it is and what is missing out.

A service that is away hides its own part alone. Nothing is written, nothing is locked, no secret is shown.
"""

import threading
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from confluent_kafka import KafkaError, KafkaException

from antennactl.errors import (
    AntennactlError,
    NotReadyError,
    TopicRecreatedError,
    UsageError,
)
from antennactl.lake.identity import check_lake, read_owner
from antennactl.lake.opening import open_lake
from antennactl.ledger.connection import Database
from antennactl.ledger.overview import Overview, Server, read_overview, read_server
from antennactl.observe.output import print_document, warn
from antennactl.observe.status_document import (
    Findings,
    KafkaFindings,
    LakeFindings,
    find_alarms,
    status_document,
)
from antennactl.observe.status_tables import print_status
from antennactl.settings import Settings
from antennactl.sources.cluster import connect_cluster

# Which problem decides the exit code: the lag of a topic that was made again, say, means nothing.
_WORST_FIRST: Final = (3, 2, 5, 4)


def run(settings: Settings, _stop: threading.Event) -> int:
    """Print the state of the whole system.

    Returns 0; 3 when PostgreSQL or Kafka cannot be reached or the topic is not there; else 2 when the
    database is not provisioned, or it and the lake do not belong together; else 5 when the topic was made
    again; else 4 when --max-lag or --max-age is exceeded. Every reason for another code than 0 is told in a
    line of its own.
    """
    problems: list[AntennactlError] = []
    server, overview = _look_at_postgres(settings, problems)
    findings = Findings(
        now=server.clock if server else datetime.now(UTC),
        server=server,
        overview=overview,
        kafka=_look_at_kafka(settings, overview, problems),
        lake=_look_at_lake(settings, overview, problems),
    )
    document = status_document(settings, findings)
    problems += [NotReadyError(line) for line in find_alarms(settings, findings)]
    if settings.json:
        print_document(
            {"ok": not problems, **document, "problems": [str(problem) for problem in problems]},
        )
    else:
        print_status(document)
    for problem in problems:
        warn(f"{problem}; {problem.hint}" if problem.hint else str(problem), settings)
    return _exit_code(problems)


def _look_at_postgres(
    settings: Settings, problems: list[AntennactlError]
) -> tuple[Server | None, Overview | None]:
    server = None
    with Database(settings.dsn) as database:
        try:
            server = read_server(database)
            return server, read_overview(database)
        except AntennactlError as error:
            problems.append(error)
            return server, None


def _look_at_kafka(
    settings: Settings, overview: Overview | None, problems: list[AntennactlError]
) -> KafkaFindings:
    try:
        found = _ask_kafka(settings)
    except AntennactlError as error:
        problems.append(error)
        missing = _error_code(error) == KafkaError.UNKNOWN_TOPIC_OR_PART
        return KafkaFindings("without the topic" if missing else "unreachable")
    if overview is None or overview.topic_id is None:
        return found
    if overview.topic != settings.topic:
        message = f"the ledger reads the topic {overview.topic}, not {settings.topic}"
        problems.append(UsageError(message, hint="check --topic and --dsn: one ledger serves one topic"))
    elif overview.topic_id != found.topic_id:
        problems.append(TopicRecreatedError(hint="stream --accept-new-topic goes on with the new one"))
    return found


def _ask_kafka(settings: Settings) -> KafkaFindings:
    cluster = connect_cluster(settings)
    topic = cluster.describe_topic()
    return KafkaFindings("ready", topic.topic_id, cluster.end_offsets(topic.partitions))


def _error_code(error: AntennactlError) -> int | None:
    cause = error.__cause__
    return int(cause.args[0].code()) if isinstance(cause, KafkaException) else None


def _look_at_lake(
    settings: Settings, overview: Overview | None, problems: list[AntennactlError]
) -> LakeFindings:
    lake = open_lake(settings.lake, absolute=False)
    try:
        owner = read_owner(lake)
        if owner is not None and overview is not None and overview.ledger is not None:
            check_lake(lake, overview.ledger, create=False)
    except AntennactlError as error:
        problems.append(error)
        return LakeFindings("does not belong to this database")
    except OSError as error:
        problems.append(lake.unusable(error, "read"))
        return LakeFindings("cannot be read")
    return LakeFindings("present" if owner else "not made yet", owner)


def _exit_code(problems: Iterable[AntennactlError]) -> int:
    codes = {problem.exit_code for problem in problems}
    return next((code for code in _WORST_FIRST if code in codes), min(codes, default=0))
