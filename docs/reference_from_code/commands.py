"""The command line's own parameters and the table of options in, the reference of the commands out."""

from typing import Any, Final

import typer

from antennactl.cli import COMMANDS, make_app
from antennactl.settings import Option, options
from docs.reference_from_code.markdown import code, prose, table

_HEADER: Final = ("option", "meaning", "default")


def describe_commands() -> str:
    """Return a section for every command, with its usage and the options that are its own."""
    return "\n\n".join(_describe(command) for command in COMMANDS)


def describe_common_options() -> str:
    """Return the table of the options that every command takes."""
    shared = [option for _, option in options(next(iter(COMMANDS))) if not option.commands]
    others = [
        (code(_spelling(parameter)), prose(parameter.help or ""), "")
        for parameter in parameters(next(iter(COMMANDS)))
        if not set(parameter.opts) & {option.flag for option in shared} and not _is_own(parameter)
    ]
    helps = [("`-h`, `--help`", "Show the options and exit.", "")]
    return table(_HEADER, [*map(_row, shared), *others, *helps])


def parameters(command: str) -> list[Any]:
    """Return what the command line takes after `command`; their class is private to Typer."""
    found: list[Any] = typer.main.get_command(make_app([command])).commands[command].params  # type: ignore[attr-defined]
    return found


def _is_own(parameter: Any) -> bool:  # noqa: ANN401 - Typer's own class is private
    """Whether it is a row of the table of options, of some command alone."""
    return any(
        option.commands and option.flag in parameter.opts for name in COMMANDS for _, option in options(name)
    )


def _describe(command: str) -> str:
    own = [option for _, option in options(command) if option.commands]
    arguments = [one for one in parameters(command) if one.param_type_name == "argument"]
    usage = " ".join(["antennactl", command, *(one.make_metavar(None) for one in arguments), "[OPTIONS]"])
    parts = [f"## `{command}`", prose(COMMANDS[command]), f"```text\n{usage}\n```"]
    if own:
        parts.append(table(_HEADER, map(_row, own)))
    parts.append("And the [options of every command](#options-of-every-command).")
    return "\n\n".join(parts)


def _row(option: Option) -> tuple[str, str, str]:
    spelling = option.flag if option.is_switch else f"{option.flag} {option.metavar}"
    return code(spelling), prose(option.help), prose(option.shown) or ("off" if option.is_switch else "")


def _spelling(parameter: Any) -> str:  # noqa: ANN401 - Typer's own class is private
    names = ", ".join(sorted(parameter.opts, key=len))
    return f"{names} {parameter.metavar}" if parameter.metavar else names
