"""The text of an Avro schema in, its types as a tree out: the schema that messages were written with."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

_PRIMITIVES: Final = frozenset({"null", "boolean", "int", "long", "float", "double", "bytes", "string"})
_FIXED_WIDTHS: Final = {"null": 0, "boolean": 1, "float": 4, "double": 8}


class SchemaError(ValueError):
    """The text is no Avro schema; the message says where, in words that hold nothing of a message."""


@dataclass(eq=False)
class Type:
    """One type of a schema: `kind` is Avro's word for it. A record may hold itself, by way of others.

    `names` are the fields of a record or the symbols of an enum, `children` the types of a record's fields, of a
    union's branches, or the one of an array's or map's items. `width` is a fixed's number of bytes. `is_empty`: no
    value takes any bytes (`is_settled`: so much is known of a record).
    """

    kind: str
    logical: str = ""
    width: int = 0
    names: tuple[str, ...] = ()
    children: list["Type"] = field(default_factory=list)
    is_empty: bool = False
    is_settled: bool = False


def parse_schema(text: str, references: Iterable[str] = ()) -> Type:
    """Return the type of a schema; `references` are schemas whose names it uses, in an order that defines them first.

    Raises SchemaError.
    """
    named: dict[str, Type] = {}
    try:
        for reference in references:
            _parse(json.loads(reference), "", named)
        parsed = _parse(json.loads(text), "", named)
        _settle_types(parsed)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        message = str(error) if isinstance(error, SchemaError) else "not an Avro schema"
        raise SchemaError(message) from None
    except RecursionError:
        message = "nested too deeply"
        raise SchemaError(message) from None
    return parsed


def _settle_types(schema: Type) -> None:
    """Note which types take no bytes. Raises SchemaError for a record that holds itself: it has no values."""
    seen: set[int] = set()
    found = [schema]
    while found:
        each = found.pop()
        if id(each) not in seen:
            seen.add(id(each))
            _settle(each, ())
            found.extend(each.children)


def _settle(each: Type, within: tuple[Type, ...]) -> None:
    if each in within:
        raise SchemaError("a record holds itself")
    if each.kind != "record":
        each.is_empty = width_of(each) == 0
    elif not each.is_settled:
        for child in each.children:
            _settle(child, (*within, each))
        each.is_empty = all(child.is_empty for child in each.children)
        each.is_settled = True


def width_of(each: Type) -> int | None:
    """Return how many bytes every value of a type takes, where the kind alone says so; else None."""
    return each.width if each.kind == "fixed" else _FIXED_WIDTHS.get(each.kind)


def _parse(schema: Any, namespace: str, named: dict[str, Type]) -> Type:  # noqa: ANN401 - any JSON value
    match schema:
        case str():
            return _find(schema, namespace, named)
        case list():
            return Type("union", children=[_parse(branch, namespace, named) for branch in schema])
        case {"type": str() as kind}:
            return _parse_type(kind, schema, namespace, named)
        case {"type": inner}:
            return _parse(inner, namespace, named)
        case _:
            raise SchemaError("not an Avro schema")


def _parse_type(kind: str, schema: Mapping[str, Any], namespace: str, named: dict[str, Type]) -> Type:
    logical = str(schema.get("logicalType", ""))
    if kind in _PRIMITIVES:
        return Type(kind, logical)
    if kind in {"array", "map"}:
        return Type(
            kind, children=[_parse(schema["items" if kind == "array" else "values"], namespace, named)]
        )
    if kind in {"record", "error", "enum", "fixed"}:
        return _parse_named(kind, schema, namespace, named)
    return _find(kind, namespace, named)


def _parse_named(kind: str, schema: Mapping[str, Any], namespace: str, named: dict[str, Type]) -> Type:
    name = _full_name(schema["name"], schema.get("namespace", namespace))
    if kind == "enum":
        made = Type("enum", names=tuple(map(str, schema["symbols"])))
    elif kind == "fixed":
        made = Type("fixed", width=_check_width(schema["size"]))
    else:
        fields = schema["fields"]
        made = Type("record", names=tuple(str(member["name"]) for member in fields))
        # Known before its fields are: they may name it.
        named[name] = made
        inside = name.rpartition(".")[0]
        made.children.extend(_parse(member["type"], inside, named) for member in fields)
    named[name] = made
    return made


def _check_width(size: object) -> int:
    if type(size) is not int or size < 0:
        raise SchemaError("a fixed without a size")
    return size


def _find(name: str, namespace: str, named: Mapping[str, Type]) -> Type:
    if name in _PRIMITIVES:
        return Type(name)
    found = named.get(_full_name(name, namespace)) or named.get(name)
    if found is None:
        raise SchemaError("it names a type that it does not define")
    return found


def _full_name(name: str, namespace: str | None) -> str:
    return name if "." in name or not namespace else f"{namespace}.{name}"
