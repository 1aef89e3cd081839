"""The timestamp of a message in, its event time in microseconds since 1970 out, whatever unit it is written in."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from antennactl.decode.checks import Reject, RejectedError, check_integer, kind
from antennactl.schemas import MAX_FUTURE_S, MIN_TIMESTAMP_S

ISO: Final = "iso"
PER_SECOND: Final[Mapping[str, int]] = MappingProxyType({"s": 1, "ms": 10**3, "us": 10**6})
"""Unit of a timestamp that is a number → how many of it make one second."""
US_PER_S: Final = 10**6

_NAMES: Final = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
_ISO_TIME: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):?(\d\d))", re.ASCII
)
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - the offset is taken off by hand: year 1 has no earlier time
_MINUTES: Final = 60
_HOURS: Final = 24


def check_event_time(value: object, unit: str, now_s: int) -> int:
    """Return the event time of a field in microseconds. Raises RejectedError.

    `unit` is one of PER_SECOND, or ISO for a text such as 2026-11-24T06:30:00.250Z; what is finer than a
    microsecond is cut off. `now_s` is the clock in epoch seconds.
    """
    if unit == ISO:
        return _check_range(_read_iso(value), US_PER_S, now_s)
    per_second = PER_SECOND[unit]
    return _check_range(check_integer("timestamp", value), per_second, now_s) * (US_PER_S // per_second)


def check_retention(time_us: int, floor_s: int) -> None:
    """Raise RejectedError for an event before the start of the oldest hour kept: the last check of all."""
    if time_us < floor_s * US_PER_S:
        raise RejectedError(Reject("before_retention", "timestamp: before the oldest hour kept"))


def _check_range(value: int, per_second: int, now_s: int) -> int:
    max_s = now_s + MAX_FUTURE_S
    if MIN_TIMESTAMP_S <= value // per_second <= max_s:
        return value
    for name, other in _NAMES.items():
        if other != per_second and MIN_TIMESTAMP_S <= value // other <= max_s:
            raise RejectedError(Reject("timestamp_unit", f"timestamp: {name}"))
    side = "too far in the future" if value // per_second > max_s else "before 2000"
    raise RejectedError(Reject("timestamp_out_of_range", f"timestamp: {side}"))


def _read_iso(value: object) -> int:
    if type(value) is not str:
        raise RejectedError(Reject("wrong_type", f"timestamp: {kind(value)}"))
    match = _ISO_TIME.fullmatch(value)
    try:
        return _count_us(match) if match else _refuse_iso()
    except ValueError:
        return _refuse_iso()


def _count_us(match: re.Match[str]) -> int:
    moment = datetime(*(int(match[group]) for group in range(1, 7)))  # type: ignore[arg-type]  # noqa: DTZ001
    us = (moment - _EPOCH) // timedelta(microseconds=1) + int((match[7] or "")[:6].ljust(6, "0"))
    if match[8] is None:
        return us
    hours, minutes = int(match[9]), int(match[10])
    if hours >= _HOURS or minutes >= _MINUTES:
        return _refuse_iso()
    offset_us = (hours * _MINUTES + minutes) * _MINUTES * US_PER_S
    return us - offset_us if match[8] == "+" else us + offset_us


def _refuse_iso() -> int:
    raise RejectedError(Reject("bad_timestamp", "timestamp: no ISO 8601 time with Z or an offset"))
