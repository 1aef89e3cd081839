"""The native library of antennactl, compiled: where it is. What it does stands in gather.c; antennactl loads it."""

from pathlib import Path
from typing import Final

LIBRARY: Final = Path(__file__).with_name("gather.so")
"""The shared library, found beside this file."""
