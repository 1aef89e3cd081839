"""Flags, environment and configuration file in, one frozen Settings object out: flag > environment > file > default.

The fields of Settings are the only list of options: the command line, the environment and the file are read by it.
"""

from antennactl.settings.load import load_settings
from antennactl.settings.option import Option
from antennactl.settings.table import Settings, every_command, every_option, options

__all__ = ["Option", "Settings", "every_command", "every_option", "load_settings", "options"]
