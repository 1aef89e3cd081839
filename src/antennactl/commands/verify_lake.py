"""The ledger's side and a lake in, findings out: files, totals and identities, a few hours at a time."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import polars as pl

from antennactl.engines.census import Census, Identities
from antennactl.engines.scan import CensusFile
from antennactl.engines.session import open_session
from antennactl.errors import FileNotReachableError, NotReadyError
from antennactl.lake.inventory import digest_file, folder_hour
from antennactl.lake.layout import Lake
from antennactl.ledger.connection import Database, Transaction
from antennactl.ledger.proof import LedgerSide, read_hourly_values, read_removals, read_window_values
from antennactl.rules.checks import FACTS, check_letter_identities, check_partitions, name_partition
from antennactl.rules.file_checks import (
    check_contents,
    check_digests,
    check_folders,
    check_unreadable,
)
from antennactl.rules.findings import Difference, Finding, Findings, find
from antennactl.rules.totals_checks import HourPlan, check_totals

# Rows of the lake whose totals are compared at once; an hour is never divided.
_CHUNK_ROWS: Final = 4_000_000
_CHUNK_HOURS: Final = 200
_HOUR_S: Final = 3600
# Hashing lets other threads run: one reads while another one hashes.
_HASHERS: Final = 4


_Bars = Callable[[str, int, int | None], None]


@dataclass
class _Count:
    """Tells how many of `total` were done, one more at each call."""

    bars: _Bars
    what: str
    total: int
    done: int = 0

    def __call__(self, n: int = 1) -> None:
        self.done += n
        self.bars(self.what, self.done, self.total)


@dataclass(frozen=True)
class _Task:
    """What all parts of one proof have in common."""

    tx: Transaction
    census: Census
    lake: Lake
    ledger: LedgerSide
    findings: Findings
    count_file: "_Count"


@dataclass(frozen=True)
class LakeProof:
    """What was found of the lake: FACTS of the sound files, and the paths that are gone or not sound."""

    facts: pl.DataFrame
    gone: list[str]
    unsound: list[str]
    uncompared: list[datetime]


def prove_lake(  # noqa: PLR0913, PLR0917 - what is compared, with what, and who hears of it
    tx: Transaction,
    lake: Lake,
    ledger: LedgerSide,
    plan: HourPlan,
    findings: Findings,
    bars: _Bars,
) -> LakeProof:
    """Check the live files of `ledger`, the totals of `plan` and all identities against the snapshot of `tx`.

    A file that is gone or not what was committed is named, and its hour's totals are left uncompared: they
    could but differ. Raises FileNotReachableError when a committed file was not published yet and is not to
    be found. `bars` hears (what, done, of how many).
    """
    live = ledger.live
    findings.add(check_folders(live, {path: folder_hour(path) for path in live["path"]}))
    parts: list[LakeProof] = []
    with open_session([lake.readable]) as session:
        task = _Task(
            tx, Census(session, lake.files.bring), lake, ledger, findings, _Count(bars, "files", live.height)
        )
        count_hour = _Count(bars, "hours", len({*live["hour"], *plan.windows}))
        hours = {*live["hour"], *plan.windows}
        for chunk in _chunk_hours(sorted(hours), live):
            files = live.filter(pl.col("hour").is_in(chunk))
            part, sound = _prove_files(task, files)
            parts.append(part)
            windows = [hour for hour in chunk if hour in set(plan.windows) - set(part.uncompared)]
            current = [hour for hour in windows if hour in set(plan.current)]
            _prove_totals(task, sound, windows, current)
            count_hour(len(chunk))
        bars("look for repeated messages", 0, None)
        proof = _join(parts)
        read = live.filter(~pl.col("path").is_in(proof.gone + proof.unsound))
        identities = task.census.read_identities(_census_files(lake, read), proof.facts, ledger.letters)
    _prove_identities(ledger, proof, identities, findings)
    return proof


def refuse_exchanged(database: Database, paths: Sequence[str]) -> None:
    """Raise NotReadyError when one of the missing `paths` was removed from the ledger since the snapshot."""
    if not paths:
        return
    with database.transaction() as tx:
        removals = read_removals(tx, paths)
    if any(removals.get(path) is not None for path in paths):
        raise NotReadyError("files were compacted or pruned while they were read", hint="run verify again")


def _prove_files(task: _Task, files: pl.DataFrame) -> tuple[LakeProof, pl.DataFrame]:
    """Return what was found of `files`, and those of them that are sound."""
    lake, findings = task.lake, task.findings
    with ThreadPoolExecutor(_HASHERS) as pool:
        places = files.select("path", "stage_path").rows()
        digests = {}
        read = pool.map(lambda place: digest_file(lake, *place), places)
        for path, digest in zip(files["path"], read, strict=True):
            digests[path] = digest
            task.count_file()
    gone = [path for path, digest in digests.items() if digest is None]
    _require_reachable(lake, files.filter(pl.col("path").is_in(gone)))
    for finding in check_digests(files, digests):
        findings.add(finding)
    same = files.filter(pl.col("sha256") == pl.col("path").replace_strict(digests, return_dtype=pl.String))
    facts, unreadable = task.census.read_facts(_census_files(lake, same))
    findings.add(check_unreadable(same, unreadable))
    sound = same.filter(~pl.col("path").is_in(unreadable))
    for finding in check_contents(sound, facts):
        findings.add(finding)
    unsound = files.filter(~pl.col("path").is_in([*sound["path"], *gone]))
    uncompared = files.filter(~pl.col("path").is_in(sound["path"].to_list()))["hour"].unique().sort()
    return LakeProof(facts, gone, unsound["path"].to_list(), uncompared.to_list()), sound


def _prove_totals(
    task: _Task, sound: pl.DataFrame, windows: Sequence[datetime], current: Sequence[datetime]
) -> None:
    if not windows:
        return
    window_s = task.ledger.window_s
    files = sound.filter(pl.col("hour").is_in(list(windows)))
    lake_totals = task.census.read_totals(_census_files(task.lake, files), window_s or _HOUR_S)
    live_totals = read_window_values(task.tx, windows)
    if window_s is None:
        live_totals = _sum_hours(live_totals)
    task.findings.add(check_totals("totals", "bytes", lake_totals, live_totals))
    if current:
        hourly = _sum_hours(lake_totals)
        mine = hourly.filter(pl.col("timestamp").is_in(list(current)))
        stored = read_hourly_values(task.tx, current)
        task.findings.add(check_totals("hourly", "bytes_hourly", mine, stored))


def _prove_identities(
    ledger: LedgerSide, proof: LakeProof, identities: Identities, findings: Findings
) -> None:
    findings.add(_find_repeated(identities))
    complete = ledger.is_whole and not proof.gone and not proof.unsound
    if complete:
        findings.add(check_partitions(ledger.ranges, ledger.letters, proof.facts))
    findings.add(check_letter_identities(ledger.letters, identities.letters, complete=complete))


def _find_repeated(identities: Identities) -> Finding:
    differences = [
        Difference(
            "identity",
            f"it is {row.n_rows} times in the lake: {' and '.join(row.paths)}",
            f"{name_partition({'topic_id': row.topic_id, 'kafka_partition': row.kafka_partition})} "
            f"offset {row.kafka_offset}",
            folder_hour(row.paths[0]) if row.paths else None,
            1,
            row.n_rows,
        )
        for row in identities.examples
    ]
    return find("identity", differences, identities.n_repeated)


def _chunk_hours(hours: Sequence[datetime], files: pl.DataFrame) -> Iterator[list[datetime]]:
    n_rows = dict(files.group_by("hour").agg(pl.col("n_rows").sum()).iter_rows())
    chunk: list[datetime] = []
    held = 0
    for hour in hours:
        if chunk and (held + n_rows.get(hour, 0) > _CHUNK_ROWS or len(chunk) == _CHUNK_HOURS):
            yield chunk
            chunk, held = [], 0
        chunk.append(hour)
        held += n_rows.get(hour, 0)
    if chunk:
        yield chunk


def _require_reachable(lake: Lake, gone: pl.DataFrame) -> None:
    waiting = gone.filter(~pl.col("published"))
    if waiting.height:
        path = waiting.item(0, "path")
        message = f"committed lake file {path} is neither staged nor published under {lake.name}"
        raise FileNotReachableError(message, hint="run this on the host that wrote it")


def _sum_hours(totals: pl.DataFrame) -> pl.DataFrame:
    """Return TOTALS of hours; null where a part or the sum is past Int64, which no table could hold."""
    key = (pl.col("timestamp").dt.truncate("1h"), "id", "type")
    value = pl.col("value")
    whole = value.cast(pl.Int128).sum().cast(pl.Int64, strict=False)
    return totals.group_by(key).agg(pl.when(value.is_not_null().all()).then(whole)).select(totals.columns)


def _census_files(lake: Lake, files: pl.DataFrame) -> list[CensusFile]:
    return [
        CensusFile(path, tuple(lake.root / place for place in (path, stage_path) if place is not None))
        for path, stage_path in files.select("path", "stage_path").iter_rows()
    ]


def _join(parts: Sequence[LakeProof]) -> LakeProof:
    return LakeProof(
        pl.concat([pl.DataFrame(schema=FACTS), *(part.facts for part in parts)]),
        [path for part in parts for path in part.gone],
        [path for part in parts for path in part.unsound],
        [hour for part in parts for hour in part.uncompared],
    )
