"""Simulated messages in Avro are what the decoder reads, and what another reader of Avro reads."""

import io
import json
from datetime import UTC, datetime
from typing import Any

import fastavro
import polars as pl
import pytest

from antennactl.decode import AvroDecoder, FieldMap, WriterSchema
from antennactl.schemas import MIN_TIMESTAMP_S
from antennactl.simulator.avro import avro_encoding, write_schema
from antennactl.simulator.options import SimulateOptions, time_line
from antennactl.simulator.traffic import Traffic
from unit.decode.mapped_messages import MAPS

START = datetime(2026, 11, 24, 6, tzinfo=UTC)
NOW_S = int(START.timestamp()) + 7200
# Names of Avro are letters, digits and _.
FIELD_MAPS = {
    "plain": FieldMap(),
    **{name: MAPS[name] for name in ("exercise in us", "exercise in iso", "nested")},
}


def make_block(fields: FieldMap) -> pl.DataFrame:
    options = SimulateOptions(messages=1000, start=START, malformed=0.2, late=0.1)
    return Traffic(options, time_line(options, START), 4, avro_encoding(fields, 7)).make_block(0)


@pytest.mark.parametrize("name", FIELD_MAPS)
def test_what_is_sent_is_what_is_read(name: str) -> None:
    fields = FIELD_MAPS[name]
    sent = make_block(fields)

    def find(number: int) -> WriterSchema | str:
        return WriterSchema(write_schema(fields)) if number == 7 else "not in the registry"

    payloads, n = sent["payload"].to_list(), sent.height
    decoded = AvroDecoder(fields, find).decode(payloads, [0] * n, range(n), NOW_S, MIN_TIMESTAMP_S)
    is_event = sent["fault"].is_null()
    assert decoded.events["kafka_offset"].to_list() == is_event.arg_true().to_list()
    assert decoded.events["timestamp"].dt.epoch("s").to_list() == sent.filter(is_event)["timestamp"].to_list()
    for column in ("id", "antenna_id", "bytes", "app"):
        assert decoded.events[column].to_list() == sent.filter(is_event)[column].to_list()
    assert decoded.rejects["reason"].to_list() == sent.filter(~is_event)["reason"].to_list()
    assert sent["fault"].n_unique() == 1 + len(avro_encoding(fields, 7).faults)


def test_another_reader_reads_the_same() -> None:
    schema: Any = fastavro.parse_schema(json.loads(write_schema(MAPS["nested"])))
    for row in make_block(MAPS["nested"]).filter(pl.col("fault").is_null()).head(50).iter_rows(named=True):
        read: Any = fastavro.schemaless_reader(io.BytesIO(row["payload"][5:]), schema, None)
        assert read["meta"]["ts"] == datetime.fromtimestamp(row["timestamp"], UTC)
        assert (read["user"]["id"], read["usage"]["bytes"], read["app"]) == (
            row["id"],
            row["bytes"],
            row["app"],
        )
