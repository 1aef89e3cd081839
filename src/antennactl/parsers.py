"""Text of a flag, a variable or a configuration file in, a checked value out; ValueError says what was wanted."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from antennactl.errors import UsageError

_UNITS_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
# Of what events may have, with room on both sides for a duration to be added or taken away.
_FIRST_YEAR: Final = 1970
_LAST_YEAR: Final = 9998
STREAM_STARTS: Final = ("earliest", "latest")
MAX_PATH: Final = 8
"""Most names of a field's path."""
_STORES: Final = ("s3", "gs", "az")


class StoreUrl(str):
    """A place in an object store, checked, without a slash at its end; it holds no credentials."""

    __slots__ = ()


def lake(text: str) -> Path | StoreUrl:
    """Return the folder, or the place in an object store, that a lake is in. Raises ValueError.

    Raises UsageError, which does not quote the text, where it holds credentials.
    """
    if "://" not in text:
        return Path(text)
    url = urlsplit(text.strip())
    if "@" in url.netloc or url.query or url.fragment:
        message = "the URL of the lake holds a user, a query or a fragment"
        hint = "credentials come from the store's own variables, such as AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"
        raise UsageError(message, hint=hint)
    names = [url.netloc, *url.path.strip("/").split("/")]
    if url.scheme not in _STORES or not url.netloc or "" in names[1:-1]:
        message = "a folder, or s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX"
        raise ValueError(message)
    return StoreUrl(f"{url.scheme}://{'/'.join(names).rstrip('/')}")


def duration(text: str) -> float:
    """Return seconds of `500ms`, `2s`, `5m`, `1h` or `30d`. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", text.strip())
    if not match:
        message = "a duration such as 500ms, 2s, 5m or 1h"
        raise ValueError(message)
    return float(match[1]) * _UNITS_S[match[2]]


def window(text: str) -> float:
    """Return seconds of a duration that divides one hour into whole seconds. Raises ValueError."""
    seconds = duration(text)
    if seconds < 1 or seconds % 1 or _UNITS_S["h"] % seconds:
        message = "a duration that divides one hour into whole seconds, such as 30s, 1m, 5m, 15m or 1h"
        raise ValueError(message)
    return seconds


def instant(text: str) -> datetime:
    """Return the UTC time of an ISO 8601 text such as 2026-11-24T06 or 2026-11-24T07:30+01:00. Raises ValueError."""
    try:
        parsed = datetime.fromisoformat(text.strip())
    except ValueError:
        message = "an ISO time such as 2026-11-24T06 or 2026-11-24T06:30:00Z"
        raise ValueError(message) from None
    try:
        moment = (parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC)
    except OverflowError:
        moment = datetime.min.replace(tzinfo=UTC)
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        message = f"a time of the years {_FIRST_YEAR} to {_LAST_YEAR}"
        raise ValueError(message)
    return moment


def hour(text: str) -> datetime:
    """Return the start of the UTC hour that an ISO time falls into. Raises ValueError."""
    return instant(text).replace(minute=0, second=0, microsecond=0)


def named_hour(text: str) -> datetime:
    """Return `hour`, but for a date alone, which most likely means the whole day. Raises ValueError."""
    if re.fullmatch(r"\s*\d{4}-?\d{2}-?\d{2}\s*", text):
        message = "an hour such as 2026-11-24T06 (not a date alone)"
        raise ValueError(message)
    return hour(text)


def stream_start(text: str) -> str | datetime:
    """Return `earliest`, `latest` or a time. Raises ValueError."""
    if text in STREAM_STARTS:
        return text
    try:
        return instant(text)
    except ValueError as error:
        message = f"{', '.join(STREAM_STARTS)} or {error}"
        raise ValueError(message) from None


def rate(text: str) -> float:
    """Return messages per second of `20/s`, `1200/m`, `72000/h` or `20`. Raises ValueError."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(?:/(s|m|h))?", text.strip())
    if not match or float(match[1]) <= 0:
        message = "a rate such as 20/s or 1200/m"
        raise ValueError(message)
    return float(match[1]) / _UNITS_S[match[2] or "s"]


def share(text: str) -> float:
    """Return a number from 0 to 1. Raises ValueError."""
    value = _number(text, "a share from 0 to 1")
    if not 0 <= value <= 1:
        message = "a share from 0 to 1"
        raise ValueError(message)
    return value


def percentage(text: str) -> Decimal:
    """Return the share, exactly, of `80%`, `112.5%` or a number from 0 to 1 such as `0.8`. Raises ValueError."""
    match = re.fullmatch(r"(\d{1,6}(?:\.\d{1,6})?)(%?)", text.strip())
    value = Decimal(match[1]) / (100 if match[2] else 1) if match else Decimal(-1)
    if match is None or (value > 1 and not match[2]):
        message = "a percentage such as 80%, or a share from 0 to 1"
        raise ValueError(message)
    return value


