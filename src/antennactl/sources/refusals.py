"""What librdkafka tells an error callback in, a refusal in words out: the errors that no waiting mends."""

import re
from typing import Final

from confluent_kafka import KafkaError

from antennactl.errors import AntennactlError, KafkaRefusedError, NotReadyError, UsageError

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


def is_end(error: KafkaError) -> bool:
    """Tell whether the client is at its end: it stays as it is for ever, and nothing is read any more.

    librdkafka tells so by an error of its own that has the cause in its text alone, and is not called fatal.
    """
    return error.fatal() or error.code() in {KafkaError._FATAL, KafkaError.INCONSISTENT_GROUP_PROTOCOL}  # noqa: SLF001 - as above


def end_of_client(error: KafkaError, instance: str | None) -> AntennactlError:
    """Return the error that says why the client is at its end; `instance` is its group.instance.id.

    A member that was fenced is a UsageError: started again it would throw out the one that took its place. What comes
    right once others have gone is a NotReadyError: a name is free when the session of a killed worker has ended.
    """
    if _is_about(error, KafkaError.FENCED_INSTANCE_ID):
        return UsageError(
            f"another worker has taken the place of this one: both have group.instance.id={instance}",
            hint="give every worker a group.instance.id of its own",
        )
    if _is_about(error, KafkaError.UNRELEASED_INSTANCE_ID):
        return NotReadyError(
            f"another member of the group has group.instance.id={instance}",
            hint="start again when the session of a killed worker has ended; workers at work need names of their own",
        )
    if _is_about(error, KafkaError.INCONSISTENT_GROUP_PROTOCOL):
        return NotReadyError(
            "the group's other members deal partitions by another partition.assignment.strategy",
            hint="start all workers with the same one; amid a change, start again once the others are stopped",
        )
    reason = error.str().removeprefix("Fatal error: ")
    return KafkaRefusedError(f"Kafka has ended this client ({reason})", hint="start again")


def _is_about(error: KafkaError, code: int) -> bool:
    return error.code() == code or KafkaError(code).str() in error.str()


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
