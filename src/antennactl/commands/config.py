"""`antennactl config`: flags, environment and file in; every setting of every command and its origin out.

Nothing is connected to, nothing is written, no secret is shown.
"""

import threading
from pathlib import Path
from typing import Any

from antennactl.errors import UsageError
from antennactl.observe.output import print_document, print_lines
from antennactl.observe.settings_rows import print_settings, settings_rows
from antennactl.settings import Settings, every_command


def run(settings: Settings, _stop: threading.Event) -> int:
    """Print what every command would run with.

    Returns 0. Raises UsageError, after all is shown, for values that a command would refuse.
    """
    rows, problems = settings_rows(settings, "config", every_command())
    document: dict[str, Any] = {"file": _file(settings), "settings": rows, "problems": problems}
    if settings.json:
        print_document(document)
    else:
        print_lines(f"Configuration file: {document['file'] or 'none'}")
        for command in (None, *every_command()):
            own = [row for row in rows if row["command"] == command]
            print_settings(f"For {command}" if command else "For every command", own)
    if problems:
        raise UsageError("; ".join(problems))
    return 0


def _file(settings: Settings) -> Path | None:
    found = settings.sources.path if settings.sources else None
    return found and found.absolute()
