"""Settings in, the encoding of simulated messages out."""

from antennactl.decode import DEFAULT_FIELDS
from antennactl.errors import UsageError
from antennactl.settings import Settings
from antennactl.simulator.avro import avro_encoding, write_schema
from antennactl.simulator.encode import EXERCISE, Encoding
from antennactl.simulator.mapped import mapped_encoding
from antennactl.sources.formats import AVRO, map_fields
from antennactl.sources.schema_registry import SchemaRegistry


def choose_encoding(settings: Settings) -> Encoding:
    """Return how messages are written that the settings describe; a schema of Avro is registered for the topic.

    Raises UsageError where they contradict, RegistryUnavailableError.
    """
    fields = map_fields(settings)
    if settings.message_format == AVRO:
        if settings.out is not None:
            message = "--out writes lines, which messages in Avro are not"
            raise UsageError(message, hint="leave --out out: they go to Kafka")
        number = SchemaRegistry(settings).register(f"{settings.topic}-value", write_schema(fields))
        return avro_encoding(fields, number)
    return EXERCISE if fields == DEFAULT_FIELDS else mapped_encoding(fields)
