"""Lag of partitions and age of the stream's last work in, one line for each limit that is exceeded out: pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_MOST_NAMED: Final = 5


@dataclass(frozen=True)
class PartitionHealth:
    """One partition of the topic: `lag` in offsets, None where it was never read or its end is not known."""

    kafka_partition: int
    lag: int | None
    caught_up_at: datetime | None


def find_lag_alarm(partitions: Sequence[PartitionHealth], max_lag: int) -> str | None:
    """Return the line that tells which partitions lag by more than `max_lag` offsets, None where none does.

    A partition of which no lag is known was not read: it is named, as is a topic without partitions.
    """
    if not partitions:
        return f"no lag is known, --max-lag allows {max_lag}"
    behind = sorted(
        (item for item in partitions if item.lag is None or item.lag > max_lag),
        key=lambda item: (item.lag is not None, -(item.lag or 0), item.kafka_partition),
    )
    if not behind:
        return None
    named = ", ".join(f"{item.kafka_partition} {_lag_words(item)}" for item in behind[:_MOST_NAMED])
    more = f" and {len(behind) - _MOST_NAMED} more" if len(behind) > _MOST_NAMED else ""
    word = "partition" if len(behind) == 1 else "partitions"
    return f"{word} {named}{more}: --max-lag allows {max_lag}"


def find_age_alarm(
    now: datetime, committed_at: datetime | None, partitions: Sequence[PartitionHealth], max_age_s: float
) -> str | None:
    """Return the line that tells that the stream's last work is older than `max_age_s`, None where it is not.

    Its last work is the last micro-batch, or the moment up to which every partition was known to be at its end: a
    topic without traffic is read, though nothing comes of it.
    """
    age_s = stream_age_s(now, committed_at, partitions)
    if age_s is None:
        return f"no micro-batch was committed yet: --max-age allows {_seconds(max_age_s)}"
    if age_s <= max_age_s:
        return None
    last = "no micro-batch was committed yet"
    if committed_at is not None:
        last = f"the last micro-batch is {_seconds((now - committed_at).total_seconds())} old"
    return (
        f"{last}, and not all partitions were read to their end since: --max-age allows {_seconds(max_age_s)}"
    )


def stream_age_s(
    now: datetime, committed_at: datetime | None, partitions: Sequence[PartitionHealth]
) -> float | None:
    """Return the seconds since the stream's last work, None where it never did any."""
    ends = [item.caught_up_at for item in partitions]
    met = [moment for moment in ends if moment is not None]
    idle_since = min(met) if met and len(met) == len(ends) else None
    moments = [moment for moment in (committed_at, idle_since) if moment is not None]
    return max(0.0, (now - max(moments)).total_seconds()) if moments else None


def _lag_words(item: PartitionHealth) -> str:
    return "was never read" if item.lag is None else f"lags by {item.lag} messages"


def _seconds(seconds: float) -> str:
    return f"{seconds:.3f}".rstrip("0").rstrip(".") + " s"
