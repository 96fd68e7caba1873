"""Describes the catalog: tables, views, and where numbers come from. Pure."""

from __future__ import annotations

from typing import Any

from claude_admin_lake.analysis.dialect import parse, tables_in
from claude_admin_lake.analysis.engine import VIEWS
from claude_admin_lake.analysis.errors import BadQuery
from claude_admin_lake.catalog.tables import BY_NAME, CATALOG
from claude_admin_lake.catalog.views import queries
from claude_admin_lake.tables import TABLES

from . import people
from .statements import reads

QUERIES = {query.name: query for query in queries()}
_PATHS = {table.name: table.path for table in TABLES}


def names() -> dict[str, str]:
    """Every table and view with its description, views first: they answer most questions."""
    listed = {view.name: view.comment for view in VIEWS.values()}
    return listed | {table.name: table.comment for table in CATALOG}


def known(name: str) -> str:
    """The name of an existing table or view. Raises BadQuery for any other."""
    found = name.strip().lower()
    if found not in BY_NAME and found not in VIEWS:
        raise BadQuery(f"there is no table or view {name!r}; list_tables names all of them")
    return found


def described(name: str, *, with_people: bool) -> dict[str, Any]:
    """A table or view: its description, columns with types and meanings, and partitions."""
    hidden = [] if with_people else people.hidden(name)
    columns = [
        {"name": column, "type": kind, "meaning": meaning}
        for column, kind, meaning in _columns(name)
        if column not in hidden
    ]
    if hidden:
        columns.append({"name": people.FOLDED, "type": "bigint", "meaning": "Rows added up"})
    about: dict[str, Any] = {"name": name, "about": names()[name], "columns": columns}
    if hidden:
        about["hidden_columns"] = hidden
    if table := BY_NAME.get(name):
        about |= {"kind": "table", "partitions": [one.name for one in table.partitions]}
        return about
    return about | {"kind": "view", "reads": sorted(reads(parse(VIEWS[name].sql)))}


def lineage(name: str) -> dict[str, Any]:
    """Where the numbers of a table or view come from, down to the endpoints of the API."""
    if view := VIEWS.get(name):
        inner = [lineage(one) for one in sorted(reads(parse(view.sql)))]
        return {
            "name": name,
            "kind": "view",
            "about": view.comment,
            "sql": view.sql,
            "reads": inner,
        }
    base = name.removesuffix("_history").removesuffix("_seen")
    origin = f"GET {_PATHS[base]}" if base in _PATHS else "written by the loader"
    if BY_NAME[name].is_own:
        origin = "set by a person"
    return {"name": name, "kind": "table", "about": BY_NAME[name].comment, "from": origin}


def saved_queries_over(name: str) -> list[dict[str, str]]:
    """The saved queries that read a table or view."""
    return [
        {"name": query.name, "question": query.comment, "sql": query.sql}
        for query in QUERIES.values()
        if name in tables_in(query.sql)
    ]


def _columns(name: str) -> list[tuple[str, str, str]]:
    if view := VIEWS.get(name):
        return [(one.name, one.hive, one.comment) for one in view.columns]
    table = BY_NAME[name]
    return [(one.name, one.type.hive, one.comment) for one in (*table.columns, *table.partitions)]
