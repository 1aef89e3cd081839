"""The options of a simulation in, checked, and the event times they mean out; no heavy import, no clock."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Final

from antennactl.errors import UsageError

DEFAULT_RATE: Final = 20.0
"""Messages a second when neither a number nor a rate is given."""
DEFAULT_SPAN_S: Final = 7200.0
"""Event time that a backlog covers, in seconds."""
SETTLE_S: Final = 120
"""An hour this long over counts as closed: a default backlog ends there, so that its hours are complete."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, kw_only=True)
class SimulateOptions:
    """What to send and where to.

    Neither `messages` nor `rate` nor `span_s`: without end, `DEFAULT_RATE` a second, event time = now.
    `messages` alone: a backlog as fast as it goes, its event times spread over [start, start + span). `rate`
    and `messages`: that many, paced. `rate` and `span_s` without `messages`: paced for the span. `start` sets
    the first event time in each of these; see `time_line`.

    `late`, `malformed`, `unknown` and `duplicates` are shares of all messages, 0 to 1, together at most 1.
    `out` is a path or `-` (stdout) in place of Kafka. Raises UsageError for values that make no sense.
    """

    messages: int | None = None
    rate: float | None = None
    start: datetime | None = None
    span_s: float | None = None
    users: int = 20
    antennas: int = 5
    late: float = 0.0
    malformed: float = 0.0
    unknown: float = 0.0
    duplicates: float = 0.0
    seed: int = 1
    out: str | None = None
    sent: Path | None = None
    topic: str = "devices"
    bootstrap_servers: str = "localhost:9092"
    kafka_properties: Mapping[str, str] = field(default_factory=dict, repr=False)
    wait_s: float = 30.0

    def __post_init__(self) -> None:
        """Check what the type cannot."""
        for name in ("messages", "rate", "span_s", "users", "antennas"):
            value = getattr(self, name)
            if value is not None and not value > 0:
                message = f"--{name.removesuffix('_s')} must be above 0, not {value}"
                raise UsageError(message)
        if any(not 0 <= share <= 1 for share in self.shares.values()) or sum(self.shares.values()) > 1 + 1e-9:
            message = (
                "--late, --malformed, --unknown and --duplicates are shares of 0 to 1, together at most 1"
            )
            raise UsageError(message)
        if self.start is not None and self.start.tzinfo is None:
            message = "--start needs a time zone"
            raise UsageError(message)

    @property
    def shares(self) -> dict[str, float]:
        """Share of each kind of message that is not a plain event."""
        return {
            "late": self.late,
            "malformed": self.malformed,
            "unknown": self.unknown,
            "duplicate": self.duplicates,
        }

    @property
    def pace(self) -> float | None:
        """Messages a second, or None for as fast as it goes."""
        return self.rate or (None if self.messages else DEFAULT_RATE)

    @property
    def total(self) -> int | None:
        """How many messages to send, or None for without end."""
        if self.messages is None and self.span_s is not None and self.pace is not None:
            return max(1, round(self.pace * self.span_s))
        return self.messages


@dataclass(frozen=True)
class TimeLine:
    """Event times: message i is due at `start_ms` + (i * `numerator` + jitter) // `denominator` milliseconds.

    The jitter lies in [0, numerator) with `jitter`, else it is 0. All whole numbers, so that every machine
    agrees.
    """

    start_ms: int
    numerator: int
    denominator: int
    jitter: bool


def time_line(options: SimulateOptions, now: datetime) -> TimeLine:
    """Return the event times of `options` for a run that begins at `now`.

    A number of messages without a rate, or with a start or a span, is spread over [start, start + span); the
    default start lets the span end with the last closed hour. Anything else is paced: the clock of the events
    starts at `start`, or now, and runs at the rate, so that without a start an event's time is when it was
    due.
    """
    spread = options.messages is not None and (
        options.rate is None or options.start is not None or options.span_s is not None
    )
    if spread:
        span = timedelta(seconds=options.span_s or DEFAULT_SPAN_S)
        start = options.start or _last_closed_hour(now) - span
        return TimeLine(_milliseconds(start), max(1, _span_ms(span)), options.messages or 1, jitter=True)
    step_ms = 1000 / Fraction(options.pace or DEFAULT_RATE).limit_denominator(1_000_000)
    return TimeLine(_milliseconds(options.start or now), step_ms.numerator, step_ms.denominator, jitter=False)


def _last_closed_hour(now: datetime) -> datetime:
    """Return the end of the last hour that is over for at least `SETTLE_S`."""
    settled = now.astimezone(UTC) - timedelta(seconds=SETTLE_S)
    return settled.replace(minute=0, second=0, microsecond=0)


def _milliseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(milliseconds=1)


def _span_ms(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
