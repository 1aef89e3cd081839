"""A setting's value in, its text out as a user would write it: what its parser reads back to the same value."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from antennactl import parsers
from antennactl.settings.option import Option

# Largest first; the first unit that leaves a whole number is taken.
_DURATION_UNITS: Final = (("d", 86_400), ("h", 3600), ("m", 60), ("s", 1))
_HOURS: Final = (parsers.hour, parsers.named_hour)
_RATE_UNITS: Final = (("s", 1), ("m", 60), ("h", 3600))


def write_value(option: Option, value: object) -> str:
    """Return the text of one value of `option` that is not None: `5m`, `20/s`, `true`, `2026-11-24T06`, `2:1204`."""
    match value:
        case bool():
            return str(value).lower()
        case int() | float():
            return _WRITERS.get(option.parse, _write_number)(value)
        case datetime():
            return _write_hour(value) if option.parse in _HOURS else _write_time(value)
        case list():
            return ",".join(write_value(option, item) for item in value)
        case tuple():
            return ":".join(map(str, value))
    return str(value)


def write_duration(seconds: float) -> str:
    """Return `500ms`, `2s`, `5m`, `1h` or `30d`."""
    for unit, size_s in _DURATION_UNITS:
        if seconds and seconds % size_s == 0:
            return f"{seconds / size_s:.0f}{unit}"
    return f"{_plain(Decimal(repr(seconds)) * 1000)}ms" if seconds else "0s"


def _write_rate(per_second: float) -> str:
    for unit, size_s in _RATE_UNITS:
        if (per_second * size_s).is_integer():
            return f"{per_second * size_s:.0f}/{unit}"
    return f"{_plain(Decimal(repr(per_second)))}/s"


def _write_number(number: float) -> str:
    return repr(number).removesuffix(".0")


def _write_time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _write_hour(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H}"


def _plain(number: Decimal) -> str:
    """Return digits without an exponent, which no parser here takes."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_WRITERS: Final[Mapping[object, Callable[[float], str]]] = MappingProxyType(
    {parsers.duration: write_duration, parsers.window: write_duration, parsers.rate: _write_rate}
)
