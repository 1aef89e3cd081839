"""Settings in, the encoding of simulated messages out."""

from antennactl.decode import DEFAULT_FIELDS
from antennactl.settings import Settings
from antennactl.simulator.encode import EXERCISE, Encoding
from antennactl.simulator.mapped import mapped_encoding
from antennactl.sources.formats import map_fields


def choose_encoding(settings: Settings) -> Encoding:
    """Return how messages are written that the settings describe. Raises UsageError where they contradict."""
    fields = map_fields(settings)
    return EXERCISE if fields == DEFAULT_FIELDS else mapped_encoding(fields)
