"""Offsets in, decisions out: which range a micro-batch covers, whether a backlog is drained, what was lost."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class OffsetRange:
    """What a micro-batch covers of one partition: [first_offset, next_offset), gaps and control records included.

    `caught_up_at` is the wall clock taken before the poll that met the partition's end, where one did.
    """

    kafka_partition: int
    first_offset: int
    next_offset: int
    caught_up_at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether no offset lies in it: it only says that the partition's end was met."""
        return self.next_offset == self.first_offset


@dataclass(frozen=True)
class LostRange:
    """Offsets the ledger wants next but the topic no longer has: [next_offset, log_start)."""

    kafka_partition: int
    next_offset: int
    log_start: int


def cut_ranges(
    starts: Mapping[int, int],
    positions: Mapping[int, int],
    caught_up: Mapping[int, datetime],
) -> list[OffsetRange]:
    """Return the ranges from where the batch started to the consumer's positions, by partition.

    A partition that neither moved nor met its end is left out. A position below its start (none yet: librdkafka
    gives a negative number) counts as not moved.
    """
    ranges = []
    for partition in sorted(starts):
        first = starts[partition]
        following = max(first, positions.get(partition, first))
        if following > first or partition in caught_up:
            ranges.append(OffsetRange(partition, first, following, caught_up.get(partition)))
    return ranges


def is_drained(next_offsets: Mapping[int, int], targets: Mapping[int, int]) -> bool:
    """Return whether every partition has been read up to its target; a partition not read at all has not."""
    return all(next_offsets.get(partition, -1) >= target for partition, target in targets.items())


def lost_ranges(next_offsets: Mapping[int, int], log_starts: Mapping[int, int]) -> list[LostRange]:
    """Return what retention took from under the ledger: partitions whose next offset lies before the log's start."""
    return [
        LostRange(partition, following, log_starts[partition])
        for partition, following in sorted(next_offsets.items())
        if following < log_starts.get(partition, 0)
    ]


def beyond_end(next_offsets: Mapping[int, int], ends: Mapping[int, int]) -> list[int]:
    """Return the partitions whose next offset lies past the log's end: records that were read are gone."""
    return [
        partition
        for partition, following in sorted(next_offsets.items())
        if following > ends.get(partition, following)
    ]
