"""`python -m antennactl.local`: PostgreSQL and Kafka started and left running, their addresses printed as exports.

For trying commands by hand: `eval "$(python -m antennactl.local)"`. Data and servers stand in ./antennactl-local.
"""

import argparse
import shlex
import sys
from pathlib import Path

from antennactl.errors import AntennactlError, UsageError
from antennactl.local.services import LocalServices, start_services

_FOLDER = Path("antennactl-local")


def main() -> int:
    """Start both services and print how to reach and how to end them; return 0, or an error's exit code."""
    argparse.ArgumentParser(prog="python -m antennactl.local", description=__doc__).parse_args()
    try:
        services = _start()
    except AntennactlError as error:
        print(f"error: {error}", file=sys.stderr)
        if error.hint:
            print(f"hint: {error.hint}", file=sys.stderr)
        return error.exit_code
    services.release()
    exports = {
        "ANTENNACTL_DSN": services.dsn,
        "ANTENNACTL_BOOTSTRAP_SERVERS": services.bootstrap_servers,
        "ANTENNACTL_LOCAL_PIDS": f"{services.postgres.pid} {services.kafka.pid}",
    }
    for name, value in exports.items():
        print(f"export {name}={shlex.quote(value)}")
    print(f"to end them: kill $ANTENNACTL_LOCAL_PIDS; rm -r {_FOLDER}", file=sys.stderr)
    return 0


def _start() -> LocalServices:
    try:
        _FOLDER.mkdir(mode=0o711)
    except FileExistsError:
        message = f"{_FOLDER} is there already"
        raise UsageError(
            message, hint="go to another folder, or end the services of that one and remove it"
        ) from None
    return start_services(_FOLDER.absolute())


if __name__ == "__main__":
    sys.exit(main())
