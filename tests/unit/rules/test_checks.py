"""A ledger that agrees with its lake has no differences; whatever is changed in it is found by the right check."""

from dataclasses import dataclass, replace

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from antennactl.rules.checks import (
    FACTS,
    FILES,
    LETTERS,
    OFFSETS,
    PARTITION,
    RANGES,
    SEEN,
    check_chain,
    check_counts,
    check_letter_identities,
    check_letters,
    check_micro_batches,
    check_partitions,
    check_rows,
)
from antennactl.rules.findings import Finding

TOPIC_IDS = ("old", "new")


@dataclass(frozen=True)
class Frames:
    """A ledger's frames and the FACTS of its lake; the dead letters marked as replayed are in the lake, too."""

    offsets: pl.DataFrame
    ranges: pl.DataFrame
    letters: pl.DataFrame
    files: pl.DataFrame
    facts: pl.DataFrame
    seen: pl.DataFrame

    def found(self) -> dict[str, int]:
        """Return the number of differences of each check that finds any."""
        findings: list[Finding] = [
            check_chain(self.offsets, self.ranges),
            check_counts(self.ranges),
            check_micro_batches(self.ranges, self.files),
            check_rows(self.ranges, self.files, self.letters),
            check_partitions(self.ranges, self.letters, self.facts),
            check_letters(self.ranges, self.letters),
            check_letter_identities(self.letters, self.seen, complete=True),
        ]
        counts: dict[str, int] = {}
        for finding in findings:
            assert len(finding.examples) == min(finding.n_differences, 20)
            assert all(example.check == finding.check and example.text for example in finding.examples)
            if finding.n_differences:
                counts[finding.check] = counts.get(finding.check, 0) + finding.n_differences
        return counts


@st.composite
def consistent(draw: st.DrawFn, least: int = 0) -> Frames:
    """Draw micro-batches of some partitions of two topics, some of their rejects replayed later."""
    counts = st.tuples(st.integers(1, 5), st.integers(1, 3), st.integers(0, 2))
    batches = draw(
        st.lists(st.dictionaries(st.integers(0, 2), counts, min_size=1), min_size=least, max_size=5)
    )
    next_offset = {(topic, partition): 7 * partition for topic in TOPIC_IDS for partition in range(3)}
    ranges, letters = [], []
    files: list[tuple[object, ...]] = []
    facts: list[tuple[object, ...]] = []
    for number, parts in enumerate(batches):
        topic = TOPIC_IDS[number % 2]
        batch_id = f"batch-{number}"
        files.append((f"{batch_id}.parquet", sum(events for events, _, _ in parts.values()), batch_id))
        for partition, (events, rejects, skipped) in parts.items():
            first = next_offset[topic, partition]
            end = first + events + rejects + skipped
            next_offset[topic, partition] = end
            ranges.append((topic, partition, first, end, batch_id, events, rejects, skipped))
            letters += [(topic, partition, first + events + n, draw(st.booleans())) for n in range(rejects)]
            facts.append((f"{batch_id}.parquet", topic, partition, events, first, first + events - 1))
    replayed = [letter for letter in letters if letter[3]]
    for topic, partition, offset, _ in replayed:
        path = f"replay-{topic}-{partition}-{offset}.parquet"
        files.append((path, 1, None))
        facts.append((path, topic, partition, 1, offset, offset))
    held = ("path", "topic_id", "kafka_partition", "n_rows", "min_offset", "max_offset")
    return Frames(
        offsets=pl.DataFrame([(*key, end) for key, end in next_offset.items()], OFFSETS, orient="row"),
        ranges=pl.DataFrame(draw(st.permutations(ranges)), RANGES, orient="row"),
        letters=pl.DataFrame(draw(st.permutations(letters)), LETTERS, orient="row"),
        files=_widen(files, ("path", "n_rows", "batch_id"), FILES),
        facts=_widen(facts, held, FACTS),
        seen=pl.DataFrame([(*letter[:3], 1) for letter in replayed], SEEN, orient="row"),
    )


def _widen(rows: list[tuple[object, ...]], names: tuple[str, ...], schema: pl.Schema) -> pl.DataFrame:
    given = pl.DataFrame(rows, {name: schema[name] for name in names}, orient="row")
    others = {name: pl.lit(None, dtype) for name, dtype in schema.items() if name not in names}
    return given.with_columns(**others).select(schema.names())


def changed(rows: pl.DataFrame, column: str, by: int) -> pl.DataFrame:
    """Return the rows with a number of the first one changed."""
    step = pl.when(pl.int_range(pl.len()) == 0).then(by).otherwise(0)
    return rows.with_columns((pl.col(column) + step).cast(rows.schema[column]))


@given(consistent())
def test_what_agrees_has_no_difference_in_any_order(frames: Frames) -> None:
    assert frames.found() == {}


@given(consistent(least=1))
def test_a_range_that_is_gone_is_missed(frames: Frames) -> None:
    gone = frames.ranges.row(0, named=True)
    found = replace(frames, ranges=frames.ranges.slice(1)).found()
    lonely = frames.ranges.filter(
        (pl.col("topic_id") == gone["topic_id"]) & (pl.col("kafka_partition") == gone["kafka_partition"])
    )
    first = gone["first_offset"] == lonely["first_offset"].min()
    assert ("chain" in found) == (not first)
    assert found["rows"] == found["partition"] == 1
    assert found["dead_letter"] == gone["n_rejects"]


