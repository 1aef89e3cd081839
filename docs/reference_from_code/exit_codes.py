"""The error tree in, the table of exit codes out."""

from antennactl.errors import AntennactlError
from docs.reference_from_code.markdown import code, table


def describe_exit_codes() -> str:
    """Return a row for each exit code, with the meaning and the cases that its error classes tell of."""
    rows = [("`0`", "done", "")]
    kinds: list[type[AntennactlError]] = [AntennactlError, *_children(AntennactlError)]
    for kind in sorted(kinds, key=lambda each: each.exit_code):
        cases = [_meaning(case) for case in _below(kind) if case.exit_code == kind.exit_code]
        rows.append((code(str(kind.exit_code)), _meaning(kind), "; ".join(cases)))
    return table(("code", "meaning", "such as"), rows)


def _below(error: type[AntennactlError]) -> list[type[AntennactlError]]:
    """Return the classes below one, each before those below it."""
    return [each for child in _children(error) for each in (child, *_below(child))]


def _children(error: type[AntennactlError]) -> list[type[AntennactlError]]:
    """Return the classes right below one that stand in `errors`, in their order there."""
    return [child for child in error.__subclasses__() if child.__module__ == AntennactlError.__module__]


def _meaning(error: type[AntennactlError]) -> str:
    return (error.__doc__ or "").strip().partition("\n")[0]
