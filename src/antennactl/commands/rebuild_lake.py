"""A whole lake in, the ledger's files and every live total out, in the caller's transaction; some hours at a time."""

from dataclasses import dataclass
from functools import partial
from typing import Final

import polars as pl

from antennactl.engines.census import Census
from antennactl.engines.scan import CensusFile
from antennactl.engines.session import open_session
from antennactl.errors import InconsistentError
from antennactl.lake.inventory import quarantine_files
from antennactl.lake.layout import Lake
from antennactl.lake.survey import survey_files
from antennactl.ledger import rebuild as ledger
from antennactl.ledger.connection import Transaction
from antennactl.ledger.totals import copy_totals
from antennactl.observe.bars import Bars
from antennactl.observe.output import note, warn
from antennactl.rules.checks import FACTS, LETTERS
from antennactl.settings import Settings

# Rows of the lake whose totals are made at once; an hour is never divided.
_CHUNK_ROWS: Final = 4_000_000
_NAMED: Final = 5


@dataclass(frozen=True)
class LakeRead:
    """What a lake holds: STRETCHES of its offsets, which may touch, and the newest event of each partition.

    `newest`: topic_id, kafka_partition, max_event_time. `quarantined` are the paths of files that were moved aside.
    """

    n_files: int
    n_rows: int
    sum_bytes: int
    stretches: pl.DataFrame
    newest: pl.DataFrame
    quarantined: list[str]


def enter_lake(tx: Transaction, lake: Lake, window_s: float, settings: Settings, bars: Bars) -> LakeRead:
    """Enter every file of the lake, and its totals in windows of `window_s`.

    Memory does not grow with the lake, but for some bytes a hole in its offsets. Raises InconsistentError, naming
    the files, when some are broken (with `quarantine` they are moved aside) or an identity is there twice.
    """
    files = survey_files(lake, partial(bars, "files"))
    with open_session([lake.readable]) as session:
        census = Census(session, lake.files.bring)
        bars("read what the files hold", 0, None)
        facts, broken = _read_facts(census, lake, files)
        _settle_broken(lake, broken, settings)
        files = files.filter(~pl.col("path").is_in(list(broken)))
        facts = facts.filter(~pl.col("path").is_in(list(broken)))
        held = _census_files(lake, files)
        _refuse_repeated(census, held, facts)
        files = files.join(_count_files(facts), on="path", how="left").with_columns(
            pl.col("n_rows", "sum_bytes").fill_null(0)
        )
        ledger.insert_found_files(tx, files)
        _enter_totals(tx, census, lake, files, window_s, settings, bars)
        stretches = census.read_runs(held, facts)
    newest = facts.group_by("topic_id", "kafka_partition").agg(max_event_time=pl.col("max_time").max())
    n_rows, sum_bytes = int(files["n_rows"].sum()), int(files["sum_bytes"].sum())
    return LakeRead(files.height, n_rows, sum_bytes, stretches, newest, sorted(broken))


def _read_facts(census: Census, lake: Lake, files: pl.DataFrame) -> tuple[pl.DataFrame, dict[str, str]]:
    """Return FACTS of the files, and path → what is wrong with it of those that can be no part of the lake."""
    broken = dict(files.filter(pl.col("problem").is_not_null()).select("path", "problem").iter_rows())
    readable = files.filter(pl.col("problem").is_null())
    facts, unreadable = census.read_facts(_census_files(lake, readable))
    broken |= dict.fromkeys(unreadable, "cannot be read to its end")
    hours = facts.join(readable.select("path", "hour"), on="path")
    in_hour = pl.all_horizontal(pl.col("min_time", "max_time").dt.truncate("1h") == pl.col("hour"))
    broken |= dict.fromkeys(hours.filter(~in_hour)["path"], "holds rows of another hour")
    nobody = pl.any_horizontal(pl.col("topic_id", "kafka_partition", "min_offset").is_null())
    broken |= dict.fromkeys(facts.filter(nobody)["path"], "holds rows of no partition")
    broken |= dict.fromkeys(
        facts.filter(pl.col("sum_bytes").is_null())["path"], "holds more bytes than can be added"
    )
    return facts.match_to_schema(FACTS), broken


def _settle_broken(lake: Lake, broken: dict[str, str], settings: Settings) -> None:
    if not broken:
        return
    if settings.quarantine:
        for path, to in quarantine_files(lake, broken).items():
            warn(f"lake file {path} {broken[path]}: moved to {to}", settings)
        return
    named = [f"{path} {broken[path]}" for path in sorted(broken)[:_NAMED]]
    more = f", and {len(broken) - _NAMED} more" if len(broken) > _NAMED else ""
    message = f"lake file {'; '.join(named)}{more}; nothing was written"
    hint = "rebuild --quarantine moves such files aside; what they held is read again from Kafka, where it still is"
    raise InconsistentError(message, hint=hint)


def _refuse_repeated(census: Census, held: list[CensusFile], facts: pl.DataFrame) -> None:
    found = census.read_identities(held, facts, pl.DataFrame(schema=LETTERS))
    if found.n_repeated:
        first = found.examples[0]
        message = (
            f"{found.n_repeated} messages are in the lake more than once, such as partition {first.kafka_partition} "
            f"offset {first.kafka_offset}: {' and '.join(first.paths)}; nothing was written"
        )
        raise InconsistentError(
            message, hint="one of these files is a copy: move it out of the lake and run again"
        )


def _enter_totals(  # noqa: PLR0913, PLR0917 - what a total is made of, and where it goes
    tx: Transaction,
    census: Census,
    lake: Lake,
    files: pl.DataFrame,
    window_s: float,
    settings: Settings,
    bars: Bars,
) -> None:
    done, n_rows = 0, int(files["n_rows"].sum())
    bars("rows into totals", done, n_rows)
    before = pl.col("n_rows").cum_sum() - pl.col("n_rows")
    hours = files.group_by("hour").agg(pl.len(), pl.col("n_rows").sum()).sort("hour")
    for chunk in hours.with_columns(part=before // _CHUNK_ROWS).partition_by("part", maintain_order=True):
        own = files.filter(pl.col("hour").is_in(chunk["hour"].to_list()))
        totals = census.read_totals(_census_files(lake, own), window_s)
        if totals["value"].has_nulls():
            message = "the lake has more bytes in a window than can be added up; nothing was written"
            raise InconsistentError(message)
        copy_totals(tx, totals.sort("timestamp", "id", "type"))
        done += int(own["n_rows"].sum())
        bars("rows into totals", done, n_rows)
        hours_named = f"{chunk['hour'][0]:%Y-%m-%dT%HZ} to {chunk['hour'][-1]:%Y-%m-%dT%HZ}"
        note(
            settings, f"{hours_named}: {own.height} files, {own['n_rows'].sum()} rows, {totals.height} totals"
        )


def _count_files(facts: pl.DataFrame) -> pl.DataFrame:
    return facts.group_by("path").agg(pl.col("n_rows", "sum_bytes").sum())


def _census_files(lake: Lake, files: pl.DataFrame) -> list[CensusFile]:
    return [CensusFile(path, (lake.root / path,)) for path in files["path"]]
