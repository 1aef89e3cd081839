"""Log records of our own modules in, lines on stderr out, in the form that --log-format asks for."""

import logging

from antennactl.observe.output import note, warn
from antennactl.settings import Settings


class _Lines(logging.Handler):
    """Hands every record to the same two functions that the commands print their notices with."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings

    def emit(self, record: logging.LogRecord) -> None:
        text = record.getMessage()
        if record.levelno >= logging.WARNING:
            warn(text, self._settings)
        else:
            note(self._settings, text)


def configure_log(settings: Settings) -> None:
    """Send the log to stderr: notices and up, or with -v also what the libraries report."""
    logger = logging.getLogger("antennactl")
    logger.handlers = [_Lines(settings)]
    logger.propagate = False
    logger.setLevel(logging.DEBUG if settings.verbose else logging.INFO)
    # librdkafka reports every passing hiccup; what ends a run is raised, not logged.
    logging.getLogger("antennactl.kafka").setLevel(logging.DEBUG if settings.verbose else logging.CRITICAL)
