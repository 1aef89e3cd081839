"""An expression of a query in, the kind of its values in DuckDB out."""

from collections.abc import Callable
from enum import Enum
from typing import Final

from sqlglot import exp


class Kind(Enum):
    """What values are, as far as the two engines may differ in it; the value is how a message calls it."""

    INTEGER = "a whole number"
    HUGE = "a sum"
    DECIMAL = "a decimal number"
    DOUBLE = "a floating-point number"
    TEXT = "text"
    TIME = "a time"
    INTERVAL = "a span of time"
    BOOLEAN = "true or false"
    NULL = "null"
    UNKNOWN = "values of no known type"


_RANKED: Final = (Kind.NULL, Kind.INTEGER, Kind.HUGE, Kind.DECIMAL, Kind.DOUBLE)
_TYPES: Final = {
    **dict.fromkeys(
        (exp.DType.TINYINT, exp.DType.SMALLINT, exp.DType.INT, exp.DType.BIGINT),
        Kind.INTEGER,
    ),
    exp.DType.INT128: Kind.HUGE,
    exp.DType.DOUBLE: Kind.DOUBLE,
    exp.DType.VARCHAR: Kind.TEXT,
    exp.DType.TEXT: Kind.TEXT,
    exp.DType.TIMESTAMPTZ: Kind.TIME,
    exp.DType.INTERVAL: Kind.INTERVAL,
    exp.DType.BOOLEAN: Kind.BOOLEAN,
    exp.DType.NULL: Kind.NULL,
}


# What has one kind whatever it is made of.
_FIXED: Final[tuple[tuple[tuple[type[exp.Expr], ...], Kind], ...]] = (
    ((exp.Sum,), Kind.HUGE),
    ((exp.Div,), Kind.DOUBLE),
    ((exp.Null,), Kind.NULL),
    ((exp.Placeholder,), Kind.TIME),  # the hour is the only one
    ((exp.RowNumber, exp.Rank, exp.DenseRank, exp.Count, exp.Length), Kind.INTEGER),
)
# What has the kind of some of its parts.
_PARTS: Final[tuple[tuple[tuple[type[exp.Expr], ...], Callable[[exp.Expr], list[exp.Expr | None]]], ...]] = (
    ((exp.Window, exp.Filter, exp.Neg, exp.Abs, exp.Min, exp.Max, exp.Alias), lambda node: [node.this]),
    ((exp.Nullif,), lambda node: [node.this]),
    ((exp.Mul, exp.Add, exp.Sub, exp.IntDiv, exp.Mod), lambda node: [node.this, node.expression]),
    ((exp.Coalesce, exp.Greatest, exp.Least), lambda node: [node.this, *node.expressions]),
    (
        (exp.Case,),
        lambda node: [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")],
    ),
    ((exp.If,), lambda node: [node.args["true"], node.args.get("false")]),
)


def find_kind(node: exp.Expr) -> Kind:
    """Return the kind of a typed expression's values."""
    node = node.unnest()
    if isinstance(node, exp.Literal):
        return Kind.TEXT if node.is_string else Kind.INTEGER if node.is_int else Kind.DECIMAL
    fixed = next((kind for types, kind in _FIXED if isinstance(node, types)), None)
    if fixed is not None:
        return fixed
    if isinstance(node, exp.Select):
        return find_kind(node.selects[0])
    parts = next((parts for types, parts in _PARTS if isinstance(node, types)), None)
    if parts is not None:
        return _widest(*(part for part in parts(node) if part is not None))
    return _of_type(node.args["to"] if isinstance(node, exp.Cast) else node.type)


def _of_type(found: exp.DataType | None) -> Kind:
    if found is None:
        return Kind.UNKNOWN
    return _TYPES.get(found.this, Kind.UNKNOWN)


def _widest(*parts: exp.Expr) -> Kind:
    kinds = [kind for part in parts if (kind := find_kind(part)) is not Kind.NULL]
    if not kinds:
        return Kind.NULL
    if all(kind in _RANKED for kind in kinds):
        return max(kinds, key=_RANKED.index)
    return kinds[0] if len(set(kinds)) == 1 or kinds == [Kind.TIME, Kind.INTERVAL] else Kind.UNKNOWN
