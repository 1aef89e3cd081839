"""Messages that arrived in, CSV lines out: an independent source of truth for what is in the topic."""

from pathlib import Path
from typing import BinaryIO, Final, Self

import polars as pl

from antennactl.errors import StorageUnavailableError, UsageError
from antennactl.simulator.encode import MESSAGES

SENT: Final = pl.Schema([*list(MESSAGES.items())[:-1], ("payload", pl.String)])
"""MESSAGES with the payload of malformed messages in base64, null for valid ones: their fields say it all."""


class SentLog:
    """A CSV file with one line a message, in the order of sending.

    A line is written only after its message arrived: with Kafka, after the broker acknowledged it. So the log
    never names a message that is not in the topic. After a normal end or a stop it names all of them; after a
    kill, or an error with exit code 3, the topic may hold more: those of the last lot, whose outcome nobody
    knows. `kafka_offset` is what the broker reported; partition and offset are empty where there is no
    broker.
    """

    def __init__(self, path: Path | None) -> None:
        """Begin the log at `path`, over what was there; None keeps no log. Raises UsageError."""
        self._file: BinaryIO | None = None
        if path is None:
            return
        try:
            self._file = path.open("wb")
        except OSError as error:
            message = f"cannot write the log of sent messages {path}: {error.strerror}"
            raise UsageError(message) from error
        self._file.write((",".join(SENT.names()) + "\n").encode())

    def __enter__(self) -> Self:
        """Return the log."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()

    def append(self, messages: pl.DataFrame) -> None:
        """Append `messages` (schema MESSAGES) and hand them to the system. Raises StorageUnavailableError."""
        if self._file is None or messages.is_empty():
            return
        payload = pl.when(pl.col("fault").is_not_null()).then(pl.col("payload").bin.encode("base64"))
        try:
            messages.with_columns(payload.alias("payload")).write_csv(self._file, include_header=False)
            self._file.flush()
        except OSError as error:
            message = f"cannot write the log of sent messages: {error.strerror}"
            raise StorageUnavailableError(message) from error


def read_sent(path: Path) -> pl.DataFrame:
    """Return a log as a frame of schema SENT."""
    return pl.read_csv(path, schema=SENT)
