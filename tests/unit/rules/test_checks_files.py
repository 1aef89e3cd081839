"""A file that is what the ledger says has no differences; each fact that is off is found by its own check."""

from datetime import UTC, datetime, timedelta

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from antennactl.rules.checks import FACTS, FILES
from antennactl.rules.file_checks import (
    check_contents,
    check_digests,
    check_folders,
    check_unknown,
    check_unreadable,
)
from antennactl.rules.findings import CHECKS, MAX_EXAMPLES, Difference, Finding, Findings, find

HOUR = datetime(2025, 10, 26, 1, tzinfo=UTC)


def files(count: int = 3) -> pl.DataFrame:
    """Return FILES, each with 5 rows of 1 byte."""
    rows = [(f"{n}.parquet", None, HOUR, 5, 5, f"digest-{n}", None, True, None) for n in range(count)]
    return pl.DataFrame(rows, FILES, orient="row")


def facts(count: int = 3) -> pl.DataFrame:
    """Return FACTS of them: 2 rows of one partition, 3 of another, up to the last microsecond of the hour."""
    last = HOUR + timedelta(hours=1, microseconds=-1)
    rows = [
        (f"{n}.parquet", "t", partition, n_rows, n_rows, HOUR, last, 0, 9)
        for n in range(count)
        for partition, n_rows in ((0, 2), (1, 3))
    ]
    return pl.DataFrame(rows, FACTS, orient="row")


def counted(findings: list[Finding]) -> dict[str, int]:
    return {finding.check: finding.n_differences for finding in findings if finding.n_differences}


def test_files_that_are_what_the_ledger_says_have_no_difference() -> None:
    digests: dict[str, str | None] = {f"{n}.parquet": f"digest-{n}" for n in range(3)}
    assert counted(check_digests(files(), digests)) == {}
    assert counted(check_contents(files(), facts())) == {}
    assert check_unreadable(files(), []).n_differences == 0
    assert check_folders(files(), {f"{n}.parquet": HOUR for n in range(3)}).n_differences == 0
    assert check_unknown({}, {}).n_differences == 0


def test_missing_and_changed_files_are_told_apart() -> None:
    findings = check_digests(files(), {"0.parquet": None, "1.parquet": "x", "2.parquet": "digest-2"})
    assert counted(findings) == {"missing": 1, "sha256": 1}
    assert [example.where for finding in findings for example in finding.examples] == [
        "0.parquet",
        "1.parquet",
    ]


@given(
    st.sampled_from([("n_rows", "file_rows"), ("sum_bytes", "file_bytes")]),
    st.integers(-5, 5),
    st.integers(0, 5),
)
def test_rows_and_bytes_that_are_off_are_found(change: tuple[str, str], by: int, position: int) -> None:
    column, check = change
    step = pl.when(pl.int_range(pl.len()) == position).then(by).otherwise(0)
    off = facts().with_columns((pl.col(column) + step).cast(pl.Int64))
    assert counted(check_contents(files(), off)) == ({check: 1} if by else {})


def test_a_sum_that_no_table_could_hold_is_a_difference() -> None:
    huge = facts(1).with_columns(sum_bytes=pl.lit(None, pl.Int64))
    assert counted(check_contents(files(1), huge)) == {"file_bytes": 1}


def test_a_file_without_rows_holds_nothing() -> None:
    assert counted(check_contents(files(1), facts(0))) == {"file_rows": 1, "file_bytes": 1}
    empty = files(1).with_columns(n_rows=pl.lit(0, pl.Int64), sum_bytes=pl.lit(0, pl.Int64))
    assert counted(check_contents(empty, facts(0))) == {}


def test_rows_before_and_after_the_hour_are_found() -> None:
    early = facts(1).with_columns(min_time=HOUR - timedelta(microseconds=1))
    late = facts(1).with_columns(max_time=HOUR + timedelta(hours=1))
    for astray in (early, late):
        assert counted(check_contents(files(1), astray)) == {"file_hour": 1}


def test_a_folder_of_another_hour_or_of_none_is_found() -> None:
    folders = {"0.parquet": HOUR, "1.parquet": HOUR + timedelta(hours=1), "2.parquet": None}
    assert check_folders(files(), folders).n_differences == 2


def test_strangers_are_named_in_order_and_why() -> None:
    finding = check_unknown({"b": "compact", "a": None}, {"a": None, "b": HOUR})
    assert [(example.where, example.hour) for example in finding.examples] == [("a", None), ("b", HOUR)]
    assert "compact" in finding.examples[1].text


@given(st.lists(st.tuples(st.sampled_from(sorted(CHECKS)), st.integers(0, 50)), max_size=20))
def test_an_account_counts_all_and_names_the_first_of_each_check(parts: list[tuple[str, int]]) -> None:
    findings = Findings()
    for check, count in parts:
        findings.add(find(check, [Difference(check, str(number)) for number in range(count)]))
    expected: dict[str, int] = {}
    for check, count in parts:
        expected[check] = expected.get(check, 0) + count
    assert findings.counts == {check: count for check, count in expected.items() if count}
    assert findings.n_differences == sum(expected.values())
    named = [example.check for example in findings.examples]
    assert named == [check for check in CHECKS for _ in range(min(expected.get(check, 0), MAX_EXAMPLES))]
