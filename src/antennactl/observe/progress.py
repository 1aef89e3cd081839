"""A committed micro-batch in, one progress record out, and its forms: a line of text or a JSON document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from antennactl.observe.output import format_time

if TYPE_CHECKING:
    from antennactl.pipeline.exchange import Prepared


@dataclass(frozen=True)
class Progress:
    """What one micro-batch did. Times in UTC, durations by stage in milliseconds."""

    batch_id: str
    committed_at: datetime
    n_events: int
    n_rejects: int
    n_late: int
    n_unknown_user: int
    sum_bytes: int
    n_totals: int
    n_files: int
    interval_s: float
    processing_s: float
    duration_ms: Mapping[str, float]
    reject_reasons: Mapping[str, int]
    event_time: tuple[datetime, datetime] | None
    start_offsets: Mapping[int, int]
    end_offsets: Mapping[int, int]

    @classmethod
    def of(cls, item: "Prepared", now: float, commit_s: float, publish_s: float) -> "Progress":
        """Return the record of a batch that was committed in `commit_s` and published in `publish_s` seconds."""
        batch = item.batch
        durations = {
            **batch.duration_ms,
            "commit": round(commit_s * 1000, 1),
            "publish": round(publish_s * 1000, 1),
        }
        busy = sum(value for stage, value in durations.items() if stage != "poll") / 1000
        return cls(
            batch_id=batch.batch_id,
            committed_at=datetime.fromtimestamp(now, tz=UTC),
            n_events=batch.n_events,
            n_rejects=batch.rejects.height,
            n_late=batch.n_late,
            n_unknown_user=batch.n_unknown_user,
            sum_bytes=batch.sum_bytes,
            n_totals=batch.totals.height,
            n_files=len(batch.files),
            interval_s=max(item.cut_at - item.opened_at, 0.001),
            processing_s=max(busy, 0.001),
            duration_ms=durations,
            reject_reasons=item.reject_reasons,
            event_time=item.event_time,
            start_offsets={r.kafka_partition: r.first_offset for r in batch.ranges},
            end_offsets={r.kafka_partition: r.next_offset for r in batch.ranges},
        )

    @property
    def n_rows(self) -> int:
        """How many messages it took in, rejected ones among them."""
        return self.n_events + self.n_rejects

    def as_document(self) -> dict[str, object]:
        """Return the record in the words of Spark's progress reports."""
        low, high = self.event_time or (None, None)
        return {
            "batch_id": self.batch_id,
            "timestamp": self.committed_at,
            "num_input_rows": self.n_rows,
            "input_rows_per_second": round(self.n_rows / self.interval_s, 1),
            "processed_rows_per_second": round(self.n_rows / self.processing_s, 1),
            "duration_ms": self.duration_ms,
            "event_time": {"min": low, "max": high},
            "start_offsets": self.start_offsets,
            "end_offsets": self.end_offsets,
            "num_rejected_rows": self.n_rejects,
            "rejected_by_reason": self.reject_reasons,
            "num_late_rows": self.n_late,
            "num_unknown_user_rows": self.n_unknown_user,
            "sum_bytes": self.sum_bytes,
            "num_total_rows": self.n_totals,
            "num_lake_files": self.n_files,
        }

    def as_line(self) -> str:
        """Return the record as one line for people."""
        newest = f", newest event {format_time(self.event_time[1])}" if self.event_time else ""
        rejected = ", ".join(f"{reason} {n}" for reason, n in sorted(self.reject_reasons.items()))
        return (
            f"micro-batch {self.batch_id}: {self.n_rows} messages ({round(self.n_rows / self.interval_s)}/s), "
            f"{self.n_events} events, {self.n_rejects} rejected{f' ({rejected})' if rejected else ''}, "
            f"{self.n_late} late, {self.n_unknown_user} of unknown users, {self.sum_bytes} bytes, "
            f"{self.n_files} files, {round(self.processing_s * 1000)} ms{newest}"
        )