@given(consistent(least=1), st.integers(1, 3))
def test_ranges_that_overlap_or_leave_a_hole_break_the_chain(frames: Frames, by: int) -> None:
    for step in (by, -by):
        moved = changed(frames.ranges, "next_offset", step)
        assert replace(frames, ranges=moved).found()["chain"] == 1
        assert replace(frames, ranges=moved).found()["count"] == 1


@given(consistent(least=1), st.sampled_from([-1, 1]))
def test_a_next_offset_that_is_off_breaks_the_chain(frames: Frames, by: int) -> None:
    moved = frames.offsets.with_columns(pl.col("next_offset") + by)
    assert replace(frames, offsets=moved).found() == {"chain": frames.ranges.select(PARTITION).n_unique()}


@given(consistent(least=1))
def test_a_partition_unknown_to_the_offsets_breaks_the_chain(frames: Frames) -> None:
    found = replace(frames, offsets=frames.offsets.clear()).found()
    assert found == {"chain": frames.ranges.select(PARTITION).n_unique()}


@given(
    consistent(least=1), st.sampled_from(["n_events", "n_rejects", "n_skipped"]), st.sampled_from([-9, -1, 2])
)
def test_a_count_that_is_off_is_found(frames: Frames, column: str, by: int) -> None:
    assert replace(frames, ranges=changed(frames.ranges, column, by)).found()["count"] == 1


@given(consistent(least=1))
def test_negative_counts_are_found_though_they_add_up(frames: Frames) -> None:
    less = changed(changed(frames.ranges, "n_skipped", -5), "n_events", 5)
    assert replace(frames, ranges=less).found()["count"] == 1


@given(consistent(least=1))
def test_an_event_called_skipped_is_missed_in_the_lake(frames: Frames) -> None:
    hidden = changed(changed(frames.ranges, "n_events", -1), "n_skipped", 1)
    assert replace(frames, ranges=hidden).found() == {"micro_batch": 1, "rows": 1, "partition": 1}


@given(consistent(least=1))
def test_rows_of_a_file_that_are_off_are_found_by_micro_batch_and_in_all(frames: Frames) -> None:
    assert replace(frames, files=changed(frames.files, "n_rows", 1)).found() == {"micro_batch": 1, "rows": 1}


@given(consistent(least=1))
def test_a_file_that_is_gone_is_found_by_micro_batch_and_in_all(frames: Frames) -> None:
    assert replace(frames, files=frames.files.slice(1)).found() == {"micro_batch": 1, "rows": 1}


@given(consistent(least=1))
def test_compaction_changes_nothing_and_pruned_rows_are_counted(frames: Frames) -> None:
    merged = pl.DataFrame(
        [("merged.parquet", frames.files["n_rows"].sum())], ["path", "n_rows"], orient="row"
    )
    whole = pl.concat(
        [frames.files.with_columns(removed_by=pl.lit("compact")), merged.cast({"n_rows": pl.Int64})],
        how="diagonal",
    )
    assert replace(frames, files=whole).found() == {}
    pruned = pl.when(pl.int_range(pl.len()) == 0).then(pl.lit("prune"))
    assert (
        check_rows(frames.ranges, frames.files.with_columns(removed_by=pruned), frames.letters).examples == ()
    )


@given(consistent(least=1))
def test_a_lost_dead_letter_is_found(frames: Frames) -> None:
    lost = frames.letters.row(0, named=True)
    found = replace(frames, letters=frames.letters.slice(1)).found()
    assert found["dead_letter"] == 1
    assert ("rows" in found) == ("partition" in found) == lost["replayed"]


@given(consistent(least=1), st.sampled_from([-1_000, 1_000]))
def test_a_dead_letter_of_no_range_is_found_with_the_one_that_lacks(frames: Frames, by: int) -> None:
    astray = changed(frames.letters.with_columns(replayed=False), "kafka_offset", by)
    assert check_letters(frames.ranges, astray).n_differences == 2


@given(consistent(least=1))
def test_an_open_dead_letter_in_the_lake_and_a_replayed_one_that_is_not_are_found(frames: Frames) -> None:
    turned = frames.letters.with_columns(replayed=~pl.col("replayed"))
    assert check_letter_identities(turned, frames.seen, complete=True).n_differences == turned.height
    n_open = (~turned["replayed"]).sum()
    assert check_letter_identities(turned, frames.seen, complete=False).n_differences == n_open


@given(consistent(least=1), st.sampled_from([("min_offset", -1_000), ("max_offset", 1_000)]))
def test_rows_outside_of_the_ranges_are_found(frames: Frames, change: tuple[str, int]) -> None:
    assert replace(frames, facts=changed(frames.facts, *change)).found() == {"partition": 1}


@given(consistent(least=1))
def test_rows_of_a_partition_that_was_never_read_are_found(frames: Frames) -> None:
    foreign = frames.facts.head(1).with_columns(kafka_partition=pl.lit(9, pl.Int32))
    assert replace(frames, facts=pl.concat([frames.facts, foreign])).found() == {"partition": 1}


def test_the_first_differences_are_named_and_all_are_counted() -> None:
    rows = [("t", 0, 10 * number, 10 * number + 9, f"b{number}", 9, 0, 1) for number in range(1000)]
    ranges = pl.DataFrame(rows, RANGES, orient="row")
    finding = check_chain(pl.DataFrame([("t", 0, 9999)], OFFSETS, orient="row"), ranges)
    assert finding.n_differences == 999
    assert len(finding.examples) == 20
    assert finding.examples[0].text == "no range has the offsets 9 to 9"
    assert finding.examples[0].where == "t partition 0"
