"""A chunk of messages that are written alike in, the fields of those that really are out, as columns.

Producers write one message like the other: the same keys in the same order with the same spacing. What stands around
the values is learned from two messages of the chunk. The values are then cut out between the quotes, and a row
counts only if the message written anew from its values equals the payload: that is the proof, not the cutting.
"""

import re
from collections.abc import Mapping, Sequence
from string import Formatter
from typing import Final, NamedTuple, Self

import polars as pl
from polars.exceptions import PolarsError

from antennactl.native import Messages, cut_values
from antennactl.schemas import MAX_PAYLOAD_BYTES, MAX_TEXT_BYTES

# All control characters but the newline between two payloads become U+0000, which is quickly found.
_CONTROLS: Final = bytes(0 if byte < 0x20 and byte != 0x0A else byte for byte in range(256))  # noqa: PLR2004 - ASCII
# A producer's message has some twenty, and a chunk a few MB: what is far beyond takes the way that needs less memory.
_MOST_PIECES: Final = 100
_MOST_BYTES: Final = 16 * 1024 * 1024
# What stands around values that are no more than legal leaves room for five of them.
_MOST_AROUND: Final = MAX_PAYLOAD_BYTES - 5 * MAX_TEXT_BYTES
_MARGINS: Final = re.compile(r"( *: *)(?:0|[1-9][0-9]{0,17})( *[,}] *)")


class _Value(NamedTuple):
    """A field whose value stands in a piece between quotes, after and before so many characters of it."""

    name: str
    piece: int
    before: int = 0
    after: int = 0


class Layout(NamedTuple):
    """How a message is written: its values in their order, and all of it with a pair of braces for each of them."""

    values: tuple[_Value, ...]
    template: str
    n_pieces: int

    @classmethod
    def learn(cls, message: str, names: frozenset[str]) -> Self | None:
        """Return the layout of a message in which each of `names` stands once; None where it cannot be told.

        Nothing says that it is JSON: judge what the layout writes.
        """
        pieces = message.split('"', _MOST_PIECES)
        if len(pieces) > _MOST_PIECES:
            return None
        written = [piece.replace("{", "{{").replace("}", "}}") for piece in pieces]
        values = []
        for key in range(1, len(pieces) - 1, 2):
            value = _find_value(pieces, key) if pieces[key] in names else None
            if value is not None:
                piece = pieces[value.piece]
                margins = piece[: value.before], piece[len(piece) - value.after :]
                written[value.piece] = "{}".join(margin.replace("}", "}}") for margin in margins)
                values.append(value)
        is_whole = sorted(value.name for value in values) == sorted(names)
        return cls(tuple(values), '"'.join(written), len(pieces)) if is_whole else None

    @property
    def literals(self) -> list[bytes]:
        """What stands before each value and after the last."""
        literals = [""]
        for text, field, *_ in Formatter().parse(self.template):
            literals[-1] += text
            if field is not None:
                literals.append("")
        return [literal.encode() for literal in literals]

    def write(self, fields: Mapping[str, object]) -> str:
        """Return the message with these values."""
        return self.template.format(*(fields[value.name] for value in self.values))


def _find_value(pieces: list[str], key: int) -> _Value | None:
    """Return the value that follows the name at `key`; None of a text that only looks like a name."""
    if not pieces[key + 1].strip(" :"):
        is_text = ":" in pieces[key + 1] and key + 2 < len(pieces)
        return _Value(pieces[key], key + 2) if is_text else None
    margins = _MARGINS.fullmatch(pieces[key + 1])
    return _Value(pieces[key], key + 1, len(margins[1]), len(margins[2])) if margins else None


def learn_layout(first: str | None, second: str | None, names: frozenset[str]) -> Layout | None:
    """Return the layout that two messages of a chunk, far from each other, have in common."""
    if first is None or second is None:
        return None
    layout = Layout.learn(first, names)
    return layout if layout is not None and layout == Layout.learn(second, names) else None


def cut_fields(
    payloads: Sequence[bytes | None], texts: pl.Series, layout: Layout, fields: pl.Schema
) -> pl.DataFrame | None:
    """Return `fields` of every row and a Boolean `is_exact`; None when the chunk has what cannot be cut row by row.

    `texts` are the payloads that are UTF-8, null in the place of others. Where `is_exact` is true the row is `layout`
    with these values: texts without quotes, escapes and control characters, perhaps empty, and integers as JSON writes
    them, perhaps negative. Elsewhere nothing is known.
    """
    # What is written anew is as long as the two messages that the layout is from, however short the others are.
    if max(texts.str.len_bytes().sum() or 0, len(layout.template) * len(texts)) > _MOST_BYTES:
        return None
    kept = [payload or b"" for payload in payloads]
    if texts.has_nulls():
        kept = [
            payload if is_text else b"" for payload, is_text in zip(kept, texts.is_not_null(), strict=True)
        ]
    # The newline after the last one: without it an empty last line would be none.
    joined = b"\n".join([*kept, b""])
    if b"\x00" in joined.translate(_CONTROLS):
        return None
    schema = {str(number): pl.String for number in range(layout.n_pieces)}
    try:
        pieces = pl.read_csv(
            joined,
            has_header=False,
            separator='"',
            quote_char=None,
            empty_string_is_null=False,
            schema=schema,
            columns=[value.piece for value in layout.values],
        )
    except PolarsError:
        return None
    if pieces.height != len(texts):
        return None
    cuts = {value.name: _cut(value, fields[value.name]) for value in layout.values}
    cut = pieces.select(cuts[name] for name in fields)
    written = pl.format(layout.template, *(value.name for value in layout.values))
    is_exact = (written == texts) & ~pl.lit(texts).str.contains("\\", literal=True)
    return cut.with_columns(is_exact=is_exact.fill_null(value=False))


def cut_messages(messages: Messages, layout: Layout, fields: pl.Schema) -> pl.DataFrame | None:
    """Return what `cut_fields` does, of messages that the native library holds; here no value is negative.

    Rows that are not exact hold no value, and texts beyond ASCII are not exact.
    """
    literals = layout.literals
    # Nothing below looks at a message's size: where legal values could make one too large, each is looked at.
    if messages.n_bytes > _MOST_BYTES or sum(map(len, literals)) > _MOST_AROUND:
        return None
    names = [value.name for value in layout.values]
    cut = cut_values(messages, literals, names, [fields[name] == pl.String for name in names])
    return None if cut is None else cut.select(*fields, "is_exact")


def _cut(value: _Value, dtype: pl.DataType) -> pl.Expr:
    piece = pl.col(str(value.piece))
    if dtype != pl.String:
        piece = piece.str.slice(value.before).str.head(-value.after).cast(dtype, strict=False)
    return piece.alias(value.name)
