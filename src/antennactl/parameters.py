"""The table of options in, one command's parameters for Typer out, with what a shell may complete."""

import inspect
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from antennactl.settings import Option, options


def command_parameters(command: str) -> list[inspect.Parameter]:
    """Return the parameters of `command`: its own options, the common ones, and those that are no settings."""
    return [_parameter(name, option) for name, option in options(command)] + _common_parameters()


def _parameter(name: str, option: Option) -> inspect.Parameter:
    shown = f"{option.help} [default: {option.shown}]" if option.shown else option.help
    kind: Any = (bool | None) if option.is_switch else (str | None)
    extra: dict[str, Any] = {} if option.is_switch else {"metavar": option.metavar}
    if option.choices:
        extra["autocompletion"] = _complete(option.choices)
    made = typer.Option(option.flag, help=shown, show_default=False, **extra)
    return inspect.Parameter(
        name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind, made]
    )


def _common_parameters() -> list[inspect.Parameter]:
    made: dict[str, Any] = {
        "kafka_property": Annotated[
            list[str] | None,
            typer.Option(
                "-X",
                metavar="KEY=VALUE",
                help="A librdkafka property; may be repeated.",
                autocompletion=_complete_property,
            ),
        ],
        "config": Annotated[
            Path | None,
            typer.Option("--config", metavar="FILE", help="Configuration file in place of antennactl.toml."),
        ],
        "quiet": Annotated[
            bool | None, typer.Option("-q", "--quiet", help="Only results, warnings and errors.")
        ],
        "verbose": Annotated[
            int | None,
            typer.Option("-v", "--verbose", count=True, help="More on stderr; -vv with tracebacks."),
        ],
    }
    return [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=annotation)
        for name, annotation in made.items()
    ]


def _complete(words: Iterable[str]) -> Callable[[str], list[str]]:
    def complete(incomplete: str) -> list[str]:
        return [word for word in words if word.startswith(incomplete)]

    return complete


def _complete_property(incomplete: str) -> list[str]:
    from antennactl.rules.kafka_names import PROPERTY_NAMES

    return [f"{name}=" for name in sorted(PROPERTY_NAMES) if name.startswith(incomplete)]
