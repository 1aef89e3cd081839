"""A field map in, the regular expression of its plain messages out: no other text may match.

Plain is an object in which each field of ours stands once, as unescaped text or a short integer, in objects that
stand once; other members hold a text, a number, a word, or an array or object of such. No captures and no look-around:
one pass a row.
"""

import re
from collections.abc import Mapping
from typing import Final, Union

from antennactl.decode.event_time import ISO
from antennactl.decode.field_map import FieldMap

Tree = Mapping[str, Union[str, "Tree"]]
"""Name in an object → the field that stands there, or the object's own tree."""

_SPACE: Final = r"[ \t\r\n]*"
_CHARACTER: Final = r'[^"\\\x00-\x1f]'
_INTEGER: Final = "(?:0|[1-9][0-9]{0,17})"
_COLON: Final = f"{_SPACE}:{_SPACE}"
_COMMA: Final = f"{_SPACE},{_SPACE}"
_INTEGERS: Final = ("timestamp", "bytes")
# Of two levels the expression is so large that it takes twenty times as long.
_UNKNOWN_LEVELS: Final = 1
# A name that JSON escapes, or that a text of _CHARACTER cannot be.
_ODD_NAME: Final = re.compile(r'["\\\x00-\x1f]')


def make_tree(fields: FieldMap) -> Tree:
    """Return the paths as one tree."""
    tree: dict[str, object] = {}
    for name, path in fields.by_name().items():
        level = tree
        for step in path[:-1]:
            level = level.setdefault(step, {})  # type: ignore[assignment]
        level[path[-1]] = name
    return tree  # type: ignore[return-value]


def write_guard(fields: FieldMap) -> str | None:
    """Return the expression; None where a name of the map cannot stand in a message unescaped."""
    if any(_ODD_NAME.search(step) for path in fields.paths for step in path):
        return None
    return f"^{_SPACE}{_write_object(make_tree(fields), fields.unit)}{_SPACE}$"


def _write_object(tree: Tree, unit: str) -> str:
    """Exactly as many members that bear names of ours as there are: if all fields are filled, each stood there once."""
    ours = "|".join(f'"{re.escape(name)}"{_COLON}{_write_value(value, unit)}' for name, value in tree.items())
    other = f'"{match_other_names(tuple(tree))}"{_COLON}{_UNKNOWN}'
    others_after = f"(?:{_COMMA}{other})*"
    rest = f"(?:{_COMMA}(?:{ours}){others_after}){{{len(tree) - 1}}}"
    return rf"\{{{_SPACE}(?:{other}{_COMMA})*(?:{ours}){others_after}{rest}{_SPACE}\}}"


def _write_value(value: "str | Tree", unit: str) -> str:
    if not isinstance(value, str):
        return _write_object(value, unit)
    if value in _INTEGERS and not (value == "timestamp" and unit == ISO):
        return _INTEGER
    return f'"{_CHARACTER}+"'


def _write_unknown(levels: int) -> str:
    text = rf'"(?:{_CHARACTER}|\\["\\/bfnrt])*"'
    scalar = rf"{text}|-?{_INTEGER}(?:\.[0-9]{{1,17}})?|true|false|null"
    if levels == 0:
        return f"(?:{scalar})"
    inner = _write_unknown(levels - 1)
    item = rf"{inner}(?:{_COMMA}{inner})*"
    member = f"{text}{_COLON}{inner}"
    members = rf"{member}(?:{_COMMA}{member})*"
    return rf"(?:{scalar}|\[{_SPACE}(?:{item})?{_SPACE}\]|\{{{_SPACE}(?:{members})?{_SPACE}\}})"


def match_other_names(names: tuple[str, ...]) -> str:
    """Return the expression of every text of _CHARACTER that is none of `names`, without look-around."""
    firsts = sorted({name[0] for name in names if name})
    others = "".join(map(re.escape, firsts))
    choices = [f"{_CHARACTER[:-1]}{others}]{_CHARACTER}*"]
    for first in firsts:
        rests = tuple(name[1:] for name in names if name.startswith(first))
        choices.append(re.escape(first) + match_other_names(rests))
    if "" not in names:
        choices.append("")
    return f"(?:{'|'.join(choices)})"


_UNKNOWN: Final = _write_unknown(_UNKNOWN_LEVELS)
