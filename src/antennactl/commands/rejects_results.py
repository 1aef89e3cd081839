"""Dead letters and a replay's tally in; tables or JSON on stdout out. A payload is shown by `print_letter` alone."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import polars as pl

from antennactl.commands.rejects_lines import decode_utf8, letter_document
from antennactl.decode import REASONS
from antennactl.observe.output import format_time, note, print_document, print_lines, print_table
from antennactl.settings import Settings

_SHOWN_BYTES: Final = 4096
_DUMP_WIDTH: Final = 16
_MAX_EXAMPLES: Final = 20

REPLAYED: Final = "replayed"
REJECTED: Final = "still rejected"
CUT: Final = "end not stored"
CLOSED: Final = "replayed before"


@dataclass
class Tally:
    """What became of the letters of a replay: counts by (reason, outcome, reason now), and some that stay."""

    counts: Counter[tuple[str, str, str | None]] = field(default_factory=Counter)
    examples: list[dict[str, Any]] = field(default_factory=list)
    hours: set[datetime] = field(default_factory=set)
    n_bytes: int = 0

    def add_replayed(self, letters: pl.DataFrame, events: pl.DataFrame) -> None:
        """Count LETTERS that are the EVENTS `events` from now on."""
        self._count(letters, REPLAYED)
        self.hours.update(events["timestamp"].dt.truncate("1h").unique().to_list())
        self.n_bytes += int(events["bytes"].sum())

    def add_left(self, letters: pl.DataFrame, rejects: pl.DataFrame) -> None:
        """Count those of `letters` (LETTERS) that are `rejects` (REJECTS) again, maybe for another reason."""
        key = ["kafka_partition", "kafka_offset"]
        now = rejects.select(*key, reason_now="reason", detail_now="detail")
        left = letters.join(now, on=key, maintain_order="right")
        self.counts.update(
            (was, REJECTED, is_now) for was, is_now in left.select("reason", "reason_now").rows()
        )
        columns = ("topic_id", *key, "reason", "reason_now", "detail_now")
        self.examples.extend(left.select(columns).head(_MAX_EXAMPLES - len(self.examples)).to_dicts())

    def add_cut(self, letters: pl.DataFrame) -> None:
        """Count LETTERS whose payload is not stored whole."""
        self._count(letters, CUT)

    def add_closed(self, letters: pl.DataFrame) -> None:
        """Count LETTERS that were not open any more."""
        self._count(letters, CLOSED)

    def count(self, outcome: str) -> int:
        """Return how many letters had this outcome."""
        return sum(n for (_, found, _), n in self.counts.items() if found == outcome)

    def as_line(self, *, is_trial: bool) -> str:
        """Return the counts so far in words."""
        verb = "would be replayed" if is_trial else "replayed"
        n_left = self.count(REJECTED) + self.count(CUT)
        return f"{self.count(REPLAYED)} rejected messages {verb}, {n_left} left"

    def _count(self, letters: pl.DataFrame, outcome: str) -> None:
        for reason, n in letters.group_by("reason").len().iter_rows():
            self.counts[reason, outcome, None] += n


def print_summary(settings: Settings, reasons: pl.DataFrame) -> None:
    """Print a row a reason: how many are open, replayed or not stored whole, since when, and where one lies."""
    if settings.json:
        meaning = pl.col("reason").replace_strict(dict(REASONS), default=None, return_dtype=pl.String)
        print_document(reasons.with_columns(meaning=meaning))
        return
    names = {"n_open": "open", "n_replayed": "replayed", "n_cut": "end not stored"}
    times = {"first_rejected_at": "first", "last_rejected_at": "last"}
    seconds = [pl.col(name).dt.truncate("1s") for name in times]
    print_table("Rejected messages", reasons.with_columns(seconds).rename({**names, **times}))
    if not reasons.is_empty():
        note(settings, f"to see one of them: antennactl rejects --show {reasons.item(0, 'example')}")


def print_latest(settings: Settings, title: str, letters: pl.DataFrame) -> None:
    """Print a row a letter, without its payload."""
    shown = letters.select(
        partition="kafka_partition",
        offset="kafka_offset",
        reason="reason",
        detail="detail",
        payload_bytes="payload_bytes",
        rejected_at="rejected_at",
        replayed_at="replayed_at",
    )
    if settings.json:
        print_document(letters.select("topic_id").hstack(shown))
        return
    seconds = [pl.col(name).dt.truncate("1s") for name in ("rejected_at", "replayed_at")]
    print_table(title, shown.with_columns(seconds).rename({"payload_bytes": "bytes"}))


def print_letter(settings: Settings, letter: dict[str, Any]) -> None:
    """Print one row of LETTERS with its payload: as escaped text, or in hexadecimal where it is not UTF-8.

    Only so much of it as a person reads; the JSON form, that of the export, has all that is stored.
    """
    if settings.json:
        print_document(letter_document(letter))
        return
    payload = letter["payload"]
    facts = {
        "topic": letter["topic"],
        "topic id": letter["topic_id"],
        "partition": str(letter["kafka_partition"]),
        "offset": str(letter["kafka_offset"]),
        "reason": letter["reason"],
        "meaning": REASONS.get(letter["reason"]),
        "detail": letter["detail"],
        "rejected at": format_time(letter["rejected_at"]),
        "replayed at": letter["replayed_at"] and format_time(letter["replayed_at"]),
        "payload bytes": str(letter["payload_bytes"]),
        "stored bytes": str(len(payload or b"")),
    }
    rows = pl.DataFrame(list(facts.items()), schema={"what": pl.String, "is": pl.String}, orient="row")
    print_table("Rejected message", rows)
    print_lines(*_payload_lines(payload))


def print_tally(settings: Settings, tally: Tally, changed_hours: Sequence[datetime]) -> None:
    """Print what became of the letters, those that stay with their reason of now, and which hours to run again."""
    rows = [(reason, outcome, now, n) for (reason, outcome, now), n in tally.counts.items()]
    schema = {"reason": pl.String, "outcome": pl.String, "reason_now": pl.String, "messages": pl.Int64}
    counts = pl.DataFrame(rows, schema=schema, orient="row").sort("reason", "outcome", "reason_now")
    if settings.json:
        _print_tally_document(settings, tally, counts, changed_hours)
    else:
        print_table("Replay: nothing was written" if settings.dry_run else "Replay", counts)
        if tally.examples:
            places = {"kafka_partition": "partition", "kafka_offset": "offset", "detail_now": "detail"}
            left = pl.DataFrame(tally.examples, infer_schema_length=None).drop("topic_id").rename(places)
            print_table(f"Still rejected (at most {_MAX_EXAMPLES} of them)", left)
    if tally.count(CUT):
        note(
            settings, f"{tally.count(CUT)} were longer than what is stored: only --fixed FILE can replay them"
        )
    if changed_hours:
        verb = "would change" if settings.dry_run else "changed"
        named = ", ".join(f"{hour:%Y-%m-%dT%HZ}" for hour in changed_hours[:_MAX_EXAMPLES])
        more = ", …" if len(changed_hours) > _MAX_EXAMPLES else ""
        note(
            settings, f"hours with hourly totals that {verb}: {named}{more}; run: antennactl batch --catch-up"
        )


def _print_tally_document(
    settings: Settings, tally: Tally, counts: pl.DataFrame, changed_hours: Sequence[datetime]
) -> None:
    print_document(
        {
            "dry_run": settings.dry_run,
            "n_replayed": tally.count(REPLAYED),
            "sum_bytes": tally.n_bytes,
            "n_still_rejected": tally.count(REJECTED),
            "n_end_not_stored": tally.count(CUT),
            "n_replayed_before": tally.count(CLOSED),
            "counts": counts,
            "still_rejected": tally.examples,
            "hours": sorted(tally.hours),
            "changed_hours": list(changed_hours),
        }
    )


def _payload_lines(payload: bytes | None) -> list[str]:
    if payload is None:
        return ["Payload: none (a tombstone)"]
    shown = payload[:_SHOWN_BYTES]
    more = (
        [f"… {len(payload) - _SHOWN_BYTES} more bytes; --export writes them"]
        if payload[_SHOWN_BYTES:]
        else []
    )
    if (whole := decode_utf8(payload)) is not None:
        # Cut where a character ends.
        text = whole if not more else shown.decode("utf-8", "ignore")
        return ["Payload (text, escaped)", text, *more]
    return ["Payload (hexadecimal)", *_dump(shown), *more]


def _dump(payload: bytes) -> list[str]:
    starts = range(0, len(payload), _DUMP_WIDTH)
    return [f"{start:08x}  {payload[start : start + _DUMP_WIDTH].hex(' ')}" for start in starts]
