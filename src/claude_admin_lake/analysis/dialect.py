"""Translates Athena SQL to DuckDB."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from .errors import BadQuery

if TYPE_CHECKING:
    from datetime import date

DIVIDE = "trino_decimal_divide"
_UNNESTED = "unnested_value"

# Trino divides decimals exactly and rounds to the dividend's scale; DuckDB divides them as doubles.
# Each step adds the quotient of the previous step's remainder, which DuckDB computes exactly.
MACROS = (
    "CREATE MACRO refined(a, b, q) AS q + CAST((a - q * b) / b AS DECIMAL(38,12))",
    # Inside a lambda, `a` is evaluated once, and TRY catches its errors.
    f"""CREATE MACRO {DIVIDE}(dividend, b) AS list_transform(
        [dividend], lambda a: refined(a, b, refined(a, b, CAST(a / b AS DECIMAL(38,12))))
    )[1]""",
)

SETTINGS = ("SET TimeZone = 'UTC'", "SET integer_division = true")
"""Settings that match Athena: `1/2` is 0, and times are UTC."""


def parse(sql: str) -> exp.Query:
    """Parse one query in Athena SQL. Raises BadQuery for anything else."""
    return _parsed(sql).copy()


@lru_cache(maxsize=512)
def _parsed(sql: str) -> exp.Query:
    """The tree, which must not be changed: it is shared."""
    try:
        statements = [one for one in sqlglot.parse(sql, read="athena") if one is not None]
    except sqlglot.errors.SqlglotError as error:
        raise BadQuery(f"not Athena SQL: {_plain(error)}") from error
    except RecursionError as error:
        raise BadQuery("not Athena SQL: it is nested too deeply") from error
    if len(statements) != 1:
        raise BadQuery(f"must be one statement, not {len(statements)}")
    (statement,) = statements
    if not isinstance(statement, exp.Query):
        raise BadQuery("not Athena SQL: a query must begin with SELECT, WITH or VALUES")
    return statement


@lru_cache(maxsize=512)
def to_duckdb(sql: str, today: date) -> str:
    """Translate a statement for DuckDB; `current_date` becomes `today`."""
    tree = _parsed(sql).transform(_translate, today)
    try:
        return tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.errors.SqlglotError as error:
        raise BadQuery(f"Athena can run this, but DuckDB cannot: {_plain(error)}") from error


@cache
def tables_in(sql: str) -> frozenset[str]:
    """Return the tables and views that a statement reads, without its own WITH names."""
    tree = _parsed(sql)
    own = {one.alias_or_name.lower() for one in tree.find_all(exp.CTE)}
    return frozenset(one.name.lower() for one in tree.find_all(exp.Table)) - own


@lru_cache(maxsize=512)
def plain_tables_in(sql: str) -> frozenset[str]:
    """Return what a statement reads by a plain name: no function, no other schema's table."""
    named = {
        one.name.lower()
        for one in _parsed(sql).find_all(exp.Table)
        if isinstance(one.this, exp.Identifier) and not one.db
    }
    return frozenset(named & tables_in(sql))


def _translate(node: exp.Expression, today: date) -> exp.Expression:
    if isinstance(node, exp.CurrentDate):
        return exp.cast(exp.Literal.string(str(today)), "date")
    if isinstance(node, exp.Div) and _is_whole_decimal(node.expression):
        return exp.Anonymous(this=DIVIDE, expressions=[node.this, node.expression])
    if isinstance(node, exp.Select):
        return _unnested_in_place(node)
    if isinstance(node, exp.Reduce) and _changes_nothing(node.args["finish"]):
        return exp.Reduce(**{**node.args, "finish": None})  # DuckDB has no such step
    return node


def _unnested_in_place(query: exp.Select) -> exp.Select:
    """Turn `FROM t CROSS JOIN UNNEST(x) AS u (y)` into `FROM (SELECT *, UNNEST(x) FROM t)`.

    DuckDB would carry out the join row by row, in three times the time.
    """
    table, joins = query.find(exp.From), query.args.get("joins") or []
    if not table or not isinstance(table.this, exp.Table) or len(joins) != 1 or query.is_star:
        return query
    (join,) = joins
    unnest, name = join.this, table.this.alias_or_name
    if join.kind != "CROSS" or not isinstance(unnest, exp.Unnest) or unnest.args.get("offset"):
        return query
    used = list(query.find_all(exp.Column))
    columns = set(unnest.alias_column_names)
    if len(columns) != 1 or any(one.name in columns and not one.table for one in used):
        return query
    every = exp.Column(this=exp.Star(), table=exp.to_identifier(name))
    parts = exp.alias_(exp.Explode(this=unnest.expressions[0]), _UNNESTED)
    inner = exp.select(every, parts).from_(table.this.copy()).subquery(name)
    for one in (one for one in used if one.table == unnest.alias):
        column = exp.column(_UNNESTED, name)
        one.replace(exp.alias_(column, one.name) if one.parent is query else column)
    query.set("joins", [])
    table.set("this", inner)
    return query


def _changes_nothing(node: exp.Expression) -> bool:
    """True for `one -> one`."""
    return isinstance(node, exp.Lambda) and node.expressions == [node.this]


def _is_whole_decimal(node: exp.Expression) -> bool:
    """True for CAST(… AS decimal(38,0)): dividing a decimal by it must be exact."""
    kind = exp.DataType.build("decimal(38,0)", dialect="athena")
    return isinstance(node, exp.Cast) and node.to == kind


def _plain(error: Exception) -> str:
    """Return the message without terminal escape codes."""
    return str(error).replace("\x1b[4m", "").replace("\x1b[0m", "")
