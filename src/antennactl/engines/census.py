"""Lake files in, what they hold out: rows, bytes, sums by window, identities. A broken one fails no other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import duckdb
import polars as pl

from antennactl.engines.scan import Bring, CensusFile, Source, scan_files
from antennactl.errors import InconsistentError
from antennactl.rules.checks import FACTS, IDENTITY, LETTERS, SEEN
from antennactl.rules.findings import MAX_EXAMPLES
from antennactl.rules.stretches import STRETCHES
from antennactl.schemas import TOTALS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

# Identities looked at together: about 40 bytes each in memory.
_SLICE_ROWS: Final = 4_000_000
# How finely the offsets are looked at to part them into such slices.
_STRETCHES: Final = 4096


@dataclass(frozen=True)
class Repeated:
    """An identity that the lake has more than once, and the first two files that hold it."""

    topic_id: str
    kafka_partition: int
    kafka_offset: int
    n_rows: int
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Identities:
    """How many identities are repeated, the first of them, and SEEN of the dead letters that the lake has."""

    n_repeated: int
    examples: list[Repeated]
    letters: pl.DataFrame


class Census:
    """Counts over lake files, in a session that may read them; a file may move to its place meanwhile."""

    def __init__(self, session: "DuckDBPyConnection", bring: Bring) -> None:
        self._source = Source(session, bring)

    def read_facts(self, files: Sequence[CensusFile]) -> tuple[pl.DataFrame, list[str]]:
        """Return FACTS of the files that can be read, and the paths of those that cannot."""
        if not files:
            return pl.DataFrame(schema=FACTS), []
        try:
            rows = self._scan("census_files", files)
        except duckdb.Error:
            if len(files) == 1:
                return pl.DataFrame(schema=FACTS), [files[0].path]
            # One file is to blame: halve until it stands alone.
            middle = len(files) // 2
            left, right = self.read_facts(files[:middle]), self.read_facts(files[middle:])
            return pl.concat([left[0], right[0]]), left[1] + right[1]
        return _shape(rows, FACTS), []

    def read_totals(self, files: Sequence[CensusFile], window_s: float) -> pl.DataFrame:
        """Return TOTALS of readable files by window; a value is null where it is past Int64.

        Raises InconsistentError when a file cannot be read after all.
        """
        if not files:
            return pl.DataFrame(schema=TOTALS)
        return _shape(self._read("census_totals", files, window_us=round(window_s * 1e6)), TOTALS)

    def read_identities(
        self, files: Sequence[CensusFile], facts: pl.DataFrame, letters: pl.DataFrame
    ) -> Identities:
        """Find the identities that readable `files` (with their FACTS) hold twice, and those of `letters`.

        Exact, in memory that does not grow with the lake: the offsets are taken slice by slice, each from the
        files that have any of it.
        """
        n_repeated = 0
        repeated: list[Repeated] = []
        seen = [pl.DataFrame(schema=SEEN)]
        for first, last, inside in self._slice_offsets(files, facts):
            rows = self._read(
                "census_identities", inside, letters=letters, first=first, last=last, most=MAX_EXAMPLES
            )
            doubles = rows.filter(pl.col("n_repeated").is_not_null())
            if doubles.height:
                n_repeated += doubles.item(0, "n_repeated")
                room = doubles.head(MAX_EXAMPLES - len(repeated))
                repeated.extend(self._find_holders(inside, row) for row in room.iter_rows(named=True))
            found = rows.filter(pl.col("n_repeated").is_null())
            seen.append(_shape(found, SEEN))
        return Identities(n_repeated, repeated, pl.concat(seen))

    def read_runs(self, files: Sequence[CensusFile], facts: pl.DataFrame) -> pl.DataFrame:
        """Return STRETCHES of the offsets that readable `files` (with their FACTS) hold, none of them twice.

        A run that passes from one slice of offsets to the next comes as two that touch.
        """
        runs = [pl.DataFrame(schema=STRETCHES)]
        for first, last, inside in self._slice_offsets(files, facts):
            runs.append(_shape(self._read("census_runs", inside, first=first, last=last), STRETCHES))
        return pl.concat(runs).sort(STRETCHES.names())

    def _slice_offsets(
        self, files: Sequence[CensusFile], facts: pl.DataFrame
    ) -> Iterator[tuple[int, int, list[CensusFile]]]:
        """Yield slices (first, last, the files that may have any of it), of about _SLICE_ROWS rows each."""
        for first, last in self._find_edges(files, facts):
            held = facts.filter((pl.col("min_offset") <= last) & (pl.col("max_offset") >= first))
            holding = set(held["path"])
            yield first, last, [file for file in files if file.path in holding]

    def _find_edges(self, files: Sequence[CensusFile], facts: pl.DataFrame) -> list[tuple[int, int]]:
        if facts.is_empty():
            return []
        low, high = facts.select(pl.col("min_offset").min(), pl.col("max_offset").max()).row(0)
        if facts["n_rows"].sum() <= _SLICE_ROWS:
            return [(low, high)]
        width = -(-(high - low + 1) // _STRETCHES)
        stretches = self._read("census_stretches", files, low=low, width=width)
        edges, held = [low], 0
        for stretch, n_rows in stretches.iter_rows():
            if held and held + n_rows > _SLICE_ROWS:
                edges.append(low + stretch * width)
                held = 0
            held += n_rows
        return [(first, after - 1) for first, after in pairwise([*edges, high + 1])]

    def _find_holders(self, files: Sequence[CensusFile], row: dict[str, Any]) -> Repeated:
        identity = {name: row[name] for name in IDENTITY}
        holders = self._read("census_holders", files, **identity)
        return Repeated(**identity, n_rows=row["n_rows"], paths=tuple(holders["path"]))

    def _read(
        self, name: str, files: Sequence[CensusFile], letters: pl.DataFrame | None = None, **values: object
    ) -> pl.DataFrame:
        try:
            return self._scan(name, files, letters, **values)
        except duckdb.Error as error:
            message = f"the lake cannot be read ({type(error).__name__})"
            raise InconsistentError(message, hint="is another program writing to its data folder?") from error

    def _scan(
        self, name: str, files: Sequence[CensusFile], letters: pl.DataFrame | None = None, **values: object
    ) -> pl.DataFrame:
        known = pl.DataFrame(schema=LETTERS) if letters is None else letters
        return scan_files(self._source, name, files, {"letters": known}, **values)


def _shape(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """Return the columns of `schema`. A cursor has the machine's zone: times are moments, only labelled with it."""
    return rows.select(schema.names()).cast(schema)
