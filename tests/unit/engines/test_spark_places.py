"""A file has a name under which Spark's workers find it, and nothing else."""

from pathlib import Path

import pytest

from antennactl.engines.spark.places import as_pattern, bare, in_store, on_disk
from antennactl.errors import UsageError

COPIES = Path("/tmp/copies")  # noqa: S108 - never made


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("s3://bucket", "s3a://bucket/data/hour=1/x.parquet"),
        ("s3://bucket/a/lake/", "s3a://bucket/a/lake/data/hour=1/x.parquet"),
        ("gs://bucket/lake", "gs://bucket/lake/data/hour=1/x.parquet"),
    ],
)
def test_a_copy_leads_to_its_object(url: str, found: str) -> None:
    assert in_store(COPIES, url)(COPIES / "data/hour=1/x.parquet") == found


def test_a_store_that_spark_has_no_name_for_is_refused() -> None:
    with pytest.raises(UsageError, match="az://"):
        in_store(COPIES, "az://container/lake")


def test_a_name_is_no_pattern() -> None:
    location = on_disk(Path("/a [b]/{c}*?.parquet"))
    assert location == "file:///a [b]/{c}*?.parquet"
    assert as_pattern(location) == r"file:///a \[b\]/\{c\}\*\?.parquet"
    assert bare(location) == "/a [b]/{c}*?.parquet"
    assert as_pattern("s3a://bucket/year=2026/part-1.parquet") == "s3a://bucket/year=2026/part-1.parquet"
