"""A run of `batch` that succeeded in, its metrics out."""

from prometheus_client import CollectorRegistry, Gauge

from antennactl.observe.metrics.registry import PREFIX, new_registry


def batch_registry(succeeded_at_s: float, n_violators: int | None) -> CollectorRegistry:
    """Return when a run last succeeded, in seconds since 1970, and how many were over quota in the newest hour.

    None: no hour has a run yet.
    """
    registry = new_registry("batch")
    Gauge(
        f"{PREFIX}hourly_last_success_timestamp_seconds",
        "When a run of batch last did all it had to, in seconds since 1970.",
        registry=registry,
    ).set(succeeded_at_s)
    if n_violators is not None:
        Gauge(
            f"{PREFIX}quota_violators",
            "Users over their quota in the newest hour that batch computed.",
            registry=registry,
        ).set(n_violators)
    return registry
