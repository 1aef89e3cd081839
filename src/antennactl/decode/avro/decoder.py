"""Chunks of Avro messages in, events and rejects out; the schemas that they name are asked for, each once."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import polars as pl

from antennactl.decode.avro.columns import parse_columns
from antennactl.decode.avro.message import HEADER, AvroMessages, read_schema_id
from antennactl.decode.avro.plan import Plan, make_plan
from antennactl.decode.avro.schema import SchemaError, Type, parse_schema
from antennactl.decode.checks import Reject
from antennactl.decode.chunk import Decoded, place, settle
from antennactl.decode.field_map import FieldMap
from antennactl.decode.mapped_columns import READINGS, is_event
from antennactl.decode.mapped_message import Reading
from antennactl.decode.texts import collect_payloads
from antennactl.schemas import MAX_PAYLOAD_BYTES, MIN_TIMESTAMP_S


class WriterSchema(NamedTuple):
    """What a registry has under an id: the text of the schema, and those of the schemas that it refers to."""

    text: str
    references: tuple[str, ...] = ()


FindSchema = Callable[[int], WriterSchema | str]
"""The id of a schema → the schema, or in words why there is none. It may raise where nobody can tell."""


class _Known(NamedTuple):
    schema: Type
    plan: Plan | None


class AvroDecoder:
    """Decodes messages that begin with the id of their schema."""

    def __init__(self, fields: FieldMap, find_schema: FindSchema) -> None:
        self._fields = fields
        self._messages = AvroMessages(fields)
        self._find_schema = find_schema
        self._known: dict[int, _Known | Reject] = {}

    def decode(
        self,
        payloads: Sequence[bytes | None],
        partitions: Sequence[int],
        offsets: Sequence[int],
        now_s: int,
        floor_s: int = MIN_TIMESTAMP_S,
    ) -> Decoded:
        """Turn every message into exactly one event or one reject: a Decode.

        Raises what the search for a schema raises; nothing has become of any message then.
        """
        framed = _read_ids(payloads)
        schemas = {number: self._find(number) for number in framed["schema"].unique().drop_nulls().sort()}
        parsed = self._parse(framed, schemas, now_s, floor_s)

        def judge(row: int) -> Reading | Reject:
            payload = payloads[row]
            number = read_schema_id(payload)
            if isinstance(number, Reject):
                return number
            found = schemas[number]
            if isinstance(found, Reject):
                return found
            assert payload is not None  # noqa: S101 - it has an id
            return self._messages.parse(payload, found.schema, now_s, floor_s)

        return settle(place(parsed, payloads, partitions, offsets), payloads, judge, us_per_unit=1)

    def _find(self, number: int) -> _Known | Reject:
        known = self._known.get(number)
        if known is not None:
            return known
        found = self._find_schema(number)
        if isinstance(found, str):
            # Not kept: the next chunk may find it.
            return Reject("unknown_schema", f"schema {number}: {found}")
        try:
            schema = parse_schema(found.text, found.references)
            self._known[number] = _Known(schema, make_plan(schema, self._fields))
        except SchemaError as error:
            self._known[number] = Reject("unknown_schema", f"schema {number}: {error}")
        return self._known[number]

    def _parse(
        self, framed: pl.DataFrame, schemas: dict[int, _Known | Reject], now_s: int, floor_s: int
    ) -> pl.DataFrame:
        """Return READINGS and `is_event` of every row."""
        parts = framed.with_row_index("row").partition_by("schema", maintain_order=True)
        read = pl.concat([READINGS.to_frame(), *(_parse_part(part, schemas) for part in parts)])
        if len(parts) > 1:
            read = read[pl.concat([part["row"] for part in parts]).arg_sort()]
        return read.with_columns(is_event=is_event(now_s, floor_s).fill_null(value=False))


def _parse_part(part: pl.DataFrame, schemas: dict[int, _Known | Reject]) -> pl.DataFrame:
    number = part.item(0, "schema")
    found = None if number is None else schemas[number]
    if not isinstance(found, _Known) or found.plan is None:
        return READINGS.to_frame().clear(part.height)
    return parse_columns(part["payload"], found.plan)


def _read_ids(payloads: Sequence[bytes | None]) -> pl.DataFrame:
    """Return the payloads with the ids of their schemas, null for those that `read_schema_id` refuses."""
    payload = pl.col("payload")
    is_framed = payload.bin.starts_with(b"\0") & payload.bin.size().is_between(HEADER, MAX_PAYLOAD_BYTES)
    number = payload.bin.slice(1, HEADER - 1).bin.reinterpret(dtype=pl.UInt32, endianness="big")
    return pl.DataFrame({"payload": collect_payloads(payloads)}).with_columns(
        schema=pl.when(is_framed).then(number)
    )
