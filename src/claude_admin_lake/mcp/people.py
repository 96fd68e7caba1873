"""Hides people: removes their columns and adds up the remaining rows about people.

Text is hidden unless its column is listed here, so a new column is hidden until it is reviewed.
"""

from __future__ import annotations

from sqlglot import exp

from claude_admin_lake.analysis.dialect import parse
from claude_admin_lake.analysis.engine import VIEWS
from claude_admin_lake.catalog.tables import BY_NAME

FOLDED = "folded_rows"
"""The column that says how many rows were added up."""

_PREFIX = "without_people_in_"
_DAYS = frozenset({"day", "date", "snapshot_date", "week", "month", "start_month", "end_month"})
_ADDED_UP = ("bigint", "decimal")
_HARMLESS = frozenset({
    # The part of the organization, and what was used.
    "organization", "workspace_id", "workspace_name", "workspace_role", "api_key_id",
    "api_key_status", "model", "service_tier", "context_window", "inference_geo", "speed",
    "token_type", "cost_type", "product", "currency", "amount", "description", "source",
    "allocation", "reason", "starting_at", "ending_at", "customer_type", "subscription_type",
    "terminal_type", "tool", "actor_type",
    # Kinds and states.
    "type", "status", "role", "old_role", "new_role", "change", "scope", "finding", "subject_type",
    "created_by_type", "creator_type", "principal_type", "scope_type", "period", "table_name",
})  # fmt: skip
_ALL_SHOWN = frozenset({"load_runs", "freshness", "restatements", "focus_cost", "prices",
                        "reconciliation", "workspaces", "workspaces_history",
                        "workspaces_seen", "organization", "organization_history", "cost_daily",
                        "claude_code_adoption", "known_workspaces"})  # fmt: skip
"""Tables and views that say nothing about people."""


def hidden(name: str) -> list[str]:
    """The columns of a table or view that are hidden."""
    return [column for column, hive in _columns(name).items() if not _kept(column, hive, name)]


def columns_of(name: str) -> dict[str, str]:
    """The names and types of a table's or view's remaining columns."""
    gone = hidden(name)
    left = {column: hive for column, hive in _columns(name).items() if column not in gone}
    return left | {FOLDED: "bigint"} if gone else left


def without_people(tree: exp.Query) -> exp.Query:
    """The query over the remaining columns of each table or view about people."""
    tree = tree.copy()
    own = {one.alias_or_name.lower() for one in tree.find_all(exp.CTE)}
    folded = set()
    for table in tree.find_all(exp.Table):
        name = table.name.lower()
        if name not in own and hidden(name):
            folded.add(name)
            if not table.alias:
                table.set("alias", exp.TableAlias(this=table.this.copy()))
            table.set("this", exp.to_identifier(_PREFIX + name))
    for name in sorted(folded):
        tree = tree.with_(_PREFIX + name, as_=_folded(name), append=True, copy=False)
    return _folded_first(tree, len(folded))


def _folded_first(tree: exp.Query, count: int) -> exp.Query:
    """The query with its last `count` WITH clauses first, because the others may read them."""
    if with_ := tree.args.get("with_") or tree.args.get("with"):
        tables = with_.expressions
        with_.set("expressions", tables[len(tables) - count :] + tables[: len(tables) - count])
    return tree


def _folded(name: str) -> exp.Query:
    left = {column: hive for column, hive in columns_of(name).items() if column != FOLDED}
    kept = [f'"{column}"' for column, hive in left.items() if not hive.startswith(_ADDED_UP)]
    chosen = ", ".join([*(_chosen(*one) for one in left.items()), f"count(*) AS {FOLDED}"])
    grouped = f" GROUP BY {', '.join(kept)}" if kept else ""
    return parse(f"SELECT {chosen} FROM {name}{grouped}")  # noqa: S608 - names of the catalog


def _chosen(column: str, hive: str) -> str:
    if hive.startswith(_ADDED_UP):
        return f'CAST(sum("{column}") AS {hive}) AS "{column}"'
    return f'"{column}"'


def _columns(name: str) -> dict[str, str]:
    if view := VIEWS.get(name):
        return {column.name: column.hive for column in view.columns}
    found = BY_NAME[name]
    return {one.name: one.type.hive for one in (*found.columns, *found.partitions)}


def _kept(column: str, hive: str, name: str) -> bool:
    if name in _ALL_SHOWN or column in _HARMLESS or column in _DAYS:
        return True
    return hive == "boolean" or hive.startswith(_ADDED_UP)
