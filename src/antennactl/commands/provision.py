"""`antennactl provision`: a CSV of users in; tables and users brought up to date, and what changed out."""

import threading
from dataclasses import asdict
from functools import partial

import polars as pl

from antennactl.ledger.connection import Database
from antennactl.ledger.schema import latest_version, upgraded_schema
from antennactl.ledger.setting import LEDGER, read_setting
from antennactl.ledger.users import UserChanges, upsert_users
from antennactl.observe.bars import Bars
from antennactl.observe.output import note, print_document, print_table
from antennactl.settings import Settings
from antennactl.sources.users_csv import read_users


def run(settings: Settings, _stop: threading.Event) -> int:
    """Create or upgrade the tables and upsert the users, all in one transaction; print what changed.

    Twice is the same as once, and two at once take turns. The CSV is checked before the database is touched.
    The lake is left alone: `stream` makes it.
    """
    with Bars(settings) as bars:
        users = read_users(settings.users_file, partial(bars, "read lines of users"))
        with Database(settings.dsn) as database, upgraded_schema(database) as (tx, schema_changes):
            bars("write users", 0, None)
            user_changes = upsert_users(tx, users)
            ledger = read_setting(tx, LEDGER)
    if settings.json:
        print_document(
            {
                "schema_version": latest_version(),
                "ledger": ledger,
                "schema_changes": schema_changes,
                "users": asdict(user_changes),
            },
        )
    else:
        print_table("Provisioned", _changes_table(schema_changes, user_changes))
    if user_changes.others:
        note(settings, f"{user_changes.others} users of the table are not in the file; they stay as they are")
    return 0


def _changes_table(schema_changes: list[str], users: UserChanges) -> pl.DataFrame:
    schema = [("schema", change) for change in schema_changes] or [
        ("schema", f"version {latest_version()}, unchanged"),
    ]
    counts = [("users", f"{count} {what}") for what, count in asdict(users).items()]
    return pl.DataFrame([*schema, *counts], schema=["what", "change"], orient="row")
