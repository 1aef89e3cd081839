"""A query of `queries/duckdb`, or a user's own, in; the same in Spark's words out, or an error that says why not."""

import logging
from collections.abc import Callable, Mapping
from typing import Final

import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel, SqlglotError
from sqlglot.errors import ParseError as SqlglotParseError
from sqlglot.optimizer.annotate_types import annotate_types
from sqlglot.optimizer.qualify import qualify

from antennactl.engines.queries import USER_TOTALS, HourQuery
from antennactl.engines.spark.constructs import require_equal
from antennactl.engines.spark.kinds import Kind, find_kind
from antennactl.errors import UsageError

_FOREIGN: Final = {
    "timestamp": "TIMESTAMPTZ",
    "id": "VARCHAR",
    "antenna_id": "VARCHAR",
    "bytes": "BIGINT",
    "app": "VARCHAR",
}
_LAKE: Final = {**_FOREIGN, "topic_id": "VARCHAR", "kafka_partition": "INTEGER", "kafka_offset": "BIGINT"}
_USERS: Final = {"id": "VARCHAR", "name": "VARCHAR", "email": "VARCHAR", "quota": "BIGINT"}
_TOTALS: Final = {"id": "VARCHAR", "value": "BIGINT"}
_HALF: Final = 2**32


def translate(query: HourQuery, *, foreign: bool) -> str:
    """Return `query` in Spark's SQL, with `:hour` for the hour; `foreign`: the lake is another writer's.

    Whatever data there is, both return the same rows. Raises UsageError, naming file, line and construct, when the
    query has something that is not known to mean the same to Spark.
    """
    schema: dict[str, object] = {"devices": _FOREIGN if foreign else _LAKE, "user_metadata": _USERS}
    if query.name != USER_TOTALS:
        schema[USER_TOTALS] = _TOTALS
    try:
        tree = annotate_types(_qualify(_parse(query), schema), schema=schema, dialect="duckdb")
        require_equal(tree, query, schema)
        return str(_rewrite(tree, schema).sql("spark", unsupported_level=ErrorLevel.RAISE, comments=False))
    except SqlglotError as error:
        raise _untranslatable(query, error) from error


def _parse(query: HourQuery) -> exp.Expr:
    # What it cannot parse it takes as it is, with a warning that would be no error of ours.
    logging.getLogger("sqlglot").setLevel(logging.CRITICAL)
    statements = [tree for tree in sqlglot.parse(query.text, read="duckdb") if tree is not None]
    if len(statements) != 1 or not isinstance(statements[0], exp.Query):
        message = f"{query.shown}: one SELECT is wanted, and nothing else"
        raise UsageError(message)
    return statements[0]


def _qualify(tree: exp.Expr, schema: Mapping[str, object]) -> exp.Expr:
    """Return the tree with a table and a type for each column, without stars, USING and GROUP BY ALL."""
    for placeholder in list(tree.find_all(exp.Placeholder, exp.Parameter)):
        if not isinstance(placeholder.parent, exp.Cast):
            placeholder.replace(exp.cast(exp.Placeholder(this=placeholder.name), "TIMESTAMPTZ"))
    qualified: exp.Expr = qualify(tree, schema=dict(schema), dialect="duckdb", validate_qualify_columns=False)
    for group in list(qualified.find_all(exp.Group)):
        select = group.parent
        if group.args.get("all") and isinstance(select, exp.Select):
            keys = [item.unalias() for item in select.selects if not item.find(exp.AggFunc, exp.Window)]
            group.replace(exp.Group(expressions=[key.copy() for key in keys])) if keys else group.pop()
    return qualified


def _rewrite(tree: exp.Expr, schema: Mapping[str, object]) -> exp.Expr:
    """Return the tree in which everything that Spark would do otherwise is said explicitly."""
    for cte in tree.find_all(exp.CTE):
        cte.set("materialized", None)
    for kind, rewrite in _REWRITES:
        # The innermost first: whoever is rewritten takes its parts along as they are then.
        for node in reversed(list(tree.find_all(kind))):
            node.replace(rewrite(node, schema))
    return tree


