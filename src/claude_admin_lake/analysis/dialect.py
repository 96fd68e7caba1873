"""Athena's SQL in DuckDB's words."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp

from .errors import BadQuery

if TYPE_CHECKING:
    from datetime import date

DIVIDE = "trino_decimal_divide"

# Trino divides decimals exactly and rounds to the dividend's scale; DuckDB divides them as doubles.
# Each step adds what the step before left over, which is exact in DuckDB as well.
MACROS = (
    "CREATE MACRO refined(a, b, q) AS q + CAST((a - q * b) / b AS DECIMAL(38,12))",
    # Within a lambda `a` is worked out once, and where TRY can see it fail.
    f"""CREATE MACRO {DIVIDE}(dividend, b) AS list_transform(
        [dividend], lambda a: refined(a, b, refined(a, b, CAST(a / b AS DECIMAL(38,12))))
    )[1]""",
)

SETTINGS = ("SET TimeZone = 'UTC'", "SET integer_division = true")
"""Trino's `1/2` is 0, and its clock here is UTC."""


def parse(sql: str) -> exp.Query:
    """One question in Athena's SQL. Raises BadQuery if it is none."""
    try:
        statements = [one for one in sqlglot.parse(sql, read="athena") if one is not None]
    except sqlglot.errors.SqlglotError as error:
        raise BadQuery(f"not Athena SQL: {_plain(error)}") from error
    if len(statements) != 1:
        raise BadQuery(f"one statement is needed, not {len(statements)}")
    (statement,) = statements
    if not isinstance(statement, exp.Query):
        raise BadQuery("not Athena SQL that asks: SELECT, WITH or VALUES is needed")
    return statement


def to_duckdb(sql: str, today: date) -> str:
    """The statement for DuckDB; `current_date` is the day given."""
    tree = parse(sql).transform(_translate, today)
    try:
        return tree.sql(dialect="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)
    except sqlglot.errors.SqlglotError as error:
        raise BadQuery(f"Athena runs this, DuckDB cannot: {_plain(error)}") from error


@cache
def tables_in(sql: str) -> frozenset[str]:
    """The tables and views that a statement reads, its own WITH names apart."""
    tree = parse(sql)
    own = {one.alias_or_name.lower() for one in tree.find_all(exp.CTE)}
    return frozenset(one.name.lower() for one in tree.find_all(exp.Table)) - own


def _translate(node: exp.Expression, today: date) -> exp.Expression:
    if isinstance(node, exp.CurrentDate):
        return exp.cast(exp.Literal.string(str(today)), "date")
    if isinstance(node, exp.Div) and _is_whole_decimal(node.expression):
        return exp.Anonymous(this=DIVIDE, expressions=[node.this, node.expression])
    return node


def _is_whole_decimal(node: exp.Expression) -> bool:
    """Whether it is CAST(… AS decimal(38,0)): a decimal divided by it is divided exactly."""
    kind = exp.DataType.build("decimal(38,0)", dialect="athena")
    return isinstance(node, exp.Cast) and node.to == kind


def _plain(error: Exception) -> str:
    """The message without the terminal's underlining."""
    return str(error).replace("\x1b[4m", "").replace("\x1b[0m", "")
