"""What a connection to PostgreSQL is at, for somebody who watches from another thread: a call cannot watch itself."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a transaction, an object of its own each time: who sees the same one again knows that it stands.

    `what` names the statement or what else was asked for; `is_asked`: the answer is still to come, else it came and
    the next step is not taken yet.
    """

    what: str
    is_asked: bool


class Steps:
    """The step of now, None outside of transactions. Written by the connection's thread, read by any other."""

    def __init__(self) -> None:
        self.now: Step | None = None

    @contextlib.contextmanager
    def asking(self, what: str) -> Iterator[None]:
        """Say for the length of the block that an answer to `what` is awaited."""
        self.now = Step(what, is_asked=True)
        try:
            yield
        finally:
            self.now = Step(what, is_asked=False)

    def end(self) -> None:
        """Say that nothing is under way."""
        self.now = None
