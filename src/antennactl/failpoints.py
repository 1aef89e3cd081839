"""Named places of the commit protocol where a test can end or fail the process; nothing happens without its variable.

`ANTENNACTL_FAILPOINT=before_commit:kill` ends the process with SIGKILL when it first gets to `before_commit`;
`:error` raises there instead, `:hang` waits for ever, and a third part (`before_commit:kill:3`) waits for that visit.
A fourth part is a file that the visit is noted in before anything happens.
"""

import os
import signal
import threading
from pathlib import Path
from typing import Final

NAMES: Final = (
    "after_poll",
    "mid_file",
    "after_fsync",
    "after_compare_and_set",
    "after_totals",
    "before_commit",
    "after_commit",
    "after_copy",
    "between_renames",
    "before_published",
    "inside_recovery",
    "on_revoke",
    "batch_before_replace",
    "compact_before_commit",
    "compact_after_commit",
    "compact_before_exchange",
    "compact_after_exchange",
    "compact_before_cleanup",
    "store_after_removal",
    "prune_after_floor",
    "prune_between_lots",
    "prune_before_removal",
    "prune_after_removal",
)


class FailpointError(RuntimeError):
    """raised at a failpoint by a test"""


_armed, _action, _visit, _note = (os.environ.get("ANTENNACTL_FAILPOINT", "").split(":", 3) + [""] * 4)[:4]
_visits = 0
if _armed and _armed not in NAMES:
    _message = f"ANTENNACTL_FAILPOINT: {_armed} is none of {', '.join(NAMES)}"
    raise FailpointError(_message)


def reach(name: str) -> None:
    """Do at the place called `name` what the environment asks for there; nothing, by default."""
    global _visits  # noqa: PLW0603 - one process, one armed place
    if name != _armed:
        return
    _visits += 1
    if _visits != int(_visit or 1):
        return
    if _note:
        Path(_note).write_text(name, encoding="utf-8")
    if _action == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if _action == "hang":
        threading.Event().wait()
    message = f"failpoint {name}"
    raise FailpointError(message)
