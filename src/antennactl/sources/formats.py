"""Settings in, the decoder of the topic's messages out: the one place that knows of all formats."""

from typing import Final

from antennactl.decode import (
    DEFAULT_FIELDS,
    AvroDecoder,
    Decode,
    FieldMap,
    MappedDecoder,
    decode_messages,
)
from antennactl.decode.field_map import FIELD_NAMES
from antennactl.errors import UsageError
from antennactl.settings import Settings
from antennactl.sources.schema_registry import SchemaRegistry

AVRO: Final = "avro"


def choose_decoder(settings: Settings) -> Decode:
    """Return the decoder for messages as the settings describe them. Raises UsageError where they contradict.

    That of Avro raises RegistryUnavailableError while the registry does not say what a schema is.
    """
    fields = map_fields(settings)
    if settings.message_format == AVRO:
        return AvroDecoder(fields, SchemaRegistry(settings).find).decode
    return decode_messages if fields == DEFAULT_FIELDS else MappedDecoder(fields).decode


def check_services(settings: Settings) -> None:
    """Make sure that the services that decoding needs answer. Raises RegistryUnavailableError."""
    if settings.message_format == AVRO:
        SchemaRegistry(settings).check()


def map_fields(settings: Settings) -> FieldMap:
    """Return where the fields stand. Raises UsageError for two in one place."""
    texts = {name: getattr(settings, f"message_{name}") for name in FIELD_NAMES}
    try:
        return FieldMap.of(texts, settings.message_timestamp_unit)
    except ValueError as error:
        message = f"the fields of a message: {error}"
        raise UsageError(message, hint="--message-… or [message] of the file say where each stands") from None
