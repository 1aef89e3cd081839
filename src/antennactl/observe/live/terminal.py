"""Settings and environment in; whether there is a terminal to draw on, and whether it shows colours, out."""

import os
import sys
from collections.abc import Mapping

from antennactl.settings import Settings


def can_draw(settings: Settings, environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether stderr is a terminal that a picture can be drawn on, and nobody asked for something else.

    Not when documents go to the terminal too, which they would tear, nor in a terminal that cannot move its cursor.
    """
    if settings.quiet or settings.log_format == "json" or not is_terminal(sys.stderr):
        return False
    if settings.json and is_terminal(sys.stdout):
        return False
    return environ.get("TERM", "dumb") not in {"", "dumb"}


def has_color(environ: Mapping[str, str] = os.environ) -> bool:
    """Return whether colours are wanted: NO_COLOR, if it is not empty, says that they are not."""
    return not environ.get("NO_COLOR")


def is_terminal(file: object) -> bool:
    """Return whether a stream of the process is a terminal; one that is not there or closed is none."""
    try:
        return bool(file.isatty())  # type: ignore[attr-defined]
    except (AttributeError, ValueError):
        return False
