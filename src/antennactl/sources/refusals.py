"""What librdkafka tells an error callback in, a refusal in words out: the errors that no waiting mends."""

import re
from typing import Final

from confluent_kafka import KafkaError

from antennactl.errors import KafkaRefusedError

_DENIED: Final = frozenset(
    {
        KafkaError._AUTHENTICATION,  # noqa: SLF001 - librdkafka's public names begin so
        KafkaError.SASL_AUTHENTICATION_FAILED,
        KafkaError.UNSUPPORTED_SASL_MECHANISM,
        KafkaError.TOPIC_AUTHORIZATION_FAILED,
        KafkaError.GROUP_AUTHORIZATION_FAILED,
        KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    }
)
_ADDRESS: Final = re.compile(r"^\S+://\S+: ")
_STATE: Final = re.compile(r" \(after \d+ms in state \w+\)|: broker certificate could not be verified.*")
_OPENSSL: Final = re.compile(r"error:[0-9A-F]+:SSL routines:[^:]*:")


def is_refusal(error: KafkaError) -> bool:
    """Tell whether Kafka refuses this client, or this client Kafka's certificate.

    A broker that goes down in the middle of a handshake is an error of TLS too, and comes back.
    """
    code = error.code()
    return code in _DENIED or (code == KafkaError._SSL and "certificate" in error.str())  # noqa: SLF001 - as above


def refusal(error: KafkaError, servers: str = "") -> KafkaRefusedError:
    """Return the error that says why, without librdkafka's own address and states."""
    at = f" at {servers}" if servers else ""
    reason = _STATE.sub("", _OPENSSL.sub("", _ADDRESS.sub("", error.str()))) or error.name()
    if error.code() == KafkaError._SSL:  # noqa: SLF001 - as above
        return KafkaRefusedError(
            f"the certificate of Kafka{at} is not trusted ({reason})",
            hint="check ssl.ca.location, and that the certificate names the host in --bootstrap-servers",
        )
    return KafkaRefusedError(
        f"Kafka{at} refused this client ({reason})", hint="check the security.* and sasl.* properties"
    )
