"""What a rebuild found in; a table or a JSON document, and what is lost for good, out."""

from dataclasses import dataclass, field
from typing import Final

import polars as pl

from antennactl.commands.rebuild_holes import Refill
from antennactl.commands.rebuild_lake import LakeRead
from antennactl.observe.output import note, print_document, print_table, warn
from antennactl.rules.stretches import STRETCHES
from antennactl.settings import Settings

LEFT: Final = pl.Schema(
    {
        "topic_id": pl.String(),
        "partition": pl.Int32(),
        "offsets": pl.Int64(),
        "from": pl.Int64(),
        "to": pl.Int64(),
        "why": pl.String(),
    }
)
"""Offsets of a partition that are neither an event nor a dead letter now, with the first and last of them."""

NOTHING: Final = "Kafka has no message there"
_GONE: Final = "gone from the topic"
_BEFORE: Final = (
    "before the lake's first row: reading began later, or files are lost (--from-kafka takes them in)"
)
_AFTER: Final = "after the lake's last row, gone from the topic: stream needs --on-data-loss record"
_SKIPPED: Final = "skipped"


def _no_lake() -> LakeRead:
    empty = pl.DataFrame(schema={"topic_id": pl.String})
    return LakeRead(0, 0, 0, STRETCHES.to_frame(), empty, [])


@dataclass
class Rebuilt:
    """What a rebuild found and wrote."""

    lake: LakeRead = field(default_factory=_no_lake)
    published: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)
    n_events: int = 0
    n_rejects: int = 0
    n_skipped: int = 0
    left: pl.DataFrame = field(default_factory=LEFT.to_frame)

    def add_filled(self, partitions: pl.DataFrame, refill: Refill, log_starts: dict[int, int]) -> None:
        """Count the topic that was asked, whose partitions begin at `log_starts` now."""
        self.n_events += refill.n_events.total()
        self.n_rejects += refill.n_rejects.total()
        topic_id = refill.topic.topic_id
        gone = dict(_by_partition(refill.gone).iter_rows())
        skipped = self._add_skipped(partitions)
        for partition, n_skipped, first, end in skipped.iter_rows():
            if nothing := n_skipped - gone.get(partition, 0):
                self._add(topic_id, partition, nothing, first, end, NOTHING)
        for why, stretches in ((_GONE, refill.gone), (_BEFORE, refill.before)):
            for _, partition, first, end, n_offsets in _spans(stretches).iter_rows():
                self._add(topic_id, partition, n_offsets, first, end, why)
        for partition, end in partitions.select("kafka_partition", "next_offset").iter_rows():
            start = log_starts.get(partition, end)
            if start > end:
                self._add(topic_id, partition, start - end, end, start, _AFTER)

    def add_unfilled(self, topic_id: str, partitions: pl.DataFrame, why: str) -> None:
        """Count a topic that was not asked, and `why`."""
        for partition, n_skipped, first, end in self._add_skipped(partitions).iter_rows():
            self._add(topic_id, partition, n_skipped, first, end, why)

    def _add_skipped(self, partitions: pl.DataFrame) -> pl.DataFrame:
        length = pl.col("next_offset") - pl.col("first_offset")
        skipped = partitions.select(
            "kafka_partition",
            (length - pl.col("n_events") - pl.col("n_rejects")).alias(_SKIPPED),
            "first_offset",
            "next_offset",
        ).filter(pl.col(_SKIPPED) > 0)
        self.n_skipped += int(skipped[_SKIPPED].sum())
        return skipped

    def _add(self, topic_id: str, partition: int, n_offsets: int, first: int, end: int, why: str) -> None:  # noqa: PLR0913, PLR0917 - a row
        row = pl.DataFrame([(topic_id, partition, n_offsets, first, end - 1, why)], schema=LEFT, orient="row")
        self.left = pl.concat([self.left, row])


def print_rebuilt(settings: Settings, rebuilt: Rebuilt) -> None:
    """Print the result; say on stderr what is lost for good and how to go on."""
    lake = rebuilt.lake
    counts = {
        "lake_files": lake.n_files,
        "rows": lake.n_rows,
        "bytes": lake.sum_bytes,
        "staged_files_published": len(rebuilt.published),
        "staged_files_dropped": len(rebuilt.dropped),
        "files_quarantined": len(lake.quarantined),
        "events_from_kafka": rebuilt.n_events,
        "dead_letters_from_kafka": rebuilt.n_rejects,
        "offsets_skipped": rebuilt.n_skipped,
    }
    if settings.json:
        print_document({**counts, "left": rebuilt.left})
    else:
        what = [name.replace("_", " ") for name in counts]
        print_table("Rebuilt", pl.DataFrame({"what": what, "count": list(counts.values())}))
        if rebuilt.left.height:
            print_table("Neither events nor dead letters", rebuilt.left)
    lost = rebuilt.left.filter(pl.col("why") != NOTHING)
    if lost.height:
        warn(
            f"{lost['offsets'].sum()} offsets may hold messages that are lost; the result says where",
            settings,
        )
    note(
        settings,
        "lost for good: the micro-batches (who read what and when, late rows, unknown users), when letters were "
        "rejected and replayed, the retention floor (prune sets it anew)",
    )
    note(settings, "go on with: antennactl provision --users; stream --drain; batch --catch-up; verify")


def _spans(stretches: pl.DataFrame) -> pl.DataFrame:
    return (
        stretches.group_by("topic_id", "kafka_partition")
        .agg(
            pl.col("first_offset").min(),
            pl.col("next_offset").max(),
            n_offsets=(pl.col("next_offset") - pl.col("first_offset")).sum(),
        )
        .sort("topic_id", "kafka_partition")
    )


def _by_partition(stretches: pl.DataFrame) -> pl.DataFrame:
    return _spans(stretches).select("kafka_partition", "n_offsets")
