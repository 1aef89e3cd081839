"""`antennactl` and `python -m antennactl`: the command line, with a Ctrl-C that is heard before it is imported."""

import os
import signal


def main() -> None:
    """Run the command line; the process ends with the contract's exit code."""
    # Nothing is begun yet. Ignored, as behind nohup or `&` of a script, it stays ignored.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _end)
    from antennactl import cli

    cli.main()


def _end(_number: int, _frame: object) -> None:
    os._exit(130)


if __name__ == "__main__":
    main()
