"""Flags, environment and the file's tables in, Settings with the origin of each value out."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from antennactl.errors import UsageError
from antennactl.settings.option import Option
from antennactl.settings.sources import Given, Sources
from antennactl.settings.table import Settings, options


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
    # What reads a file is not needed for --help.
    from antennactl.rules.kafka_properties import check_properties
    from antennactl.settings.file import read_configuration

    path, document = read_configuration(config, environ)
    sources = Sources(
        flags=flags, kafka_flags=tuple(kafka_flags), environ=environ, path=path, document=document
    )
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, option in options(command):
        given = sources.find(command, name, option)
        origins[name] = given.origin
        if given.text is not None:
            values[name] = parse_given(option, given)
    properties = sources.find_properties()
    origins |= {f"-X {key}": origin for key, (_, origin) in properties.items()}
    values["kafka_properties"] = {key: value for key, (value, _) in properties.items()}
    check_properties(values["kafka_properties"])
    return Settings(**values, quiet=quiet, verbose=verbose, origins=origins, sources=sources)


def parse_given(option: Option, given: Given) -> Any:  # noqa: ANN401 - the field's own annotation has the type
    """Return the value of a text that was given. Raises UsageError with its origin; a secret is not quoted."""
    from antennactl.rules.spelling import did_you_mean

    assert given.text is not None  # noqa: S101 - a default has no text to parse
    if option.is_text and not given.text.strip():
        # An empty path would be this folder, an empty DSN or topic an error of a library far from here.
        message = f"{given.origin} is empty"
        raise UsageError(message, hint="give it a value, or leave it out")
    try:
        return option.parse(given.text)
    except ValueError as error:
        # A login may stand before an @, in a URL that takes none.
        shown = "" if option.secret or "@" in given.text else f" {given.text!r}"
        message = f"{given.origin}:{shown} is not {error}"
        near = None if option.secret else did_you_mean(given.text, option.choices)
        raise UsageError(message, hint=near) from None
