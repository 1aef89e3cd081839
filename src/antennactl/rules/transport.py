"""Where and how a service is reached in, what a stranger on the way could do out; a way inside this machine is safe."""

import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qsl, unquote

_READABLE: Final = "whoever is on the way can read and change what is sent"
_UNPROVEN: Final = "whoever is on the way can pose as the server"
# libpq's own names for what a URI gives in its first part.
_URI: Final = re.compile(
    r"postgres(?:ql)?://(?:(?P<user>[^:@/?]*)(?::(?P<password>[^@/?]*))?@)?(?P<hosts>[^/?]*)"
    r"(?:/(?P<dbname>[^?]*))?(?:\?(?P<query>.*))?",
    re.DOTALL,
)
_PAIR: Final = re.compile(r"\s*(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|((?:[^\s'\\]|\\.)*))(?=\s|$)", re.DOTALL)
_SECRET: Final = re.compile(r"password|passphrase|secret|key\.pem$|oauthbearer\.config$|assertion\.file$")


def parse_dsn(dsn: str) -> dict[str, str]:
    """Return libpq's parameters of a connection string, a URI or pairs; nothing of one that cannot be read."""
    if match := _URI.fullmatch(dsn):
        return _parse_uri(match)
    found: dict[str, str] = {}
    position, text = 0, dsn.rstrip()
    while position < len(text):
        pair = _PAIR.match(text, position)
        if pair is None:
            return {}
        found[pair[1]] = re.sub(r"\\(.)", r"\1", pair[2] if pair[2] is not None else pair[3])
        position = pair.end()
    return found


def has_password(parameters: Mapping[str, str]) -> bool:
    """Tell whether libpq parameters hold a secret."""
    return bool(parameters.get("password") or parameters.get("sslpassword"))


def is_secret_property(key: str) -> bool:
    """Tell whether the value of a librdkafka property is a secret itself, not a path or a name."""
    return bool(_SECRET.search(key.lower()))


def postgres_risk(parameters: Mapping[str, str]) -> str | None:
    """Return what is risky about connecting with these libpq parameters; None: nothing, or this machine alone."""
    hosts = (parameters.get("hostaddr") or parameters.get("host") or "").split(",")
    if all(_is_local(host) for host in hosts) or parameters.get("gssencmode") == "require":
        return None
    mode = parameters.get("sslmode") or "prefer"
    if mode in {"disable", "allow", "prefer"}:
        return f"PostgreSQL is reached without sure encryption (sslmode={mode}): {_READABLE}; set sslmode=verify-full"
    if mode == "require" and not parameters.get("sslrootcert"):
        return (
            f"PostgreSQL's certificate is not checked (sslmode=require): {_UNPROVEN}; set sslmode=verify-full"
        )
    return None


def kafka_risk(servers: str, properties: Mapping[str, str]) -> str | None:
    """Return what is risky about these brokers with these librdkafka properties; None: nothing, or it is local."""
    if all(_is_local(_host_of(server)) for server in servers.split(",")):
        return None
    protocol = properties.get("security.protocol", "plaintext").lower()
    if protocol not in {"ssl", "sasl_ssl"}:
        return f"Kafka is reached without encryption (security.protocol={protocol}): {_READABLE}; set SSL or SASL_SSL"
    if properties.get("enable.ssl.certificate.verification", "true").lower() in {"false", "f", "0"}:
        return f"Kafka's certificate is not checked (enable.ssl.certificate.verification=false): {_UNPROVEN}"
    if properties.get("ssl.endpoint.identification.algorithm", "https").lower() == "none":
        return (
            f"Kafka's certificate may be anybody's (ssl.endpoint.identification.algorithm=none): {_UNPROVEN}"
        )
    return None


def registry_risk(urls: str) -> str | None:
    """Return what is risky about a schema registry at these URLs; None: nothing, or it is local."""
    hosts = [
        _host_of(url.partition("://")[2]) for url in urls.split(",") if url.strip().startswith("http://")
    ]
    if all(_is_local(host.partition("/")[0]) for host in hosts):
        return None
    return f"the schema registry is reached without encryption (http): {_READABLE}; use https"


def argument_risk(flags: Iterable[str]) -> str | None:
    """Return the warning about secrets that stood on the command line, named by their flags; None without any."""
    named = ", ".join(sorted(set(flags)))
    if not named:
        return None
    return f"a password on the command line ({named}) can be seen by every user here; use the environment or a file"


def _parse_uri(match: re.Match[str]) -> dict[str, str]:
    found = {name: unquote(match[name]) for name in ("user", "password", "dbname") if match[name]}
    hosts = [_host_of(host) for host in match["hosts"].split(",")]
    if any(hosts):
        found["host"] = ",".join(map(unquote, hosts))
    return {**found, **dict(parse_qsl(match["query"] or "", keep_blank_values=True))}


def _host_of(server: str) -> str:
    """Return the host of `host:port`, `[::1]:port`, `protocol://host:port` or any of them without a port."""
    address = server.strip().rpartition("://")[2]
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0]


def _is_local(host: str) -> bool:
    """Tell whether a host is this machine: nothing, a socket's folder, a loopback name or address."""
    name = host.strip().lower().rstrip(".")
    if not name or name[0] in "/@" or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
