"""The table of options in, every variable and file key out."""

from antennactl.settings import every_option
from docs.reference_from_code.markdown import code, prose, table


def describe_keys() -> str:
    """Return a row for each variable and file key, with the commands that heed it and its default."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    for _, option in every_option():
        # Two rows of the table of options may share a flag, each for commands of its own.
        commands = ", ".join(map(code, option.commands)) or "all"
        defaults = rows.setdefault((option.variable, option.place), {})
        defaults[commands] = option.shown or ("off" if option.is_switch else "")
    return table(
        ("variable", "key", "commands", "default"),
        [
            (code(variable), code(key), commands, prose(default))
            for (variable, key), defaults in sorted(rows.items())
            for commands, default in defaults.items()
        ],
    )