def count(text: str) -> int:
    """Return a whole number of at least 1; thousands may be set off by underscores. Raises ValueError."""
    if not re.fullmatch(r"\d[\d_]*", text.strip()) or int(text) < 1:
        message = "a whole number of at least 1"
        raise ValueError(message)
    return int(text)


def amount(text: str) -> int:
    """Return a whole number from 0 to 2^63 - 1; thousands may be set off by underscores. Raises ValueError."""
    return seed(re.sub(r"(?<=\d)_(?=\d)", "", text))


def seed(text: str) -> int:
    """Return a whole number from 0 to 2^63 - 1. Raises ValueError."""
    if not re.fullmatch(r"\d{1,19}", text.strip()) or int(text) >= 2**63:
        message = "a whole number from 0 to 2^63 - 1"
        raise ValueError(message)
    return int(text)


def place(text: str) -> tuple[int, int]:
    """Return (partition, offset) of `2:1204`. Raises ValueError."""
    match = re.fullmatch(r"(\d{1,10}):(\d{1,19})", text.strip())
    if not match or int(match[1]) >= 2**31 or int(match[2]) >= 2**63:
        message = "a partition and an offset such as 2:1204"
        raise ValueError(message)
    return int(match[1]), int(match[2])


def places(text: str) -> list[tuple[int, int]]:
    """Return (partition, offset) pairs of `2:1204,3:17`, each once. Raises ValueError."""
    return list(dict.fromkeys(place(part) for part in text.split(",")))


def address(text: str) -> tuple[str, int]:
    """Return (host, port) of `127.0.0.1:9108` or `[::1]:9108`, with the brackets. Raises ValueError."""
    match = re.fullmatch(r"([\w.\-]+|\[[0-9a-fA-F:.%\w]+\]):(\d{1,5})", text.strip())
    if not match or int(match[2]) >= 2**16:
        message = "an address such as 127.0.0.1:9108 or [::1]:9108"
        raise ValueError(message)
    return match[1], int(match[2])


def brokers(text: str) -> str:
    """Return the text of one or more `host:port`, with commas between them, as it is. Raises ValueError."""
    for item in text.split(","):
        match = re.fullmatch(r"(?:\w+://)?(?:[\w.\-]+|\[[\w:.%]+\])(?::(\d{1,5}))?", item.strip())
        if not match or not 0 < int(match[1] or 1) < 2**16:
            message = "one or more brokers such as kafka1:9092,kafka2:9092"
            raise ValueError(message)
    return text


def split_path(text: str) -> tuple[str, ...]:
    r"""Return the names of `user.id`, from the outermost in; a dot of a name itself is written `\.`.

    Raises ValueError.
    """
    names = tuple(name.replace("\\.", ".") for name in re.split(r"(?<!\\)\.", text))
    if not all(names) or len(names) > MAX_PATH:
        message = f"a name, or up to {MAX_PATH} with dots between them, such as user.id"
        raise ValueError(message)
    return names


def field_path(text: str) -> str:
    """Return the text of a path as it is. Raises ValueError."""
    split_path(text)
    return text


def registry_url(text: str) -> str:
    """Return the URL of a schema registry, or several with commas between, as it is. Raises ValueError."""
    if not all(re.fullmatch(r"https?://[^\s/@,]+(?:/[^\s@,]*)?", item.strip()) for item in text.split(",")):
        message = "a URL such as https://registry:8081, without a user: --registry-user-info has that"
        raise ValueError(message)
    return text


def user_info(text: str) -> str:
    """Return the text of `user:password` as it is. Raises ValueError."""
    if not re.fullmatch(r"[^:]+:.+", text, re.DOTALL):
        message = "a user and a password with a colon between them"
        raise ValueError(message)
    return text


def boolean(text: str) -> bool:
    """Return a truth value of 1/true/yes/on and 0/false/no/off. Raises ValueError."""
    lowered = text.strip().lower()
    if lowered in {"1", "true", "yes", "on"}:
        return True
    if lowered in {"0", "false", "no", "off", ""}:
        return False
    message = "true or false"
    raise ValueError(message)


@dataclass(frozen=True)
class Choice:
    """A parser that takes one of `words`. Raises ValueError."""

    words: tuple[str, ...]

    def __call__(self, text: str) -> str:
        """Return `text` when it is one of the words."""
        if text not in self.words:
            message = " or ".join(self.words)
            raise ValueError(message)
        return text


def choice(*words: str) -> Choice:
    """Return a parser that takes one of `words`."""
    return Choice(words)


def _number(text: str, wanted: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise ValueError(wanted) from None
