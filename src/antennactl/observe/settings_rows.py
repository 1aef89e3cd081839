"""Settings in, one row a setting out: its value as a user would write it, and where it came from; no secret in it."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

import polars as pl

from antennactl.errors import UsageError
from antennactl.observe.masking import MASK, mask_dsn, mask_property
from antennactl.observe.output import print_table
from antennactl.settings import Option, Settings, options
from antennactl.settings.load import parse_given
from antennactl.settings.written import write_value

# What libpq reads where the DSN is silent; only the first kind may be shown.
_LIBPQ_VARIABLES: Final = (
    "PGHOST",
    "PGHOSTADDR",
    "PGPORT",
    "PGDATABASE",
    "PGUSER",
    "PGSERVICE",
    "PGSSLMODE",
)
_LIBPQ_SECRETS: Final = ("PGPASSWORD", "PGPASSFILE", "PGSSLPASSWORD")

_DEFAULTS: Final = Settings()

Row = dict[str, str | None]


def settings_rows(
    settings: Settings, command: str, others: Iterable[str] = ()
) -> tuple[list[Row], list[str]]:
    """Return a row a setting of `command`, which `settings` was loaded for, and of `others`; and what they refuse.

    A row has `command` (None: all, but those that have a row of their own), `setting` (a flag, `-X property` or
    libpq's variable), `value` (None: nothing is set), `default` (in words where it has no value) and `origin`:
    `default`, a flag, a variable, or file and key.
    A flag that stands on this command line for `command` alone does not count for the others.
    """
    rows = [*_own_rows(settings, command), *_kafka_rows(settings), *_libpq_rows()]
    problems: list[str] = []
    for other in others:
        rows.extend(_rows_of(settings, other, rows, problems))
    return rows, problems


def _own_rows(settings: Settings, command: str) -> Iterator[Row]:
    for name, option in options(command):
        origin = settings.origins.get(name, "default")
        text = _written(option, getattr(settings, name))
        yield _row(command if option.commands else None, option, text, origin)


def _rows_of(settings: Settings, command: str, rows: list[Row], problems: list[str]) -> Iterator[Row]:
    """Yield what counts for another command and is not in `rows` for all; a value that it refuses as it stands."""
    if settings.sources is None:
        return
    common = {name for name, option in options(command) if not option.commands}
    flags = {name: text for name, text in settings.sources.flags.items() if name in common}
    sources = replace(settings.sources, flags=flags)
    for name, option in options(command):
        given = sources.find(command, name, option)
        try:
            value = getattr(_DEFAULTS, name) if given.text is None else parse_given(option, given)
            text = _written(option, value)
        except UsageError as error:
            problems.append(f"{command}: {error}")
            text = given.text
        row = _row(command, option, text, given.origin)
        if row | {"command": None} not in rows:
            yield row


def _kafka_rows(settings: Settings) -> Iterator[Row]:
    for key, value in sorted(settings.kafka_properties.items()):
        origin = settings.origins.get(f"-X {key}", "default")
        shown = mask_property(key, value)
        yield _bare_row(f"-X {key}", shown, origin)


def _libpq_rows() -> Iterator[Row]:
    for variable in (*_LIBPQ_VARIABLES, *_LIBPQ_SECRETS):
        if variable in os.environ:
            shown = MASK if variable in _LIBPQ_SECRETS else os.environ[variable]
            yield _bare_row(variable, shown, "environment")


def _row(command: str | None, option: Option, text: str | None, origin: str) -> Row:
    if text is not None and option.secret:
        text = mask_dsn(text) if option.flag == "--dsn" else MASK
    return {
        "command": command,
        "setting": option.flag,
        "value": text,
        "default": option.default,
        "origin": origin,
    }


def _bare_row(setting: str, text: str, origin: str) -> Row:
    return {"command": None, "setting": setting, "value": text, "default": None, "origin": origin}


def _written(option: Option, value: object) -> str | None:
    return None if value is None else write_value(option, value)


def print_settings(title: str, rows: Iterable[Row]) -> None:
    """Print a table of settings on stdout; what nobody set shows its default in words, in brackets."""
    shown = [
        {
            "setting": row["setting"],
            "value": row["value"]
            if row["value"] is not None or not row["default"]
            else f"({row['default']})",
            "origin": row["origin"],
        }
        for row in rows
    ]
    print_table(title, pl.DataFrame(shown, schema=dict.fromkeys(("setting", "value", "origin"), pl.String)))
