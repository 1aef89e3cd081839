"""The command line: options → Settings → one command → exit code; nothing else.

Signal handlers stand before the heavy imports, which happen inside the commands. Each command's parameters are made
from the table of Settings, so that flag, environment, file and help cannot drift apart; --help alone needs neither.
"""

import inspect
import os
import signal
import sys
import traceback
from collections.abc import Collection, Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from antennactl import __version__
from antennactl.errors import AntennactlError
from antennactl.stopping import Stop, stop_on_signals

if TYPE_CHECKING:
    from antennactl.settings import Settings

COMMANDS: Final = {
    "demo": "Run the whole system on embedded PostgreSQL and Kafka, and prove its numbers.",
    "provision": "Create or upgrade the tables and upsert the users; twice is the same as once.",
    "simulate": "Send seeded device messages to Kafka, a file or stdout.",
    "stream": "Speed layer: Kafka to lake and live totals, until stopped.",
    "batch": "Batch layer: hourly totals and users over quota, from the lake.",
    "compact": "Make each closed hour of the lake into one sorted file, under readers and kills.",
    "prune": "Drop totals, and hours of the lake, that are past their retention.",
    "verify": "Prove that offsets, lake, dead letters, totals and hourly totals agree.",
    "quota": "Show who is near or over the quota, live or in a past hour, and what made one user's usage.",
    "trace": "Follow one total back to the lake rows, micro-batches and Kafka offsets that made it.",
    "rejects": "List, show, export and replay the messages that were no events.",
    "report": "Write one HTML page of traffic, quotas and the run's health, to be opened offline.",
    "rebuild": "Make ledger and totals again from the lake, or a lost hour of the lake from Kafka.",
    "config": "Show every setting of every command, its value and where it comes from; needs no service.",
    "status": "Show settings and their origin, services, workers, lag and hours missing or changed.",
}
_ROOT_OPTIONS: Final = ("-h", "--help", "--version", "--install-completion", "--show-completion")
# These finish their work in hand at the first signal; the others end at once, which is safe at any point.
_GRACEFUL: Final = frozenset({"stream", "simulate", "demo"})


def main() -> None:
    """Run the command line; the process ends with the contract's exit code."""
    _open_closed_outputs()
    words = sys.argv[1:]
    if words[:1] == ["help"]:
        sys.argv[1:] = words = [*words[1:2], "--help"]
    command = next((word for word in words if word in COMMANDS), None)
    if command and words[0].startswith("-") and words[0] not in _ROOT_OPTIONS:
        print(f"error: {words[0].partition('=')[0]} stands before the command", file=sys.stderr)
        print(f"hint: options follow it: antennactl {command} --help lists them", file=sys.stderr)
        sys.exit(2)
    try:
        make_app([*words, *_completed_words()])()
    except OSError as error:  # --help and --version on a full disk
        sys.exit(_report(error, 0))


def _open_closed_outputs() -> None:
    """Give a process that was started without stdout or stderr (`>&-`) the null device in its place."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - open to the end


def make_app(words: Collection[str]) -> typer.Typer:
    """Return the command line, with options for those commands alone that are among `words`.

    Typer takes longer to make the options of all commands than to import itself.
    """
    app = typer.Typer(
        name="antennactl",
        help="Device traffic from Kafka to a Parquet lake, live totals and hourly quota checks: exactly once.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    for command, help_ in COMMANDS.items():
        _register(app, command, help_, with_options=command in words)
    return app


def run_command(command: str, given: dict[str, Any]) -> int:
    """Load the settings of `command`, run it and return its exit code; every error becomes one line on stderr."""
    verbose = int(given.pop("verbose") or 0)
    try:
        stop = stop_on_signals() if command in _GRACEFUL else _interrupt_on_sigint()
        from antennactl.settings import load_settings

        kafka_flags = given.pop("kafka_property") or ()
        settings = load_settings(
            command,
            given,
            config=given.pop("config"),
            kafka_flags=kafka_flags,
            quiet=bool(given.pop("quiet")),
            verbose=verbose,
        )
        _warn_of_risks(command, settings, kafka_flags)
        code: int = import_module(f"antennactl.commands.{command}").run(settings, stop)
    except KeyboardInterrupt:
        code = 130
    except BrokenPipeError:
        # The reader of stdout went away, as `head` does: nothing is left to say, and Python must not try at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    except Exception as error:  # noqa: BLE001 - the last stop: whatever escapes becomes one line and an exit code
        code = _report(error, verbose)
    return code


def _interrupt_on_sigint() -> Stop:
    """Let Ctrl-C raise from here on, where `main` let it end the process: what a command made is taken back."""
    if signal.getsignal(signal.SIGINT) not in (signal.default_int_handler, signal.SIG_IGN):
        signal.signal(signal.SIGINT, signal.default_int_handler)
    return Stop()


def _warn_of_risks(command: str, settings: "Settings", kafka_flags: Sequence[str]) -> None:
    from antennactl.security import find_risks
    from antennactl.settings.variables import find_unknown_variables

    risks = find_unknown_variables(os.environ) + find_risks(command, settings, kafka_flags)
    if risks:
        from antennactl.observe.output import warn

        for risk in risks:
            warn(risk, settings)


def _report(error: Exception, verbose: int) -> int:
    if verbose > 1:
        _print_safely("".join(traceback.format_exception(error)).rstrip())
    if isinstance(error, AntennactlError):
        _print_safely(f"error: {error}")
        if error.hint:
            _print_safely(f"hint: {error.hint}")
        return error.exit_code
    # An error nobody foresaw may quote a payload or a DSN: its type alone is safe to print.
    if isinstance(error, OSError) and error.strerror:
        # Without a name it is a write, most often of the result: a full disk behind `> FILE`.
        name = "" if error.filename is None else f" {error.filename}"
        _print_safely(f"error: cannot write or read{name}: {error.strerror}")
        return 1
    print(f"error: unexpected {type(error).__name__}", file=sys.stderr)
    print("hint: run again with -vv for the traceback", file=sys.stderr)
    return 1


def _print_safely(text: str) -> None:
    """Print on stderr; names from outside that stand in a message cannot move the cursor of a terminal."""
    from antennactl.observe.output import escape

    print("\n".join(map(escape, text.split("\n"))), file=sys.stderr)


def _register(app: typer.Typer, command: str, help_: str, *, with_options: bool) -> None:
    def call(**given: Any) -> None:  # noqa: ANN401 - parsed and checked by load_settings
        raise typer.Exit(run_command(command, given))

    parameters: list[inspect.Parameter] = []
    if with_options:
        from antennactl.parameters import command_parameters

        parameters = command_parameters(command)
    call.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    call.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    app.command(command, help=help_)(call)


def _completed_words() -> list[str]:
    """Return the words of the line that a shell wants completed: typer's protocol has them in the environment."""
    return f"{os.environ.get('COMP_WORDS', '')} {os.environ.get('_TYPER_COMPLETE_ARGS', '')}".split()


def _print_version(wanted: bool | None) -> None:  # noqa: FBT001 - typer calls it by position
    if wanted:
        print(f"antennactl {__version__}")
        raise typer.Exit


def _root(
    _version: Annotated[
        bool | None,
        typer.Option("--version", callback=_print_version, is_eager=True, help="Show the version and exit."),
    ] = None,
) -> None:
    pass
