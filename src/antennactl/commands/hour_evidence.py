"""An hour in, its lake files held in place and told with where each stands out: for commands that only read."""

from datetime import datetime

import polars as pl

from antennactl.commands.batch_hours import require_kept
from antennactl.engines.scan import CensusFile
from antennactl.errors import FileNotReachableError, UsageError
from antennactl.lake.identity import check_lake
from antennactl.lake.layout import Lake
from antennactl.ledger.connection import Database
from antennactl.ledger.hours import read_retention_floor
from antennactl.ledger.locks import hold_hour_files
from antennactl.ledger.schema import require_schema
from antennactl.ledger.setting import LEDGER, WINDOW_S, read_setting
from antennactl.rules.hours import HourState


def hold_hour(database: Database, lake: Lake, hour: datetime) -> None:
    """Keep compact and prune from the files of `hour` until the connection of `database` ends.

    To be called before the snapshot is taken. Raises UsageError when the hour was pruned, or database and lake do not
    belong together.
    """
    with database.transaction() as tx:
        require_schema(tx)
        check_lake(lake, read_setting(tx, LEDGER) or "", create=False)
        require_kept(hour, read_retention_floor(tx))
        hold_hour_files(tx, hour)


def read_window_s(database: Database) -> float:
    """Return the window of the live totals. Raises UsageError while there are none."""
    with database.transaction() as tx:
        require_schema(tx)
        stored = read_setting(tx, WINDOW_S)
    if stored is None:
        message = "there are no live totals yet"
        raise UsageError(message, hint="they come with: antennactl stream")
    return float(stored)


def refuse_unmanaged(state: HourState) -> None:
    """Raise UsageError for an hour of another writer's lake: its rows have no place in the topic."""
    if state.run is not None and state.run.unmanaged and state.n_files == 0:
        message = f"the hour {state.hour:%Y-%m-%dT%HZ} was run --unmanaged: its rows have no Kafka offsets"
        raise UsageError(message)


def place_files(lake: Lake, files: pl.DataFrame) -> list[CensusFile]:
    """Return where each of the ledger's files may stand. Raises FileNotReachableError when one is nowhere."""
    placed = []
    for path, stage_path in files.select("path", "stage_path").iter_rows():
        places = tuple(lake.root / place for place in (path, stage_path) if place is not None)
        # Looked for twice: it may move to its place between two looks.
        if not any(lake.files.is_file(place) for place in (*places, places[0])):
            message = f"committed lake file {path} is not in {lake.name}"
            raise FileNotReachableError(message, hint="is --lake the lake that the stream writes to?")
        placed.append(CensusFile(path, places))
    return placed
