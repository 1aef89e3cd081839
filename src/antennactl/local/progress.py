"""How far a start has come: (what, done, total) in, one line a step on stderr out."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int, int], None]
"""Called with what is done, how much of it (bytes or steps) and of how many; `done` is 0 at the beginning."""


def print_step(what: str, done: int, total: int) -> None:  # noqa: ARG001 - the signature is Progress
    """Write one line on stderr when a step begins, and nothing while it goes on."""
    if done == 0:
        sys.stderr.write(f"{what}\n")
        sys.stderr.flush()


@contextmanager
def step(progress: Progress, what: str) -> Iterator[None]:
    """Report `what` as 0 of 1 before the block and as 1 of 1 after it, unless the block fails."""
    progress(what, 0, 1)
    yield
    progress(what, 1, 1)
