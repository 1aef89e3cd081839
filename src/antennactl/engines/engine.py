"""What an engine is: an hour's files and the users in, the tables of its results out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol, Self

import polars as pl

from antennactl.engines.devices import Counted, LedgerFile


@dataclass(frozen=True)
class HourResult:
    """What an hour holds: `totals` is TOTALS, `violators` VIOLATORS."""

    counted: Counted
    totals: pl.DataFrame
    violators: pl.DataFrame


class Engine(Protocol):
    """Runs the queries that it was made with; a context that gives back what it holds.

    Every engine returns the same rows for the same hour, in any order. Both methods raise InconsistentError naming
    a file that is broken, FileNotReachableError naming one that is gone, UsageError naming a user's own query that
    does not work, ServiceUnavailableError when the engine is a service and away.
    """

    def __enter__(self) -> Self:
        """Hold nothing yet: the first hour opens what is needed."""

    def __exit__(self, *_: object) -> None:
        """Give back what is held."""

    def compute_hour(self, hour: datetime, files: Sequence[LedgerFile], users: pl.DataFrame) -> HourResult:
        """Return the result of an hour whose files the ledger knows; no file is an hour without traffic.

        Raises InconsistentError too when a file differs from what the ledger says of it.
        """

    def compute_foreign_hour(self, hour: datetime, paths: Sequence[Path], users: pl.DataFrame) -> HourResult:
        """Return the result of an hour of another writer's files: the rows of the hour that are whole."""
