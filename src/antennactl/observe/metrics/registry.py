"""A command's name in, the registry that its metrics are entered in out, with the version of what runs."""

from typing import Final

from prometheus_client import CollectorRegistry, Gauge, disable_created_metrics

from antennactl import __version__

PREFIX: Final = "antennactl_"


def new_registry(command: str) -> CollectorRegistry:
    """Return a registry with `antennactl_build_info` alone.

    It has the command as a label: files of `stream` and `batch` may lie in one folder, and there no series may
    come twice.
    """
    # The time at which a counter began is a series of its own to the text format, under a name nobody asked for.
    disable_created_metrics()  # type: ignore[no-untyped-call]
    registry = CollectorRegistry()
    build = Gauge(
        f"{PREFIX}build_info",
        "Version of antennactl; the value is 1.",
        ["version", "command"],
        registry=registry,
    )
    build.labels(__version__, command).set(1)
    return registry
