"""Simulated messages of several formats in, the CPU that decoding takes out: `python -m bench.formats`.

In this process alone, the formats in turn, the least of some rounds: it can be compared on a busy machine.
"""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Final

from antennactl.decode import (
    AvroDecoder,
    Decode,
    FieldMap,
    MappedDecoder,
    WriterSchema,
    decode_messages,
)
from antennactl.simulator.avro import avro_encoding, write_schema
from antennactl.simulator.encode import EXERCISE, Encoding
from antennactl.simulator.mapped import mapped_encoding
from antennactl.simulator.options import SimulateOptions, time_line
from antennactl.simulator.traffic import Traffic

N_MESSAGES: Final = 50_000
_CHUNK: Final = 10_000
_ROUNDS: Final = 5
_START: Final = datetime(2026, 1, 1, tzinfo=UTC)
_NESTED: Final = FieldMap.of(
    {
        "timestamp": "meta.ts",
        "id": "user.id",
        "antenna_id": "cell.antenna.id",
        "bytes": "usage.bytes",
        "app": "app",
    },
    "ms",
)


@dataclass(frozen=True)
class _Case:
    decode: Decode
    encoding: Encoding
    before: bytes = b""
    after: bytes = b""


def main() -> None:
    """Print µs of CPU a message, a line a format."""
    cases = _make_cases()
    payloads = {name: _make_payloads(case) for name, case in cases.items()}
    taken_s = dict.fromkeys(cases, float("inf"))
    for _ in range(_ROUNDS):
        for name, case in cases.items():
            taken_s[name] = min(taken_s[name], _measure(case, payloads[name]))
    for name, seconds in taken_s.items():
        print(f"{name:52} {seconds / N_MESSAGES * 1e6:6.2f}")


def _make_cases() -> Mapping[str, _Case]:
    ms, iso = FieldMap(unit="ms"), FieldMap(unit="iso")
    deep = b'{"x":{"y":{"z":1}},'
    return MappingProxyType(
        {
            "JSON of the exercise": _Case(decode_messages, EXERCISE),
            "JSON, milliseconds": _Case(MappedDecoder(ms).decode, mapped_encoding(ms)),
            "JSON, ISO 8601": _Case(MappedDecoder(iso).decode, mapped_encoding(iso)),
            "JSON, fields in objects": _Case(MappedDecoder(_NESTED).decode, mapped_encoding(_NESTED)),
            "JSON, one by one: another member three levels deep": _Case(
                MappedDecoder(_NESTED).decode, mapped_encoding(_NESTED), before=deep
            ),
            "Avro": _avro(ms),
            "Avro, fields in records": _avro(_NESTED),
            "Avro, a long and two texts that may be null more": _avro(
                ms, [["null", "string"], ["null", "string"], "long"], b"\x02\x0esomeone\x00\x80\x08"
            ),
            "Avro, one by one: an array more": _avro(
                ms, [{"type": "array", "items": "string"}], b"\x02\x02x\x00"
            ),
        }
    )


def _avro(fields: FieldMap, more: list[object] | None = None, after: bytes = b"") -> _Case:
    schema = json.loads(write_schema(fields))
    schema["fields"] += [{"name": f"more{number}", "type": kind} for number, kind in enumerate(more or [])]
    decoder = AvroDecoder(fields, lambda _: WriterSchema(json.dumps(schema)))
    return _Case(decoder.decode, avro_encoding(fields, 7), after=after)


def _make_payloads(case: _Case) -> list[bytes | None]:
    options = SimulateOptions(messages=N_MESSAGES, start=_START)
    block = Traffic(options, time_line(options, _START), None, case.encoding).make_block(0)
    # What stands before takes the place of the message's own brace.
    return [case.before + payload[bool(case.before) :] + case.after for payload in block["payload"]]


def _measure(case: _Case, payloads: list[bytes | None]) -> float:
    now_s, n_events = int(time.time()), 0
    began = time.process_time()
    for start in range(0, N_MESSAGES, _CHUNK):
        part = payloads[start : start + _CHUNK]
        n_events += case.decode(
            part, [0] * len(part), range(start, start + len(part)), now_s, 0
        ).events.height
    taken_s = time.process_time() - began
    assert n_events == N_MESSAGES  # noqa: S101 - a format that is rejected is quick
    return taken_s


if __name__ == "__main__":
    main()
