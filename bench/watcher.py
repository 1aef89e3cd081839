"""A command on the command line, its CPU time on standard error: all of it, orphans included, as the kernel counted.

A script of its own that needs only the standard library. It stands above what is measured as its subreaper, because a
JVM outlives the Python process that started it and nobody else would wait for it.
"""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys

# If the bench is killed, what it measures is to end with it.
_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def main() -> int:
    """Run the command, wait for every process it leaves, print one line of JSON and return the command's code."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    command = subprocess.Popen(sys.argv[1:])
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda sent, _frame: command.send_signal(sent))
    code = _wait_for_all(command.pid)
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stderr.write("\n" + json.dumps({"watched": {"cpu_s": used.ru_utime + used.ru_stime}}) + "\n")
    return code


def _wait_for_all(pid: int) -> int:
    code = 1
    while True:
        try:
            ended, status = os.wait()
        except ChildProcessError:
            return code
        if ended == pid:
            code = os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    sys.exit(main())
