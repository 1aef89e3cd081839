"""While the schema registry is away decoding waits: no message is rejected for it, and none is lost."""

import logging
from collections.abc import Sequence
from typing import Any

import pytest

from antennactl.decode import Decoded
from antennactl.errors import RegistryRefusedError, RegistryUnavailableError
from antennactl.ledger.workers import new_worker
from antennactl.pipeline.decoding import Decoding
from antennactl.pipeline.exchange import Chunk, Exchange, Parsed
from antennactl.schemas import EVENTS, REJECTS


class Decoder:
    """Fails as often as it is told, then decodes to nothing; remembers the payloads."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.seen: list[Sequence[bytes | None]] = []

    def decode(self, payloads: Sequence[bytes | None], *_: Any) -> Decoded:
        if self.errors:
            raise self.errors.pop(0)
        self.seen.append(payloads)
        return Decoded(EVENTS.to_frame(), REJECTS.to_frame())


def make(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> tuple[Exchange, Decoding]:
    monkeypatch.setattr("antennactl.pipeline.decoding._RETRY_S", 0.0)
    exchange = Exchange(new_worker())
    exchange.begin_epoch()
    return exchange, Decoding(exchange, 0.5, decode=decoder.decode)


def test_the_chunk_is_kept_until_the_registry_answers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    decoder = Decoder(*(RegistryUnavailableError("cannot reach it") for _ in range(3)))
    exchange, decoding = make(decoder, monkeypatch)
    for payload in (b"first", b"second"):
        exchange.raw.put(Chunk(exchange.epoch, [payload], [0], [0]))
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            decoding.step()
    assert decoder.seen == [[b"first"], [b"second"]]
    assert exchange.parsed.qsize() == 2
    assert all(isinstance(exchange.parsed.get(), Parsed) for _ in range(2))
    assert [record.message for record in caplog.records] == [
        "cannot reach it; trying again",
        "the schema registry answers again",
    ]


def test_a_chunk_of_a_reset_is_not_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    decoder = Decoder(RegistryUnavailableError())
    exchange, decoding = make(decoder, monkeypatch)
    exchange.raw.put(Chunk(exchange.epoch, [b"old"], [0], [0]))
    decoding.step()
    exchange.raw.put(Chunk(exchange.begin_epoch(), [b"new"], [0], [0]))
    for _ in range(2):
        decoding.step()
    assert decoder.seen == [[b"new"]]


def test_a_refusal_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    exchange, decoding = make(Decoder(RegistryRefusedError("refused")), monkeypatch)
    exchange.raw.put(Chunk(exchange.epoch, [b"x"], [0], [0]))
    with pytest.raises(RegistryRefusedError):
        decoding.step()