def _rewrite_filter(node: exp.Expr, _schema: Mapping[str, object]) -> exp.Expr:
    """Move the condition of a FILTER into the aggregate, which then may be written in other ways."""
    aggregate, condition = node.this, node.expression.this
    value = exp.Literal.number(1) if isinstance(aggregate.this, exp.Star) else aggregate.this
    kept = exp.Case(ifs=[exp.If(this=condition.copy(), true=value.copy())])
    changed: exp.Expr = aggregate.copy()
    changed.set("this", kept)
    return changed


def _rewrite_sum(node: exp.Expr, schema: Mapping[str, object]) -> exp.Expr:
    """Sum in more than 64 bits, as DuckDB does: a column of ours in halves, which is quick, all else as decimals."""
    value = node.this
    if isinstance(node.parent, exp.Window) or not _is_own_column(value, schema):
        return exp.Sum(this=exp.cast(value.copy(), "DECIMAL(38, 0)", dialect="spark"))
    high = exp.Anonymous(this="shiftright", expressions=[value.copy(), exp.Literal.number(32)])
    low = exp.BitwiseAnd(this=value.copy(), expression=exp.Literal.number(_HALF - 1))
    scaled = exp.Mul(
        this=exp.cast(exp.Sum(this=high), "DECIMAL(20, 0)", dialect="spark"),
        expression=exp.cast(exp.Literal.number(_HALF), "DECIMAL(10, 0)", dialect="spark"),
    )
    whole = exp.Add(this=scaled, expression=exp.cast(exp.Sum(this=low), "DECIMAL(20, 0)", dialect="spark"))
    return exp.cast(exp.Paren(this=whole), "DECIMAL(38, 0)", dialect="spark")


def _is_own_column(value: exp.Expr, schema: Mapping[str, object]) -> bool:
    select = value.find_ancestor(exp.Select)
    if not isinstance(value, exp.Column) or select is None:
        return False
    names = {cte.alias for cte in value.root().find_all(exp.CTE)}
    sources = [select.args.get("from_"), *(select.args.get("joins") or [])]
    tables = [source.this for source in sources if source]
    return any(
        isinstance(table, exp.Table)
        and table.alias_or_name == value.table
        and table.name in schema.keys() - names
        for table in tables
    )


def _rewrite_cast(node: exp.Expr, _schema: Mapping[str, object]) -> exp.Expr:
    """Round to a whole number as DuckDB does; Spark would cut the decimals off."""
    target, source = find_kind(node), find_kind(node.this)
    if target is Kind.HUGE:
        return exp.cast(node.this.copy(), "DECIMAL(38, 0)", dialect="spark")
    if target is Kind.INTEGER and source in {Kind.DECIMAL, Kind.DOUBLE}:
        name = "round" if source is Kind.DECIMAL else "bround"
        rounded = exp.Anonymous(this=name, expressions=[node.this.copy(), exp.Literal.number(0)])
        return exp.Cast(this=rounded, to=node.args["to"].copy())
    return node.copy()


def _rewrite_division(node: exp.Expr, _schema: Mapping[str, object]) -> exp.Expr:
    halves = [exp.cast(part.copy(), "DOUBLE") for part in (node.this, node.expression)]
    return exp.Paren(this=exp.Div(this=halves[0], expression=halves[1], typed=False, safe=False))


def _rewrite_rank(node: exp.Expr, _schema: Mapping[str, object]) -> exp.Expr:
    is_rank = isinstance(node.this, (exp.RowNumber, exp.Rank, exp.DenseRank))
    return exp.cast(node.copy(), "BIGINT") if is_rank else node.copy()


_REWRITES: Final[tuple[tuple[type[exp.Expr], Callable[[exp.Expr, Mapping[str, object]], exp.Expr]], ...]] = (
    (exp.Cast, _rewrite_cast),
    (exp.Filter, _rewrite_filter),
    (exp.Sum, _rewrite_sum),
    (exp.Div, _rewrite_division),
    (exp.Window, _rewrite_rank),
)


def _untranslatable(query: HourQuery, error: SqlglotError) -> UsageError:
    where, what = query.shown, str(error).partition("\n")[0]
    if isinstance(error, SqlglotParseError) and error.errors:
        first = error.errors[0]
        where, what = f"{where}, line {first.get('line')}", str(first.get("description") or what)
    return UsageError(
        f"{where}: cannot be translated for Spark: {what}",
        hint="run it with --engine duckdb, which takes it as it is",
    )
