"""Options and a row's index in, messages out: every column a pure function of the seed and the index.

A block of BLOCK messages is made at once; how a caller cuts it makes no difference to the content.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import polars as pl

from antennactl.simulator.draws import draw, draw_below
from antennactl.simulator.encode import EXERCISE, Encoding, encode_messages
from antennactl.simulator.kinds import ENDLESS_PERIOD, KindPlan, count_kinds
from antennactl.simulator.options import SimulateOptions, TimeLine
from antennactl.simulator.population import (
    APPS,
    N_UNKNOWN_USERS,
    active_users,
    antenna_ids,
    quiet_users,
    unknown_user_ids,
    user_ids,
)

BLOCK: Final = 65_536
"""Messages that are made at once."""
MAX_EVENT_BYTES: Final = 9_999
"""`bytes` is uniform from 0 to this, as in the exercise."""
LATE_S: Final = (300, 5400)
"""A late event lies this long before its neighbours: at least, and below. So it may lie before the start."""
_QUIET_ONE_IN: Final = 100
_CONTENT: Final = ("timestamp", "id", "antenna_id", "bytes", "app")


class Stream(IntEnum):
    """What a draw decides; the numbers are part of what a seed means and never change."""

    ORDER = 0
    JITTER = 1
    USER = 2
    QUIET = 3
    ANTENNA = 4
    APP = 5
    BYTES = 6
    LATENESS = 7
    FAULT = 8
    PARTITION = 9
    ROUND = 10


@dataclass(frozen=True)
class Traffic:
    """The messages of one simulation.

    With a rate the users take turns, each once a round, as in the exercise's simulator. In a backlog users
    are drawn: two of five are quiet and send one message in a hundred between them, so that at some 10,000
    messages an hour the exercise's 20 users fall on both sides of their quotas. The first antennas are the
    busiest.
    """

    options: SimulateOptions
    time_line: TimeLine
    n_partitions: int | None
    encoding: Encoding = EXERCISE

    def make_block(self, number: int) -> pl.DataFrame:
        """Return the messages number * BLOCK and on (schema MESSAGES), at most BLOCK, none past the end."""
        first = number * BLOCK
        n = BLOCK if self.options.total is None else max(0, min(BLOCK, self.options.total - first))
        kinds = self._kinds(first, n)
        plain = pl.DataFrame({"i": pl.int_range(first, first + n, eager=True), "kind": kinds}).select(
            "kind",
            self._fault(),
            self._partition(),
            self._timestamp(),
            self._user(),
            self._antenna(),
            _choose(APPS, self._below(Stream.APP, len(APPS))).alias("app"),
            self._below(Stream.BYTES, MAX_EVENT_BYTES + 1).cast(pl.Int64).alias("bytes"),
        )
        return encode_messages(plain.with_columns(_copy_originals()), self.encoding)

    def _kinds(self, first: int, n: int) -> pl.Series:
        period = self.options.total or ENDLESS_PERIOD
        counts = count_kinds(self.options.shares, period)
        return KindPlan(counts, period, self.options.seed, Stream.ORDER).assign(first, n)

    def _below(self, stream: Stream, bound: int) -> pl.Expr:
        return draw_below(pl.col("i"), self.options.seed, stream, bound)

    def _fault(self) -> pl.Expr:
        faults = self.encoding.faults if self.options.out is None else self.encoding.line_faults
        chosen = _choose([fault.name for fault in faults], self._below(Stream.FAULT, len(faults)))
        return pl.when(kind="malformed").then(chosen).alias("fault")

    def _partition(self) -> pl.Expr:
        n = self.n_partitions
        drawn = pl.lit(None) if n is None else self._below(Stream.PARTITION, n)
        return drawn.cast(pl.Int32).alias("kafka_partition")

    def _timestamp(self) -> pl.Expr:
        line = self.time_line
        jitter = self._below(Stream.JITTER, line.numerator).cast(pl.Int64) if line.jitter else pl.lit(0)
        due_ms = line.start_ms + (pl.col("i") * line.numerator + jitter) // line.denominator
        least, bound = LATE_S
        lateness_s = self._below(Stream.LATENESS, bound - least).cast(pl.Int64) + least
        is_late = pl.col("kind") == "late"
        return (due_ms // 1000 - pl.when(is_late).then(lateness_s).otherwise(0)).alias("timestamp")

    def _user(self) -> pl.Expr:
        turn = self._turn() if self.options.pace is not None else self._popular()
        known = _choose(user_ids(self.options.users), turn)
        unknown = _choose(unknown_user_ids(), self._below(Stream.USER, N_UNKNOWN_USERS))
        return pl.when(kind="unknown").then(unknown).otherwise(known).alias("id")

    def _turn(self) -> pl.Expr:
        """Let every user send once a round, from a seeded place in each."""
        n_users = self.options.users
        begin = draw_below(pl.col("i") // n_users, self.options.seed, Stream.ROUND, n_users)
        return (pl.col("i") % n_users + begin.cast(pl.Int64)) % n_users

    def _popular(self) -> pl.Expr:
        active, quiet = active_users(self.options.users), quiet_users(self.options.users)
        user = _choose(active, self._below(Stream.USER, len(active)))
        if quiet.is_empty():
            return user
        is_quiet = self._below(Stream.QUIET, _QUIET_ONE_IN) == 0
        quiet_user = _choose(quiet, self._below(Stream.USER, len(quiet)))
        return pl.when(is_quiet).then(quiet_user).otherwise(user)

    def _antenna(self) -> pl.Expr:
        """Take the lower of two draws: the first of n antennas is about 2n - 1 times as busy as the last."""
        drawn = draw(pl.col("i"), self.options.seed, Stream.ANTENNA)
        n = pl.lit(self.options.antennas, dtype=pl.UInt64)
        half = pl.lit(1 << 32, dtype=pl.UInt64)
        lower = pl.min_horizontal(drawn // half % n, drawn % half % n)
        return _choose(antenna_ids(self.options.antennas), lower).alias("antenna_id")


def _copy_originals() -> list[pl.Expr]:
    """Give every duplicate the content of the plain event before it in its block, or else of the next one.

    In a block without a plain event the duplicates are copies of one another.
    """
    copies = []
    for name in _CONTENT:
        original = pl.when(kind="event").then(pl.col(name))
        content = pl.coalesce(original.forward_fill(), original.backward_fill(), pl.first(name))
        copies.append(pl.when(kind="duplicate").then(content).otherwise(pl.col(name)).alias(name))
    return copies


def _choose(values: Sequence[str] | pl.Series, index: pl.Expr) -> pl.Expr:
    return pl.lit(pl.Series(values)).gather(index)
