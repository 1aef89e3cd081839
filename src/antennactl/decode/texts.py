"""A column of payloads in, the same as texts out."""

import polars as pl
from polars.exceptions import ComputeError

from antennactl.schemas import MAX_PAYLOAD_BYTES


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
