"""Settings in, the outlets for metrics that were asked for out: claimed before any work, and never the end of it.

prometheus-client is imported here, and only when an outlet was asked for: start-up time counts, and it is an extra.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from typing import TYPE_CHECKING

from antennactl.errors import AntennactlError, UsageError
from antennactl.ledger.connection import Database
from antennactl.ledger.runs import read_newest_violators
from antennactl.observe.output import note, warn
from antennactl.settings import Settings

if TYPE_CHECKING:
    from antennactl.observe.metrics.stream_metrics import StreamMetrics


@contextmanager
def open_stream_metrics(settings: Settings) -> Iterator["StreamMetrics | None"]:
    """Yield the metrics to fill, which can be read from now on; None when no outlet was asked for.

    Raises UsageError when the address is taken, the file cannot be written, or prometheus-client is not there.
    """
    if settings.metrics_addr is None and settings.metrics_file is None:
        yield None
        return
    _require_package("--metrics-file" if settings.metrics_addr is None else "--metrics-addr")
    from antennactl.observe.metrics.outlets import require_writable, serving, write_metrics
    from antennactl.observe.metrics.stream_metrics import StreamMetrics

    metrics = StreamMetrics(settings.topic)
    with ExitStack() as outlets:
        if settings.metrics_file is not None:
            require_writable(settings.metrics_file)
            write_metrics(metrics.registry, settings.metrics_file)
        if settings.metrics_addr is not None:
            url = outlets.enter_context(serving(metrics.registry, settings.metrics_addr))
            note(settings, f"metrics at {url}")
        yield metrics


@contextmanager
def keep_stream_metrics(
    settings: Settings,
    metrics: "StreamMetrics | None",
    positions: Callable[[], Mapping[int, int]],
) -> Iterator[None]:
    """Keep lag and file up to date meanwhile. `positions` tells the next offset to commit of each partition read."""
    if metrics is None:
        yield
        return
    from antennactl.observe.metrics.keeper import Keeper
    from antennactl.sources.cluster import connect_cluster

    # Over a connection of its own: an answer that does not come holds up nobody else.
    ends = connect_cluster(settings).end_offsets
    keeper = Keeper(metrics, settings.metrics_file, positions, ends)
    try:
        yield
    finally:
        keeper.close()


def check_batch_metrics(settings: Settings) -> None:
    """Raise UsageError when --metrics-file could not be written, or prometheus-client is not there."""
    if settings.metrics_file is not None:
        _require_package("--metrics-file")
        from antennactl.observe.metrics.outlets import require_writable

        require_writable(settings.metrics_file)


def write_batch_metrics(settings: Settings, database: Database) -> None:
    """Write what is true after a run that succeeded; a failure is a warning.

    Users over quota are those of the newest hour that has a run, whatever hours this run took: a late hour that is
    taken again does not speak for now.
    """
    if settings.metrics_file is None or settings.dry_run:
        return
    from antennactl.observe.metrics.batch_metrics import batch_registry
    from antennactl.observe.metrics.outlets import write_metrics

    try:
        with database.transaction() as tx:
            n_violators = read_newest_violators(tx)
        write_metrics(batch_registry(time.time(), n_violators), settings.metrics_file)
    except (AntennactlError, OSError) as error:
        warn(f"--metrics-file {settings.metrics_file} was not written: {error}", settings)


def _require_package(flag: str) -> None:
    try:
        is_there = find_spec("prometheus_client") is not None
    except ValueError:
        is_there = False
    if not is_there:
        message = f"{flag} needs the package prometheus-client"
        raise UsageError(message, hint="pip install 'antennactl[metrics]'")
