"""Librdkafka properties that a user gave in, nothing out, or why one of them is refused."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from antennactl.errors import UsageError

# librdkafka properties that run or load code, and those the commit protocol depends on.
DANGEROUS_PROPERTIES: Final = MappingProxyType(
    {
        "plugin.library.paths": "loads libraries",
        "ssl.engine.location": "loads a library (an OpenSSL engine)",
        "ssl.providers": "loads libraries (OpenSSL providers)",
        "sasl.kerberos.kinit.cmd": "runs a command",
    }
)
# The default kinit command is run by a shell, with these put into it.
_SHELL_PROPERTIES: Final = frozenset(
    {"sasl.kerberos.principal", "sasl.kerberos.keytab", "sasl.kerberos.service.name"}
)
_SHELL_SAFE: Final = re.compile(r"[\w.@/:+,=-]*", re.ASCII)
# What the Python client takes as objects, never as text.
_OBJECT_PROPERTIES: Final = frozenset({"logger", "on_commit", "on_delivery", "default.topic.config"})
OWN_PROPERTIES: Final = MappingProxyType(
    {
        "bootstrap.servers": "--bootstrap-servers",
        "metadata.broker.list": "--bootstrap-servers",
        "group.id": "--group",
        "enable.auto.commit": None,
        "enable.auto.offset.store": None,
        "auto.offset.reset": None,
        "enable.partition.eof": None,
        "isolation.level": None,
    },
)


def check_properties(properties: Mapping[str, str]) -> None:
    """Raise UsageError for the first property that a user may not set, or not to this value; values are not quoted."""
    for key, value in properties.items():
        if key in DANGEROUS_PROPERTIES:
            message = f"the Kafka property {key} {DANGEROUS_PROPERTIES[key]} and is refused"
            raise UsageError(message)
        if key in _SHELL_PROPERTIES and not _SHELL_SAFE.fullmatch(value):
            message = f"the Kafka property {key} goes through a shell: only letters, digits and .@/:+,=-_ are let in"
            raise UsageError(message)
        if key.endswith("_cb") or key in _OBJECT_PROPERTIES:
            message = f"the Kafka property {key} is no text and cannot be set"
            raise UsageError(message)
        if key in OWN_PROPERTIES:
            own = OWN_PROPERTIES[key]
            message = f"the Kafka property {key} belongs to antennactl"
            raise UsageError(message, hint=f"use {own}" if own else "the commit protocol depends on it")
