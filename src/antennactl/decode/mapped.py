"""Chunks of JSON in another layout than the exercise's in, events and rejects out."""

from collections.abc import Sequence

from antennactl.decode.chunk import Decoded, place, settle
from antennactl.decode.field_map import FieldMap
from antennactl.decode.mapped_columns import MappedColumns
from antennactl.decode.mapped_message import parse_mapped
from antennactl.schemas import MIN_TIMESTAMP_S


class MappedDecoder:
    """Decodes messages whose fields stand where a field map says."""

    def __init__(self, fields: FieldMap) -> None:
        self._fields = fields
        self._columns = MappedColumns(fields)

    def decode(
        self,
        payloads: Sequence[bytes | None],
        partitions: Sequence[int],
        offsets: Sequence[int],
        now_s: int,
        floor_s: int = MIN_TIMESTAMP_S,
    ) -> Decoded:
        """Turn every message into exactly one event or one reject: a Decode."""
        parsed = self._columns.parse(payloads, now_s, floor_s)
        return settle(
            place(parsed, payloads, partitions, offsets),
            payloads,
            lambda row: parse_mapped(payloads[row], self._fields, now_s, floor_s),
            us_per_unit=1,
        )
