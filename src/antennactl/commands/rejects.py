"""`antennactl rejects`: dead letters in; a list by reason, one of them, a file of them, or their replay out."""

import threading
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Final

import polars as pl

from antennactl.commands.rejects_lines import read_corrected_pages, write_lines
from antennactl.commands.rejects_replay import replay_letters
from antennactl.commands.rejects_results import print_latest, print_letter, print_summary
from antennactl.decode import REASONS
from antennactl.errors import UsageError
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.dead_letters import (
    last_identity,
    read_latest_letters,
    read_letters_at,
    read_open_letters,
    read_page,
    summarize_letters,
)
from antennactl.ledger.schema import require_schema
from antennactl.observe.output import note
from antennactl.settings import Settings

_LATEST: Final = 20


def run(settings: Settings, stop: threading.Event) -> int:
    """List, show, export or replay dead letters, and return 0; what cannot be replayed is told, not a failure.

    Without a selection all open ones are meant. Only --show and --export reveal a payload. Raises UsageError where
    options conflict or name what is not there.
    """
    _refuse_conflicts(settings)
    with Database(settings.dsn) as database:
        if settings.replay:
            return replay_letters(settings, database, _pages(settings, database), stop)
        # One moment's state, however long it takes to write down.
        with database.transaction("REPEATABLE READ") as tx:
            require_schema(tx)
            if settings.show is not None:
                for letter in _letters_at(tx, [settings.show], None).iter_rows(named=True):
                    print_letter(settings, letter)
            elif settings.export is not None:
                n_lines = write_lines(settings.export, _selection(settings, tx))
                note(settings, f"{n_lines} rejected messages exported")
            else:
                _list(settings, tx)
    return 0


def _refuse_conflicts(settings: Settings) -> None:
    actions = {
        "--show": settings.show is not None,
        "--export": settings.export is not None,
        "--replay": settings.replay,
    }
    asked = [flag for flag, given in actions.items() if given]
    if len(asked) > 1:
        message = f"{asked[0]} and {asked[1]} exclude each other"
        raise UsageError(message)
    selects = settings.reason is not None or settings.at is not None
    if settings.show is not None and selects:
        message = "--show names one message: leave --reason and --at out"
        raise UsageError(message)
    if settings.fixed is not None and not settings.replay:
        message = "--fixed has payloads for --replay, which is missing"
        raise UsageError(message)
    if settings.fixed is not None and selects:
        message = "--fixed names the messages itself: leave --reason and --at out"
        raise UsageError(message)


def _list(settings: Settings, tx: Transaction) -> None:
    if settings.at is not None:
        print_latest(settings, "Rejected messages", _letters_at(tx, settings.at, settings.reason))
    elif settings.reason is not None:
        _require_reason(tx, settings.reason)
        latest = read_latest_letters(tx, settings.reason, _LATEST)
        print_latest(settings, f"The last {latest.height} rejected as {settings.reason}", latest)
    else:
        print_summary(settings, summarize_letters(tx))


def _selection(settings: Settings, tx: Transaction) -> Iterator[pl.DataFrame]:
    if settings.at is not None:
        return iter([_letters_at(tx, settings.at, settings.reason)])
    _require_reason(tx, settings.reason)
    return read_open_letters(tx, settings.reason)


def _pages(settings: Settings, database: Database) -> Iterator[pl.DataFrame]:
    """Yield what is to be replayed, each page read in a transaction of its own: it is old news once it is worked on."""
    if settings.fixed is not None:
        yield from read_corrected_pages(settings.fixed, database)
        return
    with database.transaction() as tx:
        if settings.at is not None:
            named = _letters_at(tx, settings.at, settings.reason)
        else:
            _require_reason(tx, settings.reason)
    if settings.at is not None:
        yield named
        return
    after = None
    while True:
        with database.transaction() as tx:
            page = read_page(tx, settings.reason, after)
        if page.is_empty():
            return
        yield page
        after = last_identity(page)


def _letters_at(tx: Transaction, places: list[tuple[int, int]], reason: str | None) -> pl.DataFrame:
    """Return LETTERS at `places`, each of which has to have one, but for those with another reason."""
    letters = read_letters_at(tx, places)
    found = set(letters.select("kafka_partition", "kafka_offset").rows())
    for partition, offset in places:
        if (partition, offset) not in found:
            message = f"no message of partition {partition} was rejected at offset {offset}"
            raise UsageError(message, hint="antennactl rejects --reason REASON names some that were")
    return letters if reason is None else letters.filter(pl.col("reason") == reason)


def _require_reason(tx: Transaction, reason: str | None) -> None:
    """Raise UsageError for a reason that neither the rules nor the ledger know: it would select nothing for ever."""
    if reason is None or reason in REASONS or not read_latest_letters(tx, reason, 1).is_empty():
        return
    near = get_close_matches(reason, REASONS, n=1)
    message = f"--reason {reason}: nothing is ever rejected for this"
    raise UsageError(message, hint=f"did you mean {near[0]}?" if near else f"one of {', '.join(REASONS)}")
