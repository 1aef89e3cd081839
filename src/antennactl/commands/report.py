"""`antennactl report`: the ledger, the totals and the topic's ends in, one HTML file to look at out."""

import threading
from pathlib import Path

from antennactl.errors import KafkaRefusedError, KafkaUnavailableError, UsageError
from antennactl.ledger.connection import Database
from antennactl.observe.output import print_document, warn
from antennactl.observe.report.facts import Facts, NoEnds, TopicEnds, read_facts
from antennactl.observe.report.page import render_page
from antennactl.settings import Settings
from antennactl.sources.cluster import connect_cluster


def run(settings: Settings, _stop: threading.Event) -> int:
    """Write the report and print its path; return 0.

    Kafka is asked for the ends of the topic alone: while it is away the report says so and has all the rest. Raises
    NotReadyError (exit 4) when there is no traffic to show, UsageError when the file cannot be written, and, with
    the report written, KafkaRefusedError (exit 3) when Kafka refuses this client: no waiting mends that.
    """
    ends, refusal = _read_ends(settings)
    with Database(settings.dsn) as database:
        facts = read_facts(
            database,
            first=settings.from_hour,
            last=settings.to_hour,
            lateness_s=settings.lateness_s,
            ends=ends,
        )
    page = render_page(facts)
    _write(settings.report_out, page)
    _print(settings, facts, len(page.encode()))
    if refusal is not None:
        raise refusal
    return 0


def _read_ends(settings: Settings) -> tuple[TopicEnds | NoEnds, KafkaRefusedError | None]:
    try:
        cluster = connect_cluster(settings)
        topic = cluster.describe_topic()
        return TopicEnds(topic.topic_id, cluster.end_offsets(topic.partitions)), None
    except KafkaRefusedError as error:
        return NoEnds(str(error), refused=True), error
    except KafkaUnavailableError as error:
        warn(f"{error}: the report is written without the lag", settings)
        return NoEnds("Kafka was not reached"), None


def _write(path: Path, page: str) -> None:
    """Put the page in its place whole: a reader of the old one never sees half of the new one."""
    beside = path.with_name(f".{path.name}.new")
    try:
        beside.write_text(page, encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        message = f"cannot write {path} ({error.strerror or type(error).__name__})"
        raise UsageError(message, hint="--out names a file in a folder that is there") from error


def _print(settings: Settings, facts: Facts, size: int) -> None:
    path = settings.report_out.resolve()
    if settings.json:
        hours = {"first": facts.span.first, "last": facts.span.hours[-1]}
        print_document({"path": path, "bytes": size, **hours})
    else:
        print(path)
