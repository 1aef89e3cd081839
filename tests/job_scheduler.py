"""Which tests share a job of xdist: those of Spark, of which there is one cluster."""

from typing import Any

from xdist.scheduler import LoadScopeScheduling


class SparkInOneJob(LoadScopeScheduling):  # type: ignore[misc, unused-ignore]
    """Tests one by one, but for those that need the cluster."""

    def _split_scope(self, nodeid: str) -> Any:
        file = nodeid.partition("::")[0]
        return "spark" if file.endswith(("test_batch_spark.py", "test_spark_constructs.py")) else nodeid
