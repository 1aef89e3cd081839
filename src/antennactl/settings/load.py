"""Flags, environment and the file's tables in, Settings with the origin of each value out."""

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from antennactl.errors import UsageError
from antennactl.settings.option import Option
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


def _pairs(text: str) -> list[str]:
    return [pair for pair in re.split(r"[;\n]", text) if pair.strip()]


def _property_text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
