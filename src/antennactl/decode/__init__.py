"""Raw Kafka payloads in, events and rejects out: every message becomes exactly one of the two.

`message` alone decides why a message is rejected. `columns` recognises the plain messages of a whole chunk,
several times cheaper a message, and leaves every other one to `message`. `chunk` puts the two together.
"""

from antennactl.decode.chunk import Decoded, decode_messages
from antennactl.decode.message import Event, Reject, parse_message
from antennactl.decode.reasons import REASONS

__all__ = ["REASONS", "Decoded", "Event", "Reject", "decode_messages", "parse_message"]
