"""A chunk of payloads in, the fields of its plain messages out, as columns; every other message is left open.

Plain is a flat object whose five fields are unescaped text and short integers. A regular expression that
matches no other text guards each row, because `str.json_decode` alone reads `1.9` as 1, keeps the first of
two equal keys and takes `{…},{…}` for two rows. The guard demands exactly five members that bear names of
ours: when all five columns come out filled, each name stood there once.

Most messages of a chunk are written like its first one but for their values: `layout` takes those, at half the cost.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import polars as pl
from polars.exceptions import PolarsError

from antennactl.decode.layout import Layout, cut_fields, cut_messages, learn_layout
from antennactl.decode.message import Event, parse_message
from antennactl.decode.texts import cast_to_texts
from antennactl.native import Messages
from antennactl.schemas import MAX_BYTES, MAX_FUTURE_S, MAX_TEXT_BYTES, MIN_TIMESTAMP_S

FIELDS: Final = pl.Schema(
    {"timestamp": pl.Int64, "id": pl.String, "antenna_id": pl.String, "bytes": pl.Int64, "app": pl.String},
)
"""The fields as they stand in a message, in the order of EVENTS: the event time in epoch seconds."""

_NAMES: Final = frozenset(FIELDS)
_TEXTS: Final = tuple(name for name, dtype in FIELDS.items() if dtype == pl.String)
_INTEGERS: Final = tuple(name for name, dtype in FIELDS.items() if dtype == pl.Int64)

# No field is equal in both: one that always stands in the message, whatever the layout writes, shows up in the other.
_SAMPLES: Final = (
    Event(timestamp_s=MIN_TIMESTAMP_S, id="i", antenna_id="n", bytes=1, app="p"),
    Event(timestamp_s=MIN_TIMESTAMP_S + 1, id="I", antenna_id="N", bytes=2, app="P"),
)


def parse_columns(
    payloads: Sequence[bytes | None], now_s: int, floor_s: int = MIN_TIMESTAMP_S
) -> pl.DataFrame:
    """Parse payloads, row for row, into the columns of FIELDS and a Boolean `is_event`.

    Where `is_event` is true, `parse_message` accepts the payload with the same values. Where it is false,
    nothing is decided and the fields mean nothing. Never raises on any bytes.
    """
    fields = _parse_messages(payloads) if isinstance(payloads, Messages) else None
    if fields is None:
        fields = _parse_payloads(payloads.payloads.to_list() if isinstance(payloads, Messages) else payloads)
    return fields.with_columns(is_event=_is_event(now_s, floor_s).fill_null(value=False))


def _parse_messages(messages: Messages) -> pl.DataFrame | None:
    """Return FIELDS of messages that the native library holds, when most are written alike; None otherwise."""
    first, second = (_read_text(messages, row) for row in (0, len(messages) // 2))
    layout = learn_layout(first, second, _NAMES)
    if layout is None or not _is_sound(layout):
        return None
    fields = cut_messages(messages, layout, FIELDS)
    if fields is None:
        return None
    is_exact = fields.drop_in_place("is_exact")
    if is_exact.all():
        return fields
    rest = _parse_payloads(messages.payloads.filter(~is_exact).to_list())
    return _merge(fields, rest, is_exact)


def _read_text(messages: Messages, row: int) -> str | None:
    payload = messages[row] if row < len(messages) else None
    try:
        return None if payload is None else payload.decode()
    except UnicodeDecodeError:
        return None


def _parse_payloads(payloads: Sequence[bytes | None]) -> pl.DataFrame:
    texts = cast_to_texts(pl.Series(payloads, dtype=pl.Binary))
    fields = _parse_alike(payloads, texts)
    return _parse_guarded(texts) if fields is None else fields


def _parse_alike(payloads: Sequence[bytes | None], texts: pl.Series) -> pl.DataFrame | None:
    """Return FIELDS of a chunk whose messages are mostly written alike; None of any other."""
    if texts.is_empty():
        return None
    layout = learn_layout(texts[0], texts[len(texts) // 2], _NAMES)
    if layout is None or not _is_sound(layout):
        return None
    fields = cut_fields(payloads, texts, layout, FIELDS)
    if fields is None:
        return None
    is_exact = fields.drop_in_place("is_exact")
    if is_exact.all():
        return fields
    return _merge(fields, _parse_guarded(texts.filter(~is_exact)), is_exact)


def _merge(fields: pl.DataFrame, rest: pl.DataFrame, is_exact: pl.Series) -> pl.DataFrame:
    """Return the rows of `fields` where they are exact, and in the place of the others those of `rest`."""
    rows = pl.concat([is_exact.arg_true(), (~is_exact).arg_true()])
    return pl.concat([fields.filter(is_exact), rest])[rows.arg_sort()]


@lru_cache(64)
def _is_sound(layout: Layout) -> bool:
    """Return whether what the layout writes is a message with just these values: so are all that differ in them."""
    return all(_is_written(layout, sample) for sample in _SAMPLES)


def _is_written(layout: Layout, sample: Event) -> bool:
    message = layout.write(dict(zip(FIELDS, sample, strict=True)))
    return parse_message(message.encode("utf-8", "replace"), MIN_TIMESTAMP_S) == sample


def _parse_guarded(texts: pl.Series) -> pl.DataFrame:
    """Return FIELDS of the plain messages, nulls for every other."""
    plain = pl.DataFrame({"text": texts}).select(
        text=pl.when(pl.col("text").str.contains(_PLAIN_MESSAGE)).then("text")
    )
    try:
        return plain.with_columns(pl.col("text").str.json_decode(pl.Struct(FIELDS))).unnest("text")
    except PolarsError:  # the guard and json_decode disagree: one message must not stop its chunk
        return FIELDS.to_frame().clear(len(texts))


def _is_event(now_s: int, floor_s: int) -> pl.Expr:
    return pl.all_horizontal(
        *(pl.col(name).str.len_bytes().is_between(1, MAX_TEXT_BYTES) for name in _TEXTS),
        pl.col("bytes").is_between(0, MAX_BYTES),
        pl.col("timestamp").is_between(max(MIN_TIMESTAMP_S, floor_s), now_s + MAX_FUTURE_S),
    )


def _write_guard() -> str:
    """Write the expression that matches plain messages only: any order, any spacing, unknown scalars allowed.

    Numbers have 18 digits at most, so that Int64 holds them. No captures and no look-around: one pass a row.
    """
    space = r"[ \t\r\n]*"
    character = r'[^"\\\x00-\x1f]'
    integer = "(?:0|[1-9][0-9]{0,17})"
    unknown = rf'(?:"{character}*"|-?{integer}(?:\.[0-9]{{1,17}})?|true|false|null)'
    colon, comma = f"{space}:{space}", f"{space},{space}"
    ours = rf'(?:"(?:{"|".join(_INTEGERS)})"{colon}{integer}|"(?:{"|".join(_TEXTS)})"{colon}"{character}+")'
    other = rf'"{_match_other_names(tuple(FIELDS), character)}"{colon}{unknown}'
    others_after = f"(?:{comma}{other})*"
    members = rf"(?:{other}{comma})*{ours}{others_after}(?:{comma}{ours}{others_after}){{{len(FIELDS) - 1}}}"
    return rf"^{space}\{{{space}{members}{space}\}}{space}$"


def _match_other_names(names: tuple[str, ...], character: str) -> str:
    """Write the expression of every text of `character` that is none of `names`, without look-around."""
    firsts = sorted({name[0] for name in names if name})
    choices = [f"{character[:-1]}{''.join(firsts)}]{character}*"]
    for first in firsts:
        rests = tuple(name[1:] for name in names if name.startswith(first))
        choices.append(first + _match_other_names(rests, character))
    if "" not in names:
        choices.append("")
    return f"(?:{'|'.join(choices)})"


_PLAIN_MESSAGE: Final = _write_guard()
