"""The ids of schemas in, the schemas out, from a registry with Confluent's API; an outage is never taken for a no."""

import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final, TypeVar

from antennactl.decode import WriterSchema
from antennactl.errors import RegistryRefusedError, RegistryUnavailableError, UsageError
from antennactl.settings import Settings

if TYPE_CHECKING:
    from confluent_kafka.schema_registry import Schema, SchemaRegistryClient

_TIMEOUT_S: Final = 10
_MISSING: Final = "not in the registry"
# How long an id that is not there is not asked for again: the messages of a chunk may name thousands.
_FORGET_S: Final = 30.0
_MOST_MISSING: Final = 100_000
_IDS: Final = range(2**31)
# The registry's own codes: of a schema, of a subject, of a version that is not there. Any other "not found" speaks of
# the URL.
_NOT_THERE: Final = frozenset({40403, 40401, 40402})
_RETRIABLE: Final = frozenset({408, 429})
_REFUSED: Final = frozenset({401, 403})
_SERVER_ERROR: Final = 500
_MOST_REFERENCES: Final = 100
_T = TypeVar("_T")


class _NotThereError(Exception):
    """The registry has no such thing."""


class SchemaRegistry:
    """One registry, asked by Confluent's client."""

    def __init__(self, settings: Settings) -> None:
        """Make a client; nothing is asked yet. Raises UsageError for what is missing or cannot be read."""
        self._urls = _where(settings)
        self._client = _make_client(settings)
        self._missing: dict[int, float] = {}

    def find(self, number: int) -> WriterSchema | str:
        """Return the Avro schema of an id, or in words why there is none.

        Raises RegistryUnavailableError when the registry does not say, RegistryRefusedError where to ask again is
        no use.
        """
        now = time.monotonic()
        if number not in _IDS or self._missing.get(number, 0.0) > now:
            return _MISSING
        try:
            schema = self._ask(lambda: self._client.get_schema(number))
        except _NotThereError:
            if len(self._missing) >= _MOST_MISSING:
                self._missing.clear()
            self._missing[number] = now + _FORGET_S
            return _MISSING
        if schema.schema_type != "AVRO":
            return f"of type {schema.schema_type}, not AVRO"
        try:
            references = self._find_references(schema)
        except _NotThereError:
            return "refers to one that is not in the registry"
        return WriterSchema(schema.schema_str or "", references)

    def check(self) -> None:
        """Make sure that the registry answers, with the rights that `find` needs. Raises as `find` does."""
        self.find(1)

    def register(self, subject: str, text: str) -> int:
        """Register an Avro schema below `subject`, if it is not there, and return its id. Raises as `find` does."""
        from confluent_kafka.schema_registry import Schema

        return self._ask(lambda: self._client.register_schema(subject, Schema(text, "AVRO")))

    def _find_references(self, schema: "Schema") -> tuple[str, ...]:
        """Return the schemas that one refers to, each after those that it refers to itself."""
        found: dict[tuple[str, int], str] = {}

        def collect(each: "Schema") -> None:
            for reference in each.references or []:
                key = (str(reference.subject), int(reference.version or 0))
                if key not in found and len(found) < _MOST_REFERENCES:
                    found[key] = ""  # two that refer to each other end here
                    inner = self._ask(partial(self._client.get_version, *key)).schema
                    collect(inner)
                    # After its own references.
                    del found[key]
                    found[key] = inner.schema_str or ""

        collect(schema)
        return tuple(found.values())

    def _ask(self, ask: Callable[[], _T]) -> _T:
        from confluent_kafka.schema_registry.error import SchemaRegistryError

        try:
            return ask()
        except SchemaRegistryError as error:
            raise self._explain(error) from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            # An answer that no registry gives.
            raise self._refuse("answers otherwise than a schema registry") from error
        except Exception as error:
            # What httpx raises: no connection, a broken one, a time-out, a certificate that is not trusted.
            if "CERTIFICATE" in str(error).upper() or "SSL" in str(error):
                raise self._refuse("cannot be trusted: its certificate is not") from error
            message = f"cannot reach the schema registry at {self._urls} ({type(error).__name__})"
            raise RegistryUnavailableError(message) from error

    def _explain(self, error: Any) -> Exception:  # noqa: ANN401 - the library's error, imported late
        status = error.http_status_code
        if error.error_code in _NOT_THERE:
            return _NotThereError()
        if status in _RETRIABLE or status >= _SERVER_ERROR:
            return RegistryUnavailableError(f"the schema registry at {self._urls} answers {status}")
        if status in _REFUSED:
            return self._refuse(f"refuses this client ({status})")
        return self._refuse(f"answers {status}, code {error.error_code}")

    def _refuse(self, words: str) -> RegistryRefusedError:
        message = f"the schema registry at {self._urls} {words}"
        return RegistryRefusedError(
            message, hint="--registry-… or [registry] of the file say where and as whom"
        )


def _where(settings: Settings) -> str:
    if settings.registry_url is None:
        message = "messages in Avro need the URL of their schema registry"
        raise UsageError(message, hint="--registry-url, or url below [registry] of the file")
    return settings.registry_url


def _make_client(settings: Settings) -> "SchemaRegistryClient":
    try:
        from confluent_kafka.schema_registry import SchemaRegistryClient
    except ImportError as error:
        message = f"messages in Avro need the client of the schema registry ({error.name} is missing)"
        raise UsageError(message, hint="pip install 'antennactl[avro]'") from None
    files = {
        "ssl.ca.location": settings.registry_ca,
        "ssl.certificate.location": settings.registry_certificate,
        "ssl.key.location": settings.registry_key,
    }
    given = {key: str(path) for key, path in files.items() if path is not None}
    login = settings.registry_user_info
    configuration = {
        "url": settings.registry_url,
        **given,
        **({"basic.auth.user.info": login} if login else {}),
        "timeout": _TIMEOUT_S,
        # Who waits asks again, and can be told to stop.
        "max.retries": 0,
    }
    try:
        return SchemaRegistryClient(configuration)
    except (OSError, ValueError) as error:
        # A ValueError may quote what it was given.
        words = (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
        message = f"cannot use the settings of the schema registry: {words}"
        raise UsageError(
            message, hint="look at --registry-ca, --registry-certificate, --registry-key"
        ) from None
