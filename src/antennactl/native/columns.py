"""Messages that are written alike in, their values as columns out."""

from collections.abc import Sequence
from functools import lru_cache

import polars as pl

from antennactl.native.arrow import take_series
from antennactl.native.library import MOST_VALUES, LayoutStruct, load_library
from antennactl.native.messages import Messages


def cut_values(
    messages: Messages, literals: Sequence[bytes], names: Sequence[str], is_text: Sequence[bool]
) -> pl.DataFrame | None:
    """Return a column a value (String or Int64), and a Boolean `is_exact`; None where the layout is too large.

    Where `is_exact` is true the message is, to the last byte, the literals with these values between them: texts of
    printable ASCII without quotes and backslashes, perhaps empty, and integers of at most 18 digits as JSON writes
    them, never negative. Elsewhere the values are empty and 0. A text's literals end and begin with a quote.
    """
    library = load_library()
    if library is None or len(names) > MOST_VALUES:
        return None
    layout = _make_layout(tuple(literals), tuple(names), tuple(is_text))
    cut = take_series(lambda array, schema: library.antennactl_cut(messages.pointer, layout, array, schema))
    return cut.struct.unnest()


@lru_cache(64)
def _make_layout(
    literals: tuple[bytes, ...], names: tuple[str, ...], is_text: tuple[bool, ...]
) -> LayoutStruct:
    layout = LayoutStruct(n_values=len(names))
    for number, (name, kind) in enumerate(zip(names, is_text, strict=True)):
        layout.names[number] = name.encode()
        layout.is_text[number] = kind
    for number, literal in enumerate(literals):
        layout.literals[number] = literal
        layout.sizes[number] = len(literal)
    return layout
