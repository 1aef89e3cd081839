"""The words that say why a message is no event."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

REASONS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "empty": "a tombstone, no bytes, or nothing but white space",
        "too_large": "longer than any message that is decoded",
        "not_avro": "not in the registry's wire format, or shorter, longer or otherwise than its schema says",
        "unknown_schema": "the registry has no Avro schema under the message's id",
        "not_utf8": "not UTF-8 text",
        "too_deep": "arrays and objects nested too deeply",
        "not_json": "not one JSON value; NaN, Infinity and a byte order mark are not JSON either",
        "not_object": "JSON, but not an object",
        "duplicate_key": "one of our fields stands twice",
        "missing_field": "one of our fields is missing or null",
        "wrong_type": "a field is neither the text nor the integer it must be",
        "empty_field": "a text field is empty",
        "bad_text": "a text field holds U+0000 or half a surrogate pair, which PostgreSQL cannot store",
        "field_too_long": "a text field is too long",
        "bytes_out_of_range": "bytes is negative or too large",
        "bad_timestamp": "the timestamp is text, but no ISO 8601 time with Z or an offset (where such is expected)",
        "timestamp_unit": "the timestamp counts another unit than it should: milliseconds, not seconds, or the like",
        "timestamp_out_of_range": "the event time is before 2000 or too far in the future",
        "before_retention": "all is well with it, but its hour is older than the oldest hour kept",
    },
)
"""Reason → what it means, in the order of the checks: the first one that applies is the message's reason.

A field is checked completely before the next one, in the order timestamp, id, antenna_id, bytes, app.
"""

OF_OTHER_LAYOUTS: Final = frozenset({"bad_timestamp", "not_avro", "unknown_schema"})
"""Reasons that no message of the exercise's layout is rejected for."""
