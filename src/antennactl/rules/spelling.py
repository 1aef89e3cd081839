"""A word that is not known and those that are in, a hint with the nearest of them out."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(word: str, known: Iterable[str]) -> str | None:
    """Return `did you mean X?` with the nearest known word; None when none is near."""
    near = get_close_matches(word, sorted(set(known)), n=1)
    return f"did you mean {near[0]}?" if near else None
