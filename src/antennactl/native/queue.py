"""A consumer that was made with our plugin in, a queue of its messages out that Python never sees one by one."""

import ctypes
import threading
from array import array
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from antennactl.native.library import load_library
from antennactl.native.messages import Messages


def plugin_property() -> dict[str, str]:
    """Return the librdkafka property by which the library learns of a consumer; nothing where it is not to be had."""
    if load_library() is None:
        return {}
    from antennactl_native import LIBRARY

    return {"plugin.library.paths": str(Path(LIBRARY))}


class MessageQueue:
    """Receives what a consumer fetches of the partitions that were directed to it.

    Callbacks of the group and errors of no partition stay with the consumer, which must be polled as well. Messages of
    an assignment that no longer counts are dropped by librdkafka, as they are from the consumer's own queue. It may be
    closed by another thread than the one that takes; whatever is asked of it after that raises RuntimeError.
    """

    def __init__(self, library: ctypes.CDLL, client: int, consumer: object) -> None:
        self._library = library
        self._client = client
        # The queue must not outlive its client.
        self._consumer = consumer
        self._queue: Any = library.antennactl_queue_new(client)
        self._lock = threading.Lock()
        self._topic = b""
        self._partitions = array("i")

    def direct(self, topic: str, partitions: Iterable[int]) -> None:
        """Have what is fetched of these partitions of the one topic, and no others, come here.

        Call it before they are assigned, and while no others are.
        """
        with self._lock:
            # librdkafka empties the queue of a partition that is gone from the cluster, whatever else comes there.
            self._forward(None)
            self._topic, self._partitions = topic.encode(), array("i", partitions)
            self._forward(self._queue)

    def _forward(self, target: object) -> None:
        if self._queue is None:
            raise RuntimeError("the queue is closed")
        address, n = self._partitions.buffer_info()
        self._library.antennactl_forward(self._client, target, self._topic, address, n)

    def take(self, most: int, timeout_s: float) -> Messages:
        """Return up to `most` messages that came within `timeout_s`. Raises MemoryError; they are lost to us then."""
        with self._lock:
            # The end of an assignment, which comes some time after it was asked for, has taken the direction back.
            self._forward(self._queue)
            pointer = self._library.antennactl_gather(self._queue, most, round(timeout_s * 1000))
        return Messages(self._library, pointer)

    def close(self) -> None:
        """Give the queue back, once nothing is being taken; call it before the consumer is closed."""
        with self._lock:
            queue, self._queue = self._queue, None
            if queue is not None:
                self._library.antennactl_queue_destroy(queue)


def make_queue(consumer: object) -> MessageQueue | None:
    """Return the queue of the consumer that this thread made last, with `plugin_property`; None without it."""
    library = load_library()
    client = library.antennactl_take_client() if library is not None else None
    return MessageQueue(library, client, consumer) if library is not None and client else None
