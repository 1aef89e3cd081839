"""An open transaction in, everything that `verify` holds the lake against out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from antennactl.lake.exchange import FOLDER
from antennactl.ledger.connection import Transaction
from antennactl.ledger.hours import read_hours, read_retention_floor
from antennactl.ledger.setting import WINDOW_S, read_setting
from antennactl.rules.checks import FILES, LETTERS, OFFSETS, PRUNE, RANGES
from antennactl.rules.hours import HourState
from antennactl.schemas import TIMESTAMP, TOTAL_TYPES, TOTALS


@dataclass(frozen=True)
class LedgerSide:
    """The ledger in frames of `rules.checks`; `violators` is hour, n_counted, n_listed.

    `total_hours` are the hours that have a live or an hourly total; `only` the one hour asked for, if any.
    """

    offsets: pl.DataFrame
    ranges: pl.DataFrame
    files: pl.DataFrame
    letters: pl.DataFrame
    violators: pl.DataFrame
    states: list[HourState]
    total_hours: list[datetime]
    retention_floor: datetime | None
    window_s: float | None
    only: datetime | None = None

    @property
    def live(self) -> pl.DataFrame:
        """FILES that the lake has to hold, those of the hour asked for or all."""
        live = self.files.filter(pl.col("removed_by").is_null())
        return live if self.only is None else live.filter(pl.col("hour") == self.only)

    @property
    def is_whole(self) -> bool:
        """Whether every event ever read has to be in the `live` files: all hours, and nothing was pruned."""
        return self.only is None and not self.files["removed_by"].is_in(["prune", "removed"]).any()

    @property
    def owed_removals(self) -> set[str]:
        """Removed paths that may still stand in the lake: compact has to exchange their folder, or prune came by."""
        is_built = pl.col("stage_path").str.starts_with(FOLDER)
        waiting = self.files.filter(pl.col("removed_by").is_null() & ~pl.col("published") & is_built)
        is_owed = pl.col("removed_by").is_not_null() & pl.col("hour").is_in(waiting["hour"].to_list())
        floor = self.retention_floor
        is_pruned = (pl.col("removed_by") == PRUNE) & (
            pl.lit(value=False) if floor is None else pl.col("hour") < floor
        )
        return set(self.files.filter(is_owed | is_pruned)["path"])


def read_ledger(tx: Transaction, only: datetime | None) -> LedgerSide:
    """Return the ledger's side, with the files of all hours or of `only` one as its live ones.

    One moment's state only when `tx` is REPEATABLE READ.
    """
    window = read_setting(tx, WINDOW_S)
    return LedgerSide(
        offsets=tx.query("read_next_offsets").match_to_schema(OFFSETS),
        ranges=tx.query("read_ranges").match_to_schema(RANGES),
        files=tx.query("read_lake_files").match_to_schema(FILES),
        letters=tx.query("read_letter_identities").match_to_schema(LETTERS),
        violators=tx.query("read_violator_counts"),
        states=read_hours(tx),
        total_hours=tx.query("read_total_hours")["hour"].to_list(),
        retention_floor=read_retention_floor(tx),
        window_s=None if window is None else float(window),
        only=only,
    )


def read_window_values(tx: Transaction, hours: Sequence[datetime]) -> pl.DataFrame:
    """Return TOTALS, the live totals of every window of `hours`, of whatever type."""
    return tx.query("read_window_values", _array(hours)).match_to_schema(TOTALS)


def read_hourly_values(tx: Transaction, hours: Sequence[datetime]) -> pl.DataFrame:
    """Return TOTALS, the hourly totals of `hours` of our three types.

    A user whom a query of one's own named by e-mail has the id here: an address neither differs nor is shown.
    """
    types = pl.Series(list(TOTAL_TYPES))
    return tx.query("read_hourly_values", _array(hours), types).match_to_schema(TOTALS)


def read_removals(tx: Transaction, paths: Sequence[str]) -> dict[str, str | None]:
    """Return path → why it was removed (None: a live file) for those of `paths` that the ledger knows now."""
    rows = tx.query("read_removals", pl.Series(list(paths), dtype=pl.String))
    return dict(rows.select("path", "removed_by").iter_rows())


def _array(hours: Sequence[datetime]) -> pl.Series:
    return pl.Series(list(hours), dtype=TIMESTAMP)
