"""Refusals of Kafka, and of its certificate, are told apart from errors that pass, and told in few words."""

import pytest
from confluent_kafka import KafkaError

from antennactl.sources.refusals import is_refusal, refusal

AT = "sasl_ssl://k1:9093/bootstrap: "
UNTRUSTED = (
    f"{AT}SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not "
    "be verified, verify that ssl.ca.location is correctly configured (after 19ms in state SSL_HANDSHAKE)"
)
DISCONNECTED = f"{AT}SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?"
WRONG = f"{AT}SASL authentication error: Invalid username or password (after 306ms in state AUTH_REQ)"
# librdkafka's local errors have no other names.
_SSL, _AUTHENTICATION, _TRANSPORT, _DOWN = (
    getattr(KafkaError, name) for name in ("_SSL", "_AUTHENTICATION", "_TRANSPORT", "_ALL_BROKERS_DOWN")
)


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        (
            _SSL,
            UNTRUSTED,
            "Kafka at k1:9093 is not trusted (SSL handshake failed: certificate verify failed)",
        ),
        (
            _AUTHENTICATION,
            WRONG,
            "refused this client (SASL authentication error: Invalid username or password)",
        ),
        (KafkaError.TOPIC_AUTHORIZATION_FAILED, "", "Broker: Topic authorization failed"),
    ],
)
def test_a_refusal_is_told_with_its_reason_alone(code: int, text: str, words: str) -> None:
    error = KafkaError(code, text) if text else KafkaError(code)
    assert is_refusal(error)
    assert words in str(refusal(error, "k1:9093"))


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (_SSL, DISCONNECTED),
        (_TRANSPORT, f"{AT}Connect to ipv4#192.0.2.1:9093 failed: Connection refused"),
        (_DOWN, "1/1 brokers are down"),
        (KafkaError.UNKNOWN_TOPIC_OR_PART, "Broker: Unknown topic or partition"),
    ],
)
def test_what_passes_is_no_refusal(code: int, text: str) -> None:
    assert not is_refusal(KafkaError(code, text))
