"""A DSN or a Kafka property in, what of it may be shown out: never a password, whatever its form.

Only what is known to be harmless is shown; a DSN not understood down to the last character is hidden.
"""

import re
from typing import Final
from urllib.parse import parse_qsl, urlsplit

MASK: Final = "***"

# What libpq takes that says where and as whom, not how it proves that.
_SHOWN_PARAMETERS: Final = frozenset(
    {
        "host",
        "hostaddr",
        "port",
        "dbname",
        "user",
        "service",
        "sslmode",
        "application_name",
        "connect_timeout",
        "target_session_attrs",
    },
)
_HARMLESS: Final = re.compile(r"[\w.\-\[\]:,/%~+ ]*")
_PAIR: Final = re.compile(r"\s*(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|(?:[^\s'\\]|\\.)*)(?=\s|$)", re.DOTALL)
# A password under a misspelt name is a password still: only names that speak of something else are shown.
_SHOWN_PROPERTIES: Final = re.compile(
    r"security\.protocol|sasl\.(?:mechanisms?|username)|sasl\.kerberos\.(?:principal|keytab|service\.name)"
    r"|(?:ssl|https)\.[a-z.]+\.location|ssl\.(?:cipher\.suites|curves\.list|sigalgs\.list)"
    r"|ssl\.endpoint\.identification\.algorithm|enable\.[a-z.]+|(?:client|group|broker|api)\.[a-z.]+|debug|log_level"
    r"|(?:compression|partition|message|queue|queued|fetch|batch|linger|socket|session|heartbeat|reconnect|retry|topic"
    r"|metadata|max|receive|statistics|connections|coordinator|check|delivery|request|sticky|allow)\.[a-z._]+|acks|retries",
)


def mask_dsn(dsn: str) -> str:
    """Return the DSN with its user, host, port, database and harmless parameters; the rest as ***."""
    if dsn.startswith(("postgresql://", "postgres://")):
        return _mask_url(dsn)
    return _mask_pairs(dsn)


def mask_property(key: str, value: str) -> str:
    """Return the value of a librdkafka property whose name says that it is no secret; else ***."""
    return value if not value or _SHOWN_PROPERTIES.fullmatch(key) else MASK


def _mask_url(dsn: str) -> str:
    scheme, _, rest = dsn.partition("://")
    hidden = f"{scheme}://{MASK}"
    try:
        parts = urlsplit(dsn)
        query = parse_qsl(parts.query, keep_blank_values=True, strict_parsing=bool(parts.query))
    except ValueError:
        return hidden
    login, at, hosts = parts.netloc.rpartition("@")
    user, colon, _ = login.partition(":")
    # A password with an unescaped / ? # or @ would spill over into the parts after it.
    shown = f"{user}{hosts}{parts.path}"
    ports = re.findall(r":([^,\]:]*)(?:,|$)", hosts)
    if "@" in rest.partition("@")[2] or parts.fragment or not _HARMLESS.fullmatch(shown):
        return hidden
    if ("@" in rest and not at) or not all(port.isdigit() or not port for port in ports):
        return hidden
    password = f":{MASK}" if colon else ""
    parameters = "&".join(f"{key}={_mask_parameter(key, value)}" for key, value in query)
    return f"{scheme}://{user}{password}{at}{hosts}{parts.path}{'?' if parameters else ''}{parameters}"


def _mask_pairs(dsn: str) -> str:
    pairs = []
    position = 0
    text = dsn.rstrip()
    while position < len(text):
        match = _PAIR.match(text, position)
        if match is None:
            return MASK
        key, value = match.groups()
        pairs.append(f"{key}={_mask_parameter(key, value.strip(chr(39)))}")
        position = match.end()
    return " ".join(pairs)


def _mask_parameter(key: str, value: str) -> str:
    return value if key in _SHOWN_PARAMETERS and _HARMLESS.fullmatch(value) else MASK
