"""A dry run: what would be read, and how long the requests alone would take. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from claude_admin_lake.source.pace import burst

if TYPE_CHECKING:
    from collections.abc import Sequence

    from claude_admin_lake.plan.table_plan import TablePlan
    from claude_admin_lake.settings import Settings


def dry_run(
    run_id: str, organization: str, plans: Sequence[TablePlan], settings: Settings
) -> dict[str, object]:
    """The result of a dry run.

    Counts one request for each chain of pages, the minimum: only the API knows how many pages a
    day or a list has, and how many workspaces there are.
    """
    tables = {plan.table.name: _preview(plan) for plan in plans}
    requests = sum(sum(1 for _ in plan.reads()) for plan in plans)
    rate = settings.requests_per_minute
    return {
        "run_id": run_id,
        "organization": organization,
        "status": "complete",
        "dry_run": True,
        "tables": tables,
        "slices": sum(plan.slices for plan in plans),
        "requests": requests,
        "minutes": round(max(0.0, requests - burst(rate)) / rate, 1),
        "remaining": None,
    }


def _preview(plan: TablePlan) -> dict[str, object]:
    return {
        "status": "planned",
        "slices": plan.slices,
        "days": [str(span) for span in plan.ranges],
        "requests": sum(1 for _ in plan.reads()),
        "reloaded": plan.reload,
    }
