"""A column of payloads in, the same as texts out."""

from collections.abc import Sequence

import polars as pl
from polars.exceptions import ComputeError

from antennactl.native import Messages
from antennactl.schemas import MAX_PAYLOAD_BYTES


def collect_payloads(payloads: Sequence[bytes | None]) -> pl.Series:
    """Return the payloads of a chunk as a column."""
    return payloads.payloads if isinstance(payloads, Messages) else pl.Series(payloads, dtype=pl.Binary)


def cast_to_texts(payloads: pl.Series) -> pl.Series:
    """Return the payloads as text, null where one is not UTF-8 or too large."""
    if (payloads.bin.size() > MAX_PAYLOAD_BYTES).any():
        payloads = payloads.set(payloads.bin.size() > MAX_PAYLOAD_BYTES, None)
    try:
        return payloads.cast(pl.String)
    except ComputeError:  # one payload that is not UTF-8 fails the whole cast, strict or not
        texts = [payload if _is_utf8(payload) else None for payload in payloads.to_list()]
        return pl.Series(payloads.name, texts, dtype=pl.Binary).cast(pl.String)


def _is_utf8(payload: bytes | None) -> bool:
    if payload is None or payload.isascii():
        return True
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
