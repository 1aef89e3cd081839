"""The environment in, the variables of ours out that no setting reads: a mistyped one would have no effect unseen."""

from collections.abc import Iterable, Mapping
from typing import Final

from antennactl.rules.spelling import did_you_mean
from antennactl.settings.table import every_option

_PREFIX: Final = "ANTENNACTL_"
_OF_TESTS: Final = "ANTENNACTL_TEST_"
# Read elsewhere, or set for others: `python -m antennactl.local` prints the last one for its user's shell.
_NO_SETTINGS: Final = ("ANTENNACTL_CONFIG", "ANTENNACTL_X", "ANTENNACTL_FAILPOINT", "ANTENNACTL_LOCAL_PIDS")


def find_unknown_variables(environ: Mapping[str, str] | Iterable[str]) -> list[str]:
    """Return one warning for each variable with our prefix that nothing reads, with the nearest one that is read."""
    known = {option.variable for _, option in every_option()} | set(_NO_SETTINGS)
    warnings = []
    for name in sorted(environ):
        if name.startswith(_PREFIX) and not name.startswith(_OF_TESTS) and name not in known:
            near = did_you_mean(name, known)
            warnings.append(f"{name} is no setting and has no effect" + (f"; {near}" if near else ""))
    return warnings
