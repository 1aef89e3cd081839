"""`antennactl demo`: the whole system on real PostgreSQL and Kafka, from provision to report, and what came out of it.

Each step is the command that a user would type, run with that command's own settings.
"""

import contextlib
import shlex
import shutil
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import polars as pl

from antennactl.commands import batch, provision, report, simulate, stream, verify
from antennactl.errors import InterruptedRunError
from antennactl.ledger.connection import Database
from antennactl.observe.bars import Bars
from antennactl.observe.output import note, print_document, print_table
from antennactl.schemas import ANTENNA_TOTAL, APP_TOTAL
from antennactl.settings import Settings

# Two a minute and user: some stay within their quota, some do not.
_MESSAGES: Final = 4_800
_TRAFFIC: Final = {
    "messages": _MESSAGES,
    "span_s": 7200.0,
    "late": 0.01,
    "malformed": 0.005,
    "unknown": 0.01,
    "duplicates": 0.002,
    "seed": 7,
}
_INTERVAL_S: Final = 1.0


@dataclass(frozen=True)
class _Place:
    """Where a demo runs: its folder, its services' addresses, and whether they are the user's own."""

    folder: Path
    settings: Settings
    own_services: list[Any]


def run(settings: Settings, stop: threading.Event) -> int:
    """Run every step and print the results; return 0, or the exit code of a step that found something wrong."""
    began = time.monotonic()
    with _place(settings) as place:
        code = _run_steps(place.settings, stop)
        _print_results(place.settings, code, time.monotonic() - began)
        _print_next(settings, place)
    return code


def _run_steps(settings: Settings, stop: threading.Event) -> int:
    """Run the six commands; their own output goes to stderr, because stdout is for the results."""
    steps: tuple[tuple[str, Any, dict[str, Any]], ...] = (
        ("provision", provision, {}),
        (
            f"simulate --messages {_MESSAGES} --span 2h --late 0.01 --malformed 0.005 --unknown 0.01",
            simulate,
            _TRAFFIC,
        ),
        ("stream --drain", stream, {"drain": True, "interval_s": _INTERVAL_S}),
        ("batch --catch-up", batch, {"catch_up": True}),
        ("verify", verify, {}),
        ("report", report, {}),
    )
    code = 0
    for words, command, changes in steps:
        if stop.is_set():
            raise InterruptedRunError
        note(settings, "")
        note(settings, f"$ antennactl {words}")
        with contextlib.redirect_stdout(sys.stderr):
            code = command.run(replace(settings, json=False, **changes), stop) or code
    return code


@contextlib.contextmanager
def _place(settings: Settings) -> Iterator[_Place]:
    """Start what the user has not given an address of, in a folder of its own; stop and remove it, unless kept."""
    folder = _make_folder(keep=settings.keep)
    own: list[Any] = []
    try:
        with Bars(settings, steps=True) as bars:
            settings = _start_services(settings, folder, own, bars)
        if settings.origins.get("lake") == "default":
            settings = replace(settings, lake=folder / "lake")
        yield _Place(folder, settings, own)
    except BaseException:
        _end(folder, own, keep=False)
        raise
    _end(folder, own, keep=settings.keep)


def _make_folder(*, keep: bool) -> Path:
    if not keep:
        folder = Path(tempfile.mkdtemp(prefix="antennactl-demo-"))
        # As root PostgreSQL runs as another user; the folder is ours, and what lies in it has modes of its own.
        folder.chmod(0o711)
        return folder
    folder = Path.cwd() / "antennactl-demo"
    number = 1
    while folder.exists():
        number += 1
        folder = Path.cwd() / f"antennactl-demo-{number}"
    folder.mkdir()
    return folder


