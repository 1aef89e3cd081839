"""A schema and a field map in, the steps out in which rows of that schema are read as columns."""

from dataclasses import dataclass
from typing import Final

from antennactl.decode.avro.message import UNITS
from antennactl.decode.avro.schema import Type, width_of
from antennactl.decode.event_time import ISO
from antennactl.decode.field_map import FIELD_NAMES, FieldMap
from antennactl.decode.mapped_guard import Tree, make_tree

INTEGERS: Final = frozenset({"int", "long"})
_TEXTS: Final = frozenset({"bytes", "string"})


@dataclass(frozen=True)
class Step:
    """One value on the way through a record: its type, the field that it is (none: passed over), and its null.

    `null` is the branch of a union of two that is null; the other one is `each`.
    """

    each: Type
    name: str | None
    null: int | None


@dataclass(frozen=True)
class Plan:
    """The steps through a schema, and the unit of its timestamp."""

    steps: tuple[Step, ...]
    unit: str


def make_plan(schema: Type, fields: FieldMap) -> Plan | None:
    """Return how messages of a schema are read as columns; None where only one by one.

    Records in records are walked through; arrays, maps, records that may be null and unions of more are not.
    """
    steps: list[Step] = []
    if schema.kind != "record" or not _add_steps(schema, make_tree(fields), steps):
        return None
    named = {step.name: step for step in steps if step.name is not None}
    if set(named) != set(FIELD_NAMES):
        return None
    logical = named["timestamp"].each.logical
    unit = UNITS.get(logical, fields.unit)
    is_text = named["timestamp"].each.kind == "string"
    if (logical and logical not in UNITS) or is_text != (unit == ISO):
        return None
    return Plan(tuple(steps), unit)


def _add_steps(record: Type, tree: Tree, steps: list[Step]) -> bool:
    for name, child in zip(record.names, record.children, strict=True):
        wanted = tree.get(name, "")
        each, null = _take_null(child)
        if each.kind == "record" and null is None and each is not record:
            if not _add_steps(each, wanted if not isinstance(wanted, str) else {}, steps):
                return False
            continue
        if not _is_plain(each) or not isinstance(wanted, str):
            return False
        steps.append(Step(each, wanted if wanted and _suits(each, wanted) else None, null))
    return True


def _take_null(each: Type) -> tuple[Type, int | None]:
    if each.kind != "union":
        return each, None
    kinds = [branch.kind for branch in each.children]
    if len(kinds) == 2 and kinds.count("null") == 1:  # noqa: PLR2004 - null, or a value
        null = kinds.index("null")
        return each.children[1 - null], null
    return each, None


def _is_plain(each: Type) -> bool:
    return each.kind in INTEGERS or each.kind in _TEXTS or each.kind == "enum" or width_of(each) is not None


def _suits(each: Type, name: str) -> bool:
    if name == "bytes":
        return each.kind in INTEGERS
    if name == "timestamp":
        return each.kind in INTEGERS or each.kind == "string"
    return each.kind in {"string", "enum"}
