"""A topic and its consumer group in memory, behind the methods of `sources.kafka.KafkaSource`.

Offsets have gaps and control records; messages come late and in any interleaving; an end is told as an event; retention
takes the oldest. Members hear of a rebalance at their next poll, each by itself: for a while two may read the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from antennactl.errors import KafkaUnavailableError
from antennactl.sources.cluster import Cluster, Topic
from antennactl.sources.kafka import KafkaSource, Polled
from simulation.world import Process, World

TOPIC, TOPIC_ID = "devices", "topic-id"
CONTROL = b""
"""Stands in the log where a consumer gets nothing: a control record, an aborted or a compacted message."""


@dataclass
class Log:
    """One partition: payload by offset, from `start` on."""

    records: list[bytes | None] = field(default_factory=list)
    start: int = 0

    @property
    def end(self) -> int:
        """The offset after the last record."""
        return len(self.records)


class Broker:
    """The topic, its group and its cluster."""

    def __init__(self, world: World, n_partitions: int) -> None:
        self.world = world
        self.logs = [Log() for _ in range(n_partitions)]
        self.members: dict[str, SimulatedSource] = {}
        self.admin_away_until = 0.0

    def produce(self, n: int) -> None:
        """Append messages, some malformed, among control records."""
        random = self.world.random
        for _ in range(n):
            partition = random.randrange(len(self.logs))
            records = self.logs[partition].records
            chance = random.random()
            if chance < 0.12:
                records.append(CONTROL)
            elif chance < 0.2:
                records.append(None if chance < 0.14 else b"bad %d %d" % (partition, len(records)))
            else:
                # hour, user, bytes; the place makes every payload one of its own
                event = (
                    partition,
                    len(records),
                    random.randrange(2),
                    random.randrange(3),
                    random.choice((0, 1, 7)),
                )
                records.append(b"%d %d %d %d %d" % event)

    def retain(self) -> None:
        """Take the oldest records, read or not."""
        for log in self.logs:
            log.start = min(log.end, log.start + self.world.random.randrange(4))

    def rebalance(self) -> None:
        """Deal the partitions anew to the members; each hears of it at its next poll."""
        self.world.note("group", "rebalance")
        members = list(self.members.values())
        shares: list[set[int]] = [set() for _ in members]
        for partition in range(len(self.logs)):
            if members:
                shares[self.world.random.randrange(len(members))].add(partition)
        for source, share in zip(members, shares, strict=True):
            source.announced = share

    def join(self, source: "SimulatedSource") -> None:
        """Take a member in."""
        self.members[source.process.name] = source
        self.rebalance()

    def drop(self, name: str) -> None:
        """Take a member out, in good order or not."""
        if self.members.pop(name, None) is not None:
            self.rebalance()


class SimulatedCluster(Cluster):
    """The topic's facts."""

    def __init__(self, broker: Broker, process: Process) -> None:
        self._broker = broker
        self._process = process

    def describe_topic(self) -> Topic:
        """Return the topic."""
        self._ask("describe topic")
        return Topic(TOPIC, TOPIC_ID, tuple(range(len(self._broker.logs))))

    def ask_topic(self) -> Any:
        """Start asking."""
        return None

    def await_topic(self, asked: object) -> Topic:  # noqa: ARG002 - the answer needs no question
        """Return the answer."""
        return self.describe_topic()

    def log_starts(self, partitions: Iterable[int]) -> dict[int, int]:
        """Return the oldest offset of each partition."""
        self._ask("log starts")
        return {partition: self._broker.logs[partition].start for partition in partitions}

    def end_offsets(self, partitions: Iterable[int]) -> dict[int, int]:
        """Return the end of each partition."""
        self._ask("end offsets")
        return {partition: self._broker.logs[partition].end for partition in partitions}

    def _ask(self, what: str) -> None:
        world = self._broker.world
        world.tick(self._process, what)
        is_away = world.now < self._broker.admin_away_until
        if is_away or world.fails(world.rates.cluster, self._process, "no answer from Kafka"):
            raise KafkaUnavailableError


class SimulatedSource(KafkaSource):
    """One member of the group."""

    def __init__(self, broker: Broker, process: Process) -> None:
        self._broker = broker
        self.process = process
        self.cluster = SimulatedCluster(broker, process)
        self.is_rebalanced = False
        self.announced: set[int] | None = None
        self._granted: set[int] = set()
        self._fetch: dict[int, int] = {}
        self._positions: dict[int, int] = {}
        self._told_end: dict[int, int] = {}
        self._is_paused = False

    def subscribe(self) -> None:
        """Join the group."""
        self._broker.join(self)

    def assign(self, offsets: Mapping[int, int]) -> None:
        """Read each partition from its offset."""
        self._broker.world.tick(self.process, "assign", str(offsets))
        self._fetch = dict(offsets)
        self._positions, self._told_end, self._is_paused = {}, {}, False

    def unassign(self) -> None:
        """Read nothing."""
        self._fetch = {}
        self._positions = {}

    def poll(self, max_messages: int, timeout_s: float) -> Polled:
        """Return what came, or hear of a rebalance."""
        world = self._broker.world
        world.tick(self.process, "poll")
        polled = Polled()
        if self.process.name not in self._broker.members:
            self._broker.join(self)  # it was thrown out while it was stopped
        if self.announced is not None:
            self._granted, self.announced = self.announced, None
            self.unassign()
            self.is_rebalanced = True
            return polled
        if world.fails(world.rates.group, self.process, "rebalance"):
            self._broker.rebalance()
        if not self._is_paused:
            partitions = list(self._fetch)
            world.random.shuffle(partitions)
            for partition in partitions:
                self._fetch_from(partition, max_messages - len(polled.payloads), polled)
        if not polled.payloads:
            world.sleep(timeout_s)
        return polled

    def _fetch_from(self, partition: int, wanted: int, polled: Polled) -> None:
        random = self._broker.world.random
        log = self._broker.logs[partition]
        offset = self._fetch[partition]
        if offset < log.start:
            polled.is_out_of_range = True
            return
        if not self._broker.world.is_calm:
            wanted = min(wanted, random.choice((0, 1, 2, 100)))
        while wanted > 0 and offset < log.end:
            payload = log.records[offset]
            if payload != CONTROL:
                polled.payloads = [*polled.payloads, payload]
                polled.partitions = [*polled.partitions, partition]
                polled.offsets = [*polled.offsets, offset]
                self._positions[partition] = offset + 1
                wanted -= 1
            offset += 1
        self._fetch[partition] = offset
        if wanted > 0 and offset == log.end and self._told_end.get(partition) != offset:
            polled.ends[partition] = self._positions[partition] = offset
            self._told_end[partition] = offset

    def positions(self) -> dict[int, int]:
        """Return the next offset of each partition being read."""
        return dict(self._positions)

    @property
    def granted(self) -> frozenset[int]:
        """The partitions that the group gave to this member."""
        return frozenset(self._granted)

    def pause(self) -> None:
        """Fetch nothing."""
        self._is_paused = True

    def resume(self) -> None:
        """Fetch again."""
        self._is_paused = False

    def commit(self, offsets: Mapping[int, int], *, wait: bool = False) -> None:
        """Nobody reads these."""

    def close(self) -> None:
        """Leave the group."""
        self._broker.drop(self.process.name)


def event_of(payload: bytes) -> tuple[int, int, int, int, int] | None:
    """Return partition, offset, hour, user and bytes; None: the message is no event."""
    if payload.startswith(b"bad"):
        return None
    return cast("tuple[int, int, int, int, int]", tuple(map(int, payload.split())))
