"""The configuration file in, its checked tables out: keys that are known, secrets that only their owner can read."""

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from antennactl.errors import UsageError
from antennactl.rules.spelling import did_you_mean
from antennactl.rules.transport import has_password, is_secret_property, parse_dsn
from antennactl.settings.option import TABLES
from antennactl.settings.table import every_command, every_option


def read_configuration(config: Path | None, environ: Mapping[str, str]) -> tuple[Path | None, dict[str, Any]]:
    """Return the configuration file's path and content; (None, {}) when there is none.

    It is `config`, else ANTENNACTL_CONFIG, else antennactl.toml here or in the XDG configuration folder. Raises
    UsageError for a file that was named and is not there, that cannot be read, that has an unknown key, or that
    holds a secret others can read.
    """
    path, document = _read_file(config, environ)
    _check_keys(path, document)
    return path, document


def _read_file(config: Path | None, environ: Mapping[str, str]) -> tuple[Path | None, dict[str, Any]]:
    named = config or (Path(environ["ANTENNACTL_CONFIG"]) if environ.get("ANTENNACTL_CONFIG") else None)
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME") or "/") / ".config")
    candidates = (
        [named] if named else [Path("antennactl.toml"), Path(home) / "antennactl" / "antennactl.toml"]
    )
    for path in candidates:
        try:
            with path.open("rb") as file:
                # Editors of other systems begin a file with a mark that TOML does not know.
                document = tomllib.loads(file.read().decode("utf-8-sig"))
                if isinstance(document.get("kafka"), dict):
                    document["kafka"] = _flatten(document["kafka"])
                _refuse_open_secrets(path, os.fstat(file.fileno()), document)
                return path, document
        except FileNotFoundError:
            continue
        except OSError as error:
            message = f"cannot read the configuration {path}: {error.strerror or type(error).__name__}"
            raise UsageError(message) from None
        except UnicodeDecodeError:
            message = f"cannot read the configuration {path}: it is not UTF-8 text"
            raise UsageError(message) from None
        except tomllib.TOMLDecodeError as error:
            message = f"cannot read the configuration {path}: {error}"
            raise UsageError(message, hint='a line looks like topic = "devices": text in quotes') from None
    if named:
        message = f"cannot read the configuration {named}: no such file"
        raise UsageError(message)
    return None, {}


def _flatten(table: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return the properties of [kafka] by their full names: TOML takes an unquoted a.b for a table in a table."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        found |= _flatten(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": value}
    return found


def _refuse_open_secrets(path: Path, found: os.stat_result, document: Mapping[str, Any]) -> None:
    """Raise UsageError when a file with a secret can be read by others: libpq's rule for its own keys."""
    # Kubernetes and systemd hand secrets out as root's files, readable by one group.
    allowed = 0o740 if found.st_uid == 0 else 0o700
    if not stat.S_IMODE(found.st_mode) & 0o777 & ~allowed:
        return
    for where, table in [
        ("", document),
        *((f"[{name}] ", t) for name, t in document.items() if isinstance(t, dict)),
    ]:
        for key, value in table.items():
            is_dsn = key == "dsn" and has_password(parse_dsn(str(value)))
            is_login = where == "[registry] " and key.replace("_", "-") == "user-info"
            has_token = key.replace("_", "-") == "spark-remote" and "token=" in str(value)
            if is_dsn or is_login or has_token or (where == "[kafka] " and is_secret_property(key)):
                message = f"{path} holds a secret ({where}{key}) and others can read it"
                raise UsageError(message, hint=f"chmod 600 {path}")


def _check_keys(path: Path | None, document: Mapping[str, Any]) -> None:
    every = [(option.key, option.commands) for _, option in every_option()]
    top = {option.key for _, option in every_option() if not option.table[0]}
    commands = every_command()
    for key, value in document.items():
        if key == "kafka" and isinstance(value, dict):
            continue
        if isinstance(value, dict):
            if key in TABLES:
                _check_table(path, key, value)
                continue
            if key not in commands:
                raise _unknown_key(path, f"[{key}]", key, [*commands, "kafka", *TABLES])
            _check_command_table(path, key, value, every)
        elif key in (*commands, "kafka", *TABLES):
            message = f"{path}: {key} is a table, not a value"
            raise UsageError(message, hint=f"write [{key}] on a line of its own, its keys below it")
        elif key.replace("_", "-") not in top:
            raise _unknown_key(path, key, key.replace("_", "-"), top)
        else:
            _refuse_many(path, key, value)


def _check_command_table(
    path: Path | None, key: str, content: Mapping[str, Any], every: list[tuple[str, tuple[str, ...]]]
) -> None:
    allowed = [name for name, names in every if not names or key in names]
    for inner, given in content.items():
        takers = [command for name, names in every if name == inner.replace("_", "-") for command in names]
        if takers and key not in takers:
            hint = f"{inner} is a key of {', '.join(takers)}"
            raise UsageError(f"{path}: [{key}] takes no key {inner}", hint=hint)
        if inner.replace("_", "-") not in allowed:
            raise _unknown_key(path, f"[{key}] {inner}", inner.replace("_", "-"), allowed)
        _refuse_many(path, f"[{key}] {inner}", given)


def _check_table(path: Path | None, table: str, content: Mapping[str, Any]) -> None:
    known = [option.table[1] for _, option in every_option() if option.table[0] == table]
    for key, value in content.items():
        if key.replace("_", "-") not in known:
            raise _unknown_key(path, f"[{table}] {key}", key.replace("_", "-"), known)
        _refuse_many(path, f"[{table}] {key}", value)


def _refuse_many(path: Path | None, shown: str, value: object) -> None:
    if isinstance(value, (list, dict)):
        message = f"{path}: {shown} takes one value, not a list or a table"
        raise UsageError(message, hint='several stand in one text, with commas: "kafka1:9092,kafka2:9092"')


def _unknown_key(path: Path | None, shown: str, key: str, known: Iterable[str]) -> UsageError:
    return UsageError(f"{path}: unknown key {shown}", hint=did_you_mean(key, known))
