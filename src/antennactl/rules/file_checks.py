"""Facts of lake files in, findings out: what the disk holds against what the ledger says it must."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import polars as pl

from antennactl.rules.findings import Difference, Finding, find, find_rows

_HOUR: Final = timedelta(hours=1)


def check_digests(files: pl.DataFrame, digests: Mapping[str, str | None]) -> list[Finding]:
    """Every live file is there (its digest is no None) and has the sha256 of the ledger.

    `digests` has every path of `files` (FILES).
    """
    missing, changed = [], []
    for row in files.iter_rows(named=True):
        digest = digests[row["path"]]
        if digest is None:
            text = "the ledger has it, the lake does not"
            missing.append(Difference("missing", text, row["path"], row["hour"], "a file", "none"))
        elif digest != row["sha256"]:
            text = "its content is not what was committed: changed, cut short or replaced"
            wrong = Difference("sha256", text, row["path"], row["hour"], row["sha256"], digest)
            changed.append(wrong)
    return [find("missing", missing), find("sha256", changed)]


def check_unreadable(files: pl.DataFrame, unreadable: Sequence[str]) -> Finding:
    """No file with the committed bytes failed to be read."""
    wrong = files.filter(pl.col("path").is_in(list(unreadable)))

    def describe(row: dict[str, Any]) -> Difference:
        text = "it has the committed bytes, but they are no sound Parquet file"
        return Difference("unreadable", text, row["path"], row["hour"])

    return find_rows("unreadable", wrong, describe)


def check_contents(files: pl.DataFrame, facts: pl.DataFrame) -> list[Finding]:
    """Rows and bytes of each file that was read are the ledger's, and every row lies in the file's hour."""
    found = facts.group_by("path").agg(
        found_rows=pl.col("n_rows").sum(),
        # A sum past Int64 came as null, which is no sum of the ledger's.
        found_bytes=pl.when(pl.col("sum_bytes").is_not_null().all()).then(pl.col("sum_bytes").sum()),
        min_time=pl.col("min_time").min(),
        max_time=pl.col("max_time").max(),
    )
    # A file without a row is in no group: it holds nothing.
    held = files.join(found, on="path", how="left").with_columns(
        found_bytes=pl.when(pl.col("found_rows").is_null()).then(0).otherwise("found_bytes"),
        found_rows=pl.col("found_rows").fill_null(0),
    )
    rows = held.filter(pl.col("found_rows") != pl.col("n_rows"))
    amounts = held.filter(pl.col("found_bytes").ne_missing(pl.col("sum_bytes")))
    after = pl.col("hour") + _HOUR
    strays = held.filter((pl.col("min_time") < pl.col("hour")) | (pl.col("max_time") >= after))
    return [
        find_rows("file_rows", rows, _compare("file_rows", "rows", "n_rows", "found_rows")),
        find_rows("file_bytes", amounts, _compare("file_bytes", "bytes", "sum_bytes", "found_bytes")),
        find_rows("file_hour", strays, _describe_strays),
    ]


def check_folders(files: pl.DataFrame, folder_hours: Mapping[str, datetime | None]) -> Finding:
    """Each live file's folder is that of its hour: a reader that prunes by folder finds its rows."""

    def describe(row: dict[str, Any]) -> Difference:
        text = "its folder is not that of its hour"
        return Difference("file_hour", text, row["path"], row["hour"])

    astray = [path for path, hour in files.select("path", "hour").iter_rows() if folder_hours[path] != hour]
    return find_rows("file_hour", files.filter(pl.col("path").is_in(astray)), describe)


def check_unknown(unknown: Mapping[str, str | None], hours: Mapping[str, datetime | None]) -> Finding:
    """No file lies in the lake that is not a live file of the ledger.

    `unknown` is path → why it was removed from the ledger (None: it never was there); `hours` by its folder.
    """
    differences = [
        Difference(
            "unknown",
            "the ledger does not know it"
            if removed_by is None
            else f"the ledger removed it ({removed_by}), but its rows are still read",
            path,
            hours[path],
            "none",
            "a file",
        )
        for path, removed_by in sorted(unknown.items())
    ]
    return find("unknown", differences)


def _compare(check: str, unit: str, expected: str, found: str) -> Callable[[dict[str, Any]], Difference]:
    def describe(row: dict[str, Any]) -> Difference:
        shown = "more than can be added up" if row[found] is None else row[found]
        text = f"it holds {shown} {unit}, the ledger says {row[expected]}"
        return Difference(check, text, row["path"], row["hour"], row[expected], row[found])

    return describe


def _describe_strays(row: dict[str, Any]) -> Difference:
    times = f"{row['min_time']:%Y-%m-%dT%H:%M:%SZ} to {row['max_time']:%Y-%m-%dT%H:%M:%SZ}"
    text = f"it has rows of {times}, outside of its hour"
    return Difference("file_hour", text, row["path"], row["hour"])