def _start_services(settings: Settings, folder: Path, own: list[Any], bars: Bars) -> Settings:
    """Return settings with the addresses of running services; those started are added to `own`."""
    from antennactl.local import start_kafka, start_postgres, start_services

    has_postgres = settings.origins.get("dsn") != "default"
    has_kafka = settings.origins.get("bootstrap_servers") != "default"
    if not has_postgres and not has_kafka:
        services = start_services(folder, bars)
        own.append(services)
        settings = replace(settings, dsn=services.dsn, bootstrap_servers=services.bootstrap_servers)
    elif not has_postgres:
        postgres = start_postgres(folder, bars)
        own.append(postgres)
        settings = replace(settings, dsn=postgres.dsn)
    elif not has_kafka:
        kafka = start_kafka(folder, bars)
        own.append(kafka)
        settings = replace(settings, bootstrap_servers=kafka.bootstrap_servers)
    if has_kafka and settings.origins.get("topic") == "default":
        # A user's own topic `devices` may be in use: simulated traffic is no good there.
        settings = replace(settings, topic=f"antennactl-demo-{uuid4().hex[:8]}")
    return settings


def _end(folder: Path, own: list[Any], *, keep: bool) -> None:
    for service in own:
        if keep:
            service.release()
        else:
            service.stop()
    if not keep:
        shutil.rmtree(folder, ignore_errors=True)


def _print_results(settings: Settings, code: int, duration_s: float) -> None:
    with Database(settings.dsn) as database, database.transaction() as transaction:
        totals = transaction.query("read_hourly_totals")
        violators = transaction.query("read_violators")
        rejects = transaction.query("count_dead_letters")
    tables = {
        "hourly bytes per antenna": _pivot(totals, ANTENNA_TOTAL, "antenna"),
        "hourly bytes per app": _pivot(totals, APP_TOTAL, "app"),
        "users over quota": violators,
        "rejected messages": rejects,
    }
    if settings.json:
        documents = {title.replace(" ", "_"): rows for title, rows in tables.items()}
        end = {"ok": code == 0, "duration_s": round(duration_s, 1), "report": settings.report_out.resolve()}
        print_document({**documents, **end})
        return
    print()
    for title, rows in tables.items():
        print_table(title, rows)
    proof = "verify found no difference" if code == 0 else f"verify found differences (exit {code})"
    print(f"{_MESSAGES:,} messages in {duration_s:.0f} s; {proof}.")
    print(f"Open the report in a browser: {settings.report_out.resolve()}")


def _pivot(totals: pl.DataFrame, total_type: str, name: str) -> pl.DataFrame:
    """Return one row a key and one column an hour."""
    rows = totals.filter(pl.col("type") == total_type).with_columns(pl.col("hour").dt.strftime("%d. %Hh"))
    return rows.pivot("hour", index="id", values="value", sort_columns=False).rename({"id": name}).sort(name)


def _print_next(settings: Settings, place: _Place) -> None:
    """Print how to go on by hand: with kept services at once, else by running the demo again with --keep."""
    if settings.json:
        return
    if not settings.keep:
        note(settings, "Services and data are gone. To keep them and go on by hand: antennactl demo --keep")
        return
    print("\nServices and lake are kept. To go on by hand:")
    print(f"  export ANTENNACTL_DSN={shlex.quote(place.settings.dsn)}")
    print(f"  export ANTENNACTL_BOOTSTRAP_SERVERS={place.settings.bootstrap_servers}")
    print(f"  export ANTENNACTL_TOPIC={place.settings.topic}")
    print(f"  export ANTENNACTL_LAKE={shlex.quote(str(place.settings.lake))}")
    print("  antennactl simulate --rate 100/s &     # live traffic")
    print("  antennactl stream                      # live totals, Ctrl-C ends it")
    print("  antennactl batch --catch-up            # closed hours")
    print("  antennactl status; antennactl verify")
    pids = " ".join(str(pid) for service in place.own_services for pid in _pids(service))
    if pids:
        print(f"  kill {pids}; rm -r {shlex.quote(str(place.folder))}   # when you are done")


def _pids(service: Any) -> list[int]:  # noqa: ANN401 - a Postgres, a Kafka or both
    parts = [service.postgres, service.kafka] if hasattr(service, "postgres") else [service]
    return [part.pid for part in parts]
