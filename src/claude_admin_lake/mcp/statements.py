"""Which statements may run: one query, over the catalog's tables and views, without side effects.

This module is an allow-list. A name after FROM must be a table, a view or one of the statement's
own WITH names, so no file, URL or table function can be read. A function must be known to the
parser as an SQL function or be listed here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from claude_admin_lake.analysis.dialect import parse
from claude_admin_lake.analysis.engine import VIEWS
from claude_admin_lake.catalog.tables import BY_NAME

from .errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST = 20_000
"""Characters of a statement."""

_FORBIDDEN = (
    exp.Command, exp.Copy, exp.Create, exp.DDL, exp.DML, exp.Drop, exp.Into, exp.Lock,
    exp.Parameter, exp.Placeholder, exp.Pragma, exp.ReadCSV, exp.SessionParameter, exp.Set, exp.Use,
)  # fmt: skip
_KNOWN_TO_TRINO = frozenset({
    "array_join", "cardinality", "codepoint", "contains", "element_at", "filter", "is_nan",
    "json_array_length", "map_filter", "map_keys", "map_values", "none_match", "normalize", "rank",
    "reduce", "rtrim", "transform", "typeof", "cume_dist", "dense_rank", "percent_rank",
    "approx_percentile", "any_match", "all_match", "date_diff", "date_add", "date_format",
    "from_iso8601_date", "from_iso8601_timestamp", "try", "bool_and", "bool_or", "arbitrary",
    "histogram", "map_agg", "multimap_agg", "format_number", "word_stem", "url_extract_host",
})  # fmt: skip


def checked(sql: str) -> exp.Query:
    """Parse a statement. Raises Refused or BadQuery unless it is a query that may run."""
    if len(sql) > LONGEST:
        raise Refused(f"the statement has {len(sql):,} characters; must be at most {LONGEST:,}")
    tree = parse(sql)
    if found := tree.find(*_FORBIDDEN):
        raise Refused(f"only a query may run; this contains {type(found).__name__.upper()}")
    for function in tree.find_all(exp.Anonymous, exp.AnonymousAggFunc):
        _check_function(function)
    own = {one.alias_or_name.lower() for one in tree.find_all(exp.CTE)}
    if taken := sorted(own & {*BY_NAME, *VIEWS}):
        raise Refused(f"WITH {taken[0]} has the name of a table or view; choose another")
    for table in tree.find_all(exp.Table):
        _check_table(table, own)
    return tree


def _check_function(function: exp.Func) -> None:
    name = str(function.this).lower()
    if name not in _KNOWN_TO_TRINO:
        raise Refused(f"the function {name} is not allowed; use the functions of Athena's SQL")


def _check_table(table: exp.Table, own: set[str]) -> None:
    if not isinstance(table.this, exp.Identifier):
        raise Refused("only tables and views can be read, not table functions")
    if table.args.get("db") or table.args.get("catalog"):
        raise Refused(f"{table.sql('athena')} names a schema; use the table's name alone")
    name = table.name.lower()
    if name not in own and name not in BY_NAME and name not in VIEWS:
        raise Refused(f"there is no table or view {name}; list_tables names all of them")


def reads(tree: exp.Query) -> set[str]:
    """The tables and views that a query names."""
    own = {one.alias_or_name.lower() for one in tree.find_all(exp.CTE)}
    return {one.name.lower() for one in tree.find_all(exp.Table)} - own


def beneath(names: set[str]) -> set[str]:
    """The base tables that these tables and views ultimately read."""
    return {name for one in names for name in _beneath(one) if name in BY_NAME}


def _beneath(name: str) -> Iterator[str]:
    yield name
    if view := VIEWS.get(name):
        for inner in reads(parse(view.sql)):
            yield from _beneath(inner)
