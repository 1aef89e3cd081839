"""Messages in, the ones that arrived out: what every sink promises, and the sink that writes lines."""

import sys
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

import polars as pl

from antennactl.errors import AntennactlError, StorageUnavailableError, UsageError


@dataclass(frozen=True)
class Delivery:
    """The messages that surely arrived (schema MESSAGES), and why others may not have."""

    arrived: pl.DataFrame
    error: AntennactlError | None = None


class Sink(Protocol):
    """Where messages go."""

    @property
    def n_partitions(self) -> int | None:
        """Partitions to choose from, None where there are none."""

    def send(self, messages: pl.DataFrame) -> Delivery:
        """Send `messages` and wait until all have arrived or failed."""

    def close(self) -> None:
        """Give everything back; drops what was not sent."""


class LinesSink:
    """Writes one message a line to a file, from its beginning, or to stdout (`-`).

    The payloads must hold no newline and no tombstone. A reader of stdout that goes away raises
    BrokenPipeError.
    """

    n_partitions = None

    def __init__(self, out: str) -> None:
        """Open `out`. Raises UsageError."""
        self._file: AbstractContextManager[BinaryIO]
        if out == "-":
            self._file = nullcontext(sys.stdout.buffer)
        else:
            try:
                self._file = Path(out).open("wb")  # noqa: SIM115 - closed by close()
            except OSError as error:
                message = f"cannot write to {out}: {error.strerror}"
                raise UsageError(message) from error
        self._out = self._file.__enter__()

    def send(self, messages: pl.DataFrame) -> Delivery:
        """Write `messages`; all have left this process on return."""
        try:
            self._out.write(b"\n".join([*messages["payload"].to_list(), b""]))
            self._out.flush()
        except BrokenPipeError:
            raise
        except OSError as error:
            message = f"cannot write the messages: {error.strerror}"
            return Delivery(messages.clear(), StorageUnavailableError(message))
        return Delivery(messages)

    def close(self) -> None:
        """Close the file; leaves stdout open."""
        self._file.__exit__(None, None, None)
