"""Messages that the native library holds: payloads end to end, read as a sequence of bytes."""

import ctypes
import weakref
from array import array
from collections.abc import Sequence
from typing import Any, Final, NamedTuple, overload

import polars as pl

from antennactl.native.arrow import take_series
from antennactl.native.library import load_library

# Views count in 32 bits.
_MOST_VIEWED: Final = 2**31 - 1


class Event(NamedTuple):
    """Not a message: librdkafka's error code, where it came up, and its text."""

    code: int
    partition: int
    offset: int
    text: str


class _Numbers(Sequence[int]):
    """Integers in the memory of some messages, which it keeps."""

    def __init__(self, owner: object, values: Any, n: int) -> None:  # noqa: ANN401 - a pointer of ctypes
        self._owner = owner
        self._values = values
        self._n = n

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> list[int]: ...
    def __getitem__(self, index: int | slice) -> int | list[int]:
        row = range(self._n)[index]
        return [self._values[number] for number in row] if isinstance(row, range) else int(self._values[row])


class Messages(Sequence[bytes | None]):
    """The payloads of some messages (None: a tombstone), with `partitions` and `offsets` that run parallel.

    `places` has these two as columns. The memory is given back with the object.
    """

    def __init__(self, library: ctypes.CDLL, pointer: Any) -> None:  # noqa: ANN401 - a pointer of ctypes
        if not pointer:
            raise MemoryError
        self.pointer = pointer
        self._struct = pointer.contents
        self._n: int = self._struct.n
        self.n_bytes: int = self._struct.n_bytes
        # Not when the process ends: threads that are left then may still be at it.
        weakref.finalize(self, library.antennactl_free, pointer).atexit = False
        self._library = library

    def __len__(self) -> int:
        return self._n

    @overload
    def __getitem__(self, index: int) -> bytes | None: ...
    @overload
    def __getitem__(self, index: slice) -> list[bytes | None]: ...
    def __getitem__(self, index: int | slice) -> bytes | list[bytes | None] | None:
        row = range(self._n)[index]
        if isinstance(row, range):
            return [self[number] for number in row]
        if self._struct.is_null[row]:
            return None
        start = self._struct.ends[row - 1] if row else 0
        return ctypes.string_at(self._struct.bytes + start, self._struct.ends[row] - start)

    @property
    def partitions(self) -> Sequence[int]:
        """The Kafka partition of each message."""
        return _Numbers(self, self._struct.partitions, self._n)

    @property
    def offsets(self) -> Sequence[int]:
        """The Kafka offset of each message."""
        return _Numbers(self, self._struct.offsets, self._n)

    @property
    def places(self) -> pl.DataFrame:
        """The Kafka partition and offset of each message: kafka_partition Int32, kafka_offset Int64."""
        places = take_series(
            lambda array, schema: self._library.antennactl_places(self.pointer, array, schema)
        )
        return places.struct.unnest()

    @property
    def payloads(self) -> pl.Series:
        """The payloads as a column: Binary, null for a tombstone."""
        if self.n_bytes > _MOST_VIEWED:
            return pl.Series(list(self), dtype=pl.Binary)
        return take_series(
            lambda array, schema: self._library.antennactl_payloads(self.pointer, array, schema)
        )

    @property
    def events(self) -> list[Event]:
        """What came with the messages and is none."""
        found = self._struct.events[: self._struct.n_events]
        return [
            Event(item.code, item.partition, item.offset, item.text.decode("utf-8", "replace"))
            for item in found
        ]


def pack_messages(
    payloads: Sequence[bytes | None], partitions: Sequence[int], offsets: Sequence[int]
) -> Messages:
    """Return messages that are in Python as if they had come from a queue. Needs the library."""
    library = load_library()
    if library is None:
        raise ModuleNotFoundError("antennactl_native")
    sizes = array("q", (-1 if payload is None else len(payload) for payload in payloads))
    places = array("i", partitions), array("q", offsets)
    pointers = (values.buffer_info()[0] for values in (sizes, *places))
    joined = b"".join(payload for payload in payloads if payload)
    return Messages(library, library.antennactl_pack(len(payloads), joined, *pointers))
