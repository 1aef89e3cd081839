"""Raw Kafka payloads in, events and rejects out: every message becomes exactly one of the two.

A topic's messages are decoded by one Decode. `decode_messages` is that of the exercise's layout: `message` alone
decides why a message is rejected; `columns` recognises the plain messages of a whole chunk, several times cheaper a
message, and leaves every other one to `message`. `mapped` does the same for JSON with other names, paths and units
of time: `mapped_message` and `mapped_columns`; `avro` for Avro. `chunk` puts the two ways together, for all of them.
"""

from antennactl.decode.avro.decoder import AvroDecoder, WriterSchema
from antennactl.decode.chunk import Decode, Decoded, decode_messages
from antennactl.decode.field_map import DEFAULT_FIELDS, FieldMap
from antennactl.decode.mapped import MappedDecoder
from antennactl.decode.message import Event, Reject, parse_message
from antennactl.decode.reasons import REASONS

__all__ = [
    "DEFAULT_FIELDS",
    "REASONS",
    "AvroDecoder",
    "Decode",
    "Decoded",
    "Event",
    "FieldMap",
    "MappedDecoder",
    "Reject",
    "WriterSchema",
    "decode_messages",
    "parse_message",
]
