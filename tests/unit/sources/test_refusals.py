"""Refusals of Kafka, and of its certificate, are told apart from errors that pass, and told in few words."""

import pytest
from confluent_kafka import KafkaError

from antennactl.errors import AntennactlError, KafkaRefusedError, NotReadyError, UsageError
from antennactl.sources.refusals import end_of_client, is_end, is_refusal, refusal

AT = "sasl_ssl://k1:9093/bootstrap: "
UNTRUSTED = (
    f"{AT}SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: broker certificate could not "
    "be verified, verify that ssl.ca.location is correctly configured (after 19ms in state SSL_HANDSHAKE)"
)
DISCONNECTED = f"{AT}SSL handshake failed: Disconnected: connecting to a PLAINTEXT broker listener?"
WRONG = f"{AT}SASL authentication error: Invalid username or password (after 306ms in state AUTH_REQ)"
# librdkafka's local errors have no other names.
_SSL, _AUTHENTICATION, _TRANSPORT, _DOWN, _FATAL = (
    getattr(KafkaError, name)
    for name in ("_SSL", "_AUTHENTICATION", "_TRANSPORT", "_ALL_BROKERS_DOWN", "_FATAL")
)
FENCED = (
    "Fatal error: Broker: Static consumer fenced by other consumer with same group.instance.id: OffsetCommit failed: "
    "Broker: Static consumer fenced by other consumer with same group.instance.id"
)
TAKEN = (
    "Fatal error: Broker: The instance ID is still used by another member in the consumer group: "
    "ConsumerGroupHeartbeat fatal error"
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


@pytest.mark.parametrize(
    ("code", "text", "kind", "words"),
    [
        (_FATAL, FENCED, UsageError, "has taken the place of this one: both have group.instance.id=w1"),
        (_FATAL, TAKEN, NotReadyError, "another member of the group has group.instance.id=w1"),
        (
            KafkaError.INCONSISTENT_GROUP_PROTOCOL,
            None,
            NotReadyError,
            "another partition.assignment.strategy",
        ),
        (_FATAL, "Fatal error: Broker: Version", KafkaRefusedError, "ended this client (Broker: Version)"),
    ],
)
def test_a_client_at_its_end_is_told_with_what_ended_it(
    code: int, text: str | None, kind: type[AntennactlError], words: str
) -> None:
    """Librdkafka has the cause in the text alone, and calls the error of a fenced member no fatal one."""
    error = KafkaError(code, text) if text else KafkaError(code)
    assert not error.fatal()
    assert is_end(error)
    ended = end_of_client(error, "w1")
    assert isinstance(ended, kind)
    assert words in str(ended)
    assert ended.hint


def test_what_passes_is_not_the_end() -> None:
    assert not any(is_end(KafkaError(code)) for code in (_TRANSPORT, _DOWN, KafkaError.REBALANCE_IN_PROGRESS))
