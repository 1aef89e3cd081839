"""Settings and environment in, warnings out about what others could read or change; none of them stops a run.

Libpq's own rules decide where it connects: the DSN, then the service file, then PG* variables, then this machine.
"""

import configparser
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from antennactl.rules.transport import (
    argument_risk,
    has_password,
    is_secret_property,
    kafka_risk,
    parse_dsn,
    postgres_risk,
    registry_risk,
)
from antennactl.settings import Settings

# A new command is taken to talk to both services until it stands here.
_WITHOUT_POSTGRES: Final = frozenset({"simulate", "config"})
_WITHOUT_KAFKA: Final = frozenset(
    {"provision", "batch", "compact", "prune", "verify", "rejects", "config", "quota", "trace"}
)
_VARIABLES: Final = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "service": "PGSERVICE",
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "gssencmode": "PGGSSENCMODE",
}


def find_risks(
    command: str,
    settings: Settings,
    kafka_flags: Iterable[str] = (),
    environ: Mapping[str, str] = os.environ,
) -> list[str]:
    """Return one warning for each risk of running `command` with `settings`: none on this machine alone.

    `kafka_flags` are the properties that stood on the command line.
    """
    found = [argument_risk(_secret_flags(settings, kafka_flags))]
    # Without an address of the user's own a demo starts services of its own, inside this machine.
    own = {"dsn", "bootstrap_servers"} if command != "demo" else set(_given(settings))
    if command not in _WITHOUT_POSTGRES and "dsn" in own:
        found.append(postgres_risk(postgres_parameters(settings.dsn, environ)))
    if command not in _WITHOUT_KAFKA and "bootstrap_servers" in own and settings.out is None:
        found.append(kafka_risk(settings.bootstrap_servers, settings.kafka_properties))
    if settings.message_format == "avro" and settings.registry_url is not None:
        found.append(registry_risk(settings.registry_url))
    return [risk for risk in found if risk is not None]


def postgres_parameters(dsn: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return what libpq will use, as far as host and encryption go."""
    given = parse_dsn(dsn)
    named = {key: environ[variable] for key, variable in _VARIABLES.items() if environ.get(variable)}
    service = given.get("service") or named.get("service")
    merged = {**named, **(_read_service(service, environ) if service else {}), **given}
    if "sslrootcert" not in merged and (_home(environ) / ".postgresql" / "root.crt").exists():
        merged["sslrootcert"] = str(_home(environ) / ".postgresql" / "root.crt")
    return merged


def _secret_flags(settings: Settings, kafka_flags: Iterable[str]) -> list[str]:
    keys = (flag.partition("=")[0].strip() for flag in kafka_flags)
    flags = [f"-X {key}" for key in keys if is_secret_property(key)]
    if settings.origins.get("dsn") == "--dsn" and has_password(parse_dsn(settings.dsn)):
        flags.append("--dsn")
    if settings.origins.get("registry_user_info") == "--registry-user-info":
        flags.append("--registry-user-info")
    return flags


def _given(settings: Settings) -> list[str]:
    return [name for name, origin in settings.origins.items() if origin != "default"]


def _read_service(name: str, environ: Mapping[str, str]) -> dict[str, str]:
    """Return a service's parameters from the first file that has it; libpq itself complains when none has."""
    own = Path(environ.get("PGSERVICEFILE") or _home(environ) / ".pg_service.conf")
    for path in (own, Path(environ.get("PGSYSCONFDIR", "/etc/postgresql-common")) / "pg_service.conf"):
        services = configparser.RawConfigParser(delimiters="=", strict=False, default_section="")
        try:
            services.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError):
            continue
        if services.has_section(name):
            return dict(services[name])
    return {}


def _home(environ: Mapping[str, str]) -> Path:
    return Path(environ.get("HOME") or "/")
