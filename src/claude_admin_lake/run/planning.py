"""Plans a table's reads; some plans depend on what the lake holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace

from claude_admin_lake.plan.request import Mode
from claude_admin_lake.plan.table_plan import TablePlan, plan_repair, plan_since, plan_table

if TYPE_CHECKING:
    from claude_admin_lake.plan.cursor import Cursor
    from claude_admin_lake.plan.request import Request
    from claude_admin_lake.tables import Table

    from .services import Services


def plan_for(table: Table, request: Request, services: Services, cursor: Cursor) -> TablePlan:
    """What a run reads of a table."""
    if request.mode is Mode.REPAIR:
        present = services.lake.days(table)
        return plan_repair(table, request, services.settings, cursor, present)
    if request.since and table.days:
        present = services.lake.days(table)
        return plan_since(table, request, services.settings, cursor, present)
    plan = plan_table(table, request, services.settings, cursor)
    is_continuation = request.slices is not None and request.mode is Mode.INCREMENTAL
    # Days stored with another query are not this load's.
    same_query = not plan.reload or cursor.reload_query == plan.question.query
    if table.days and is_continuation and same_query:
        return replace(plan, stored=frozenset(services.lake.days(table)))
    return plan
