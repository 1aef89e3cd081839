"""A parsed query in; an error out unless all that it is made of means the same to DuckDB and Spark.

A translator changes words: it passes over an ASOF JOIN or a rounding that the other side does otherwise. What is named
here was seen to give the same rows on both; anything else is refused.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from sqlglot import exp

from antennactl.engines.queries import HourQuery
from antennactl.engines.spark.kinds import Kind, find_kind
from antennactl.errors import UsageError

_HINT: Final = "write it otherwise, or run it with --engine duckdb; docs/howto/spark.md names what there is"
_NO_PARTS: Final[frozenset[str]] = frozenset()
_TWO: Final = frozenset({"this", "expression"})
_SET: Final = frozenset({"with_", "this", "expression", "distinct", "order", "limit", "offset"})
_THIS: Final = frozenset({"this"})

# The kinds of nodes, and what may stand in each.
_KNOWN: Final[Mapping[type[exp.Expr], frozenset[str]]] = {
    exp.Select: frozenset(
        {
            *(
                "with_",
                "expressions",
                "from_",
                "joins",
                "where",
                "group",
                "having",
                "qualify",
                "order",
                "limit",
            ),
            *("offset", "distinct"),
        }
    ),
    exp.Union: _SET,
    exp.Except: _SET,
    exp.Intersect: _SET,
    exp.Subquery: frozenset({"this", "alias", "with_"}),
    exp.With: frozenset({"expressions"}),
    exp.CTE: frozenset({"this", "alias", "materialized"}),
    exp.From: _THIS,
    exp.Table: frozenset({"this", "alias", "joins"}),
    exp.TableAlias: _THIS,
    exp.Join: frozenset({"this", "side", "kind", "on", "method"}),
    exp.Where: _THIS,
    exp.Having: _THIS,
    exp.Qualify: _THIS,
    exp.Group: frozenset({"expressions"}),
    exp.Distinct: frozenset({"expressions", "on"}),
    exp.Order: frozenset({"expressions"}),
    exp.Ordered: frozenset({"this", "desc", "nulls_first"}),
    exp.Limit: frozenset({"expression"}),
    exp.Offset: frozenset({"expression"}),
    exp.Alias: frozenset({"this", "alias"}),
    exp.Column: frozenset({"this", "table"}),
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Placeholder: frozenset({"this"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: _THIS,
    exp.Null: _NO_PARTS,
    exp.Star: _NO_PARTS,
    exp.Paren: _THIS,
    exp.Cast: frozenset({"this", "to"}),
    exp.DataType: frozenset({"this", "expressions", "nested"}),
    exp.DataTypeParam: _THIS,
    exp.Neg: _THIS,
    exp.Add: _TWO,
    exp.Sub: _TWO,
    exp.Mul: _TWO,
    exp.Div: frozenset({"this", "expression", "typed", "safe"}),
    exp.IntDiv: _TWO,
    exp.Mod: _TWO,
    exp.Abs: _THIS,
    exp.EQ: _TWO,
    exp.NEQ: _TWO,
    exp.LT: _TWO,
    exp.LTE: _TWO,
    exp.GT: _TWO,
    exp.GTE: _TWO,
    exp.NullSafeEQ: _TWO,
    exp.NullSafeNEQ: _TWO,
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions", "query"}),
    exp.Exists: _THIS,
    exp.Is: _TWO,
    exp.And: _TWO,
    exp.Or: _TWO,
    exp.Not: _THIS,
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Coalesce: frozenset({"this", "expressions"}),
    exp.Nullif: _TWO,
    exp.Greatest: frozenset({"this", "expressions", "ignore_nulls"}),
    exp.Least: frozenset({"this", "expressions", "ignore_nulls"}),
    exp.DPipe: frozenset({"this", "expression", "safe"}),
    exp.Length: _THIS,
    exp.Interval: frozenset({"this", "unit"}),
    exp.Var: _THIS,
    exp.Sum: _THIS,
    exp.Count: frozenset({"this", "big_int"}),
    exp.Min: _THIS,
    exp.Max: _THIS,
    exp.Filter: _TWO,
    exp.Window: frozenset({"this", "partition_by", "order", "over"}),
    exp.RowNumber: _NO_PARTS,
    exp.Rank: _NO_PARTS,
    exp.DenseRank: _NO_PARTS,
}
_JOINS: Final = frozenset({"", "INNER", "CROSS", "OUTER", "SEMI", "ANTI"})
_NUMBERS: Final = frozenset({Kind.INTEGER, Kind.HUGE, Kind.DECIMAL, Kind.DOUBLE})
_WHOLE: Final = frozenset({Kind.INTEGER, Kind.HUGE})
_CASTS: Final[Mapping[Kind, frozenset[Kind]]] = {
    Kind.INTEGER: _NUMBERS | {Kind.NULL},
    Kind.HUGE: _WHOLE | {Kind.NULL},
    Kind.TEXT: _WHOLE | {Kind.TEXT, Kind.NULL},
    Kind.TIME: frozenset({Kind.TIME, Kind.NULL}),
    Kind.BOOLEAN: frozenset({Kind.BOOLEAN, Kind.NULL}),
}
_UNITS: Final = frozenset({"HOUR", "MINUTE", "SECOND", "HOURS", "MINUTES", "SECONDS"})
# With more decimals, Spark may round a product where DuckDB does not.
_MAX_DECIMALS: Final = 6


def require_equal(tree: exp.Expr, query: HourQuery, tables: Iterable[str]) -> None:
    """Raise UsageError, naming file, line and construct, unless Spark returns the rows that DuckDB does.

    `tree` is qualified: every column has its table and type. `tables` are those that there are.
    """
    known = {*tables, *(cte.alias for cte in tree.find_all(exp.CTE))}
    for node in tree.walk():
        found = _find_unknown_part(node)
        if found is None and isinstance(node, exp.Table) and node.name not in known:
            found = f"table {node.name}" if node.name else "a function in the place of a table"
        check = _CHECKS.get(type(node))
        if found is None and check is not None:
            found = check(node)
        if found is not None:
            message = f"{query.shown}, line {find_line(node, query.text)}: {found} is not known to be the same in Spark"
            raise UsageError(message, hint=_HINT)


def find_line(node: exp.Expr, text: str) -> int:
    """Return the line of `text` in which something of `node`, or of what it stands in, is written."""
    place: exp.Expr | None = node
    while place is not None:
        # The parser's own numbers of lines count some line ends twice.
        starts = [int(part.meta["start"]) for part in place.walk() if "start" in part.meta]
        if starts:
            return text.count("\n", 0, min(starts)) + 1
        place = place.parent
    return 1


def _find_unknown_part(node: exp.Expr) -> str | None:
    parts = _KNOWN.get(type(node))
    if parts is None:
        return _name(node)
    strange = [name for name, value in node.args.items() if value and name not in parts]
    return f"{_name(node)} with {strange[0].strip('_').replace('_', ' ')}" if strange else None


def _name(node: exp.Expr) -> str:
    if isinstance(node, exp.Anonymous):
        return f"{node.name}()"
    if isinstance(node, exp.Func):
        return f"{node.sql_name().lower()}()"
    return node.key.upper()


def _check_join(node: exp.Expr) -> str | None:
    method, kind = node.args.get("method") or "", node.args.get("kind") or ""
    if method or kind not in _JOINS:
        return f"{method or kind} JOIN"
    return None


def _check_cast(node: exp.Expr) -> str | None:
    source, target = find_kind(node.this), find_kind(node)
    if source not in _CASTS.get(target, frozenset()):
        return f"a cast from {source.value} to {node.args['to'].sql('duckdb')}"
    return None


def _check_division(node: exp.Expr) -> str | None:
    by = node.expression.unnest()
    never_zero = isinstance(by, exp.Nullif) or (by.is_int and int(by.name) != 0)
    if not {find_kind(node.this), find_kind(by)} <= _WHOLE or not never_zero:
        return "a division but of a whole number by one that is never zero (nullif(…, 0))"
    return None


def _check_numbers(node: exp.Expr) -> str | None:
    kinds = [find_kind(node.this), find_kind(node.expression)]
    if set(kinds) <= _WHOLE | {Kind.DECIMAL} and kinds.count(Kind.DECIMAL) < len(kinds):
        return None
    if kinds == [Kind.TIME, Kind.INTERVAL] and not isinstance(node, exp.Mul):
        return None
    return f"arithmetic with {' and '.join(kind.value for kind in kinds)}"


def _check_comparison(node: exp.Expr) -> str | None:
    others = node.args.get("expressions") or [
        node.args[name] for name in ("expression", "low", "high") if node.args.get(name)
    ]
    if isinstance(node, exp.In) and (query := node.args.get("query")):
        others = query.unnest().selects
    kinds = {find_kind(part) for part in (node.this, *others)} - {Kind.NULL}
    if len(kinds) < 2 or kinds <= _NUMBERS:  # noqa: PLR2004 - the two sides of a comparison
        return f"a comparison of {Kind.UNKNOWN.value}" if Kind.UNKNOWN in kinds else None
    return f"a comparison of {' and '.join(sorted(kind.value for kind in kinds))}"


def _check_sum(node: exp.Expr) -> str | None:
    kind = find_kind(node.this)
    return None if kind in _WHOLE else f"sum() of {kind.value}"


def _check_text(node: exp.Expr) -> str | None:
    kinds = {find_kind(part) for part in (node.this, node.args.get("expression")) if part}
    return None if kinds <= {Kind.TEXT, Kind.NULL} else f"{_name(node)} of what is not text"


def _check_literal(node: exp.Expr) -> str | None:
    if node.args.get("is_string") or node.is_int:
        return None
    whole, _, decimals = node.name.partition(".")
    if whole.isdigit() and decimals.isdigit() and len(decimals) <= _MAX_DECIMALS:
        return None
    return f"the number {node.name}"


def _check_interval(node: exp.Expr) -> str | None:
    unit = node.args.get("unit")
    number = node.this.name if isinstance(node.this, exp.Literal) else ""
    return None if unit and unit.name.upper() in _UNITS and number.isdigit() else "this INTERVAL"


def _check_window(node: exp.Expr) -> str | None:
    inner = node.this
    ok = isinstance(inner, (exp.RowNumber, exp.Rank, exp.DenseRank, exp.Sum, exp.Count, exp.Min, exp.Max))
    return None if ok else f"{_name(inner)} with OVER"


def _check_filter(node: exp.Expr) -> str | None:
    ok = isinstance(node.this, (exp.Sum, exp.Count, exp.Min, exp.Max))
    if ok and isinstance(node.this.this, exp.Distinct):
        ok = False
    return None if ok else f"{_name(node.this)} with FILTER"


def _check_distinct(node: exp.Expr) -> str | None:
    parent = node.parent
    if isinstance(parent, exp.Count):
        return None if len(node.expressions) == 1 else "count(DISTINCT) of several"
    return "DISTINCT ON" if node.expressions or node.args.get("on") else None


def _check_order(node: exp.Expr) -> str | None:
    return "ORDER BY ALL" if isinstance(node.this, exp.Var) else None


def _check_star(node: exp.Expr) -> str | None:
    return None if isinstance(node.parent, exp.Count) else "a star"


_CHECKS: Final[Mapping[type[exp.Expr], Callable[[exp.Expr], str | None]]] = {
    exp.Join: _check_join,
    exp.Cast: _check_cast,
    exp.Div: _check_division,
    exp.IntDiv: _check_division,
    exp.Mod: _check_division,
    exp.Add: _check_numbers,
    exp.Sub: _check_numbers,
    exp.Mul: _check_numbers,
    **dict.fromkeys(
        (
            *(exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE, exp.NullSafeEQ, exp.NullSafeNEQ),
            *(exp.Between, exp.In, exp.Coalesce, exp.Nullif, exp.Greatest, exp.Least),
        ),
        _check_comparison,
    ),
    exp.Sum: _check_sum,
    exp.DPipe: _check_text,
    exp.Length: _check_text,
    exp.Literal: _check_literal,
    exp.Interval: _check_interval,
    exp.Window: _check_window,
    exp.Filter: _check_filter,
    exp.Distinct: _check_distinct,
    exp.Ordered: _check_order,
    exp.Star: _check_star,
}
