"""Prints docs/queries.md: `python -m claude_admin_lake.analysis.examples --lake … --today …`."""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from claude_admin_lake.catalog.views import queries, views

from .engine import Engine
from .opening import open_lake
from .text import as_table

if TYPE_CHECKING:
    from collections.abc import Iterator

_SQL = "src/claude_admin_lake/catalog"
_HEAD = Path(__file__).with_name("examples_head.md").read_text("utf-8")

_ASKED = {
    "access_findings": "SELECT finding, subject, workspace_name, detail FROM access_findings "
    "ORDER BY finding, subject LIMIT 5",
    "access_review": "SELECT finding, subject, workspace_name, detail FROM access_review "
    "ORDER BY finding, subject LIMIT 4",
    "activity_findings": "SELECT finding, at, actor, subject, detail FROM activity_findings "
    "ORDER BY at DESC LIMIT 4",
    "claude_code_adoption": "SELECT first_day, is_complete, active_users, active_others, "
    "active_share, sessions_per_user FROM claude_code_adoption WHERE period = 'week' "
    "ORDER BY first_day DESC LIMIT 3",
    "claude_code_by_model": "SELECT model, sum(output_tokens) AS output_tokens, "
    "sum(estimated_cost_usd) AS usd FROM claude_code_by_model GROUP BY model ORDER BY usd DESC",
    "claude_code_by_tool": "SELECT tool, sum(accepted) AS accepted, sum(rejected) AS rejected "
    "FROM claude_code_by_tool GROUP BY tool ORDER BY accepted DESC",
    "claude_code_daily": "SELECT day, actor_name, terminal_type, sessions, lines_added, "
    "acceptance_rate, estimated_cost_usd FROM claude_code_daily "
    "ORDER BY day DESC, lines_added DESC LIMIT 3",
    "cost_by_api_key": "SELECT api_key_name, allocation, reason, sum(cost_usd) AS usd "
    "FROM cost_by_api_key GROUP BY api_key_name, allocation, reason ORDER BY usd DESC LIMIT 6",
    "budget_status": "SELECT name, budget_usd, CAST(actual_usd AS decimal(18,2)) AS actual_usd, "
    "forecast_usd, forecast_low_usd, forecast_high_usd, status, through_day FROM budget_status "
    "ORDER BY scope, name",
    "cost_anomalies": "SELECT day, workspace_name, cost_usd, expected_usd, direction FROM "
    "cost_anomalies ORDER BY day DESC, workspace_name LIMIT 3",
    "cost_by_team": "SELECT dimension, tag, team, sum(cost_usd) AS usd FROM cost_by_team "
    "GROUP BY dimension, tag, team ORDER BY dimension, tag, usd DESC LIMIT 6",
    "cost_changes": "SELECT first_day, workspace_name, previous_usd, cost_usd, volume_usd, "
    "price_usd, mix_usd FROM cost_changes WHERE period = 'week' "
    "ORDER BY first_day DESC, abs(change_usd) DESC LIMIT 3",
    "cost_by_person": "SELECT actor_type, actor_name, sum(claude_code_usd) AS claude_code_usd, "
    "sum(api_usd) AS api_usd, sum(cost_usd) AS usd FROM cost_by_person "
    "GROUP BY actor_type, actor_name ORDER BY usd DESC LIMIT 4",
    "cost_by_product": "SELECT product, sum(cost_usd) AS usd, sum(discount_usd) AS discount_usd "
    "FROM cost_by_product GROUP BY product ORDER BY usd DESC",
    "cost_daily": "SELECT workspace_name, model, token_type, sum(cost_usd) AS usd "
    "FROM cost_daily GROUP BY workspace_name, model, token_type ORDER BY usd DESC LIMIT 3",
    "enterprise_adoption": "SELECT day, product, seats, daily_active_users, monthly_share, "
    "messages, sessions FROM enterprise_adoption WHERE daily_active_users IS NOT NULL "
    "ORDER BY day DESC, product LIMIT 3",
    "cost_history": "SELECT source, min(day) AS first_day, max(day) AS last_day, "
    "sum(cost_usd) AS usd, sum(list_cost_usd) AS list_usd FROM cost_history GROUP BY source",
    "default_workspaces": "SELECT organization, workspace_id FROM default_workspaces",
    "discounts": "SELECT workspace_name, sum(list_cost_usd) AS list_usd, sum(cost_usd) AS usd, "
    "sum(discount_usd) AS discount_usd FROM discounts GROUP BY workspace_name ORDER BY usd DESC "
    "LIMIT 3",
    "focus_cost": "SELECT ChargePeriodStart, SubAccountName, ChargeDescription, PricingQuantity, "
    "BilledCost, BillingCurrency FROM focus_cost ORDER BY BilledCost DESC LIMIT 3",
    "freshness": "SELECT table_name, last_complete_day, lag_days, last_status FROM freshness "
    "ORDER BY table_name LIMIT 4",
    "known_api_keys": "SELECT api_key_name, status, creator_name FROM known_api_keys "
    "ORDER BY api_key_name LIMIT 3",
    "known_users": "SELECT user_name, role, is_current FROM known_users ORDER BY email LIMIT 3",
    "known_workspaces": "SELECT workspace_name, is_archived FROM known_workspaces "
    "ORDER BY workspace_name LIMIT 3",
    "membership_changes": "SELECT day, scope, user_name, change, old_role, new_role "
    "FROM membership_changes ORDER BY day DESC, user_name LIMIT 4",
    "reconciliation": "SELECT status, reason, count(*) AS cells, sum(expected_usd) AS "
    "expected_usd, sum(billed_usd) AS billed_usd, sum(difference_usd) AS difference_usd "
    "FROM reconciliation GROUP BY status, reason ORDER BY cells DESC",
    "reconcile_sources": "SELECT reason, count(*) AS cells, sum(difference_usd) AS usd "
    "FROM reconcile_sources GROUP BY reason ORDER BY cells DESC",
    "restatements": "SELECT day, version, reason, cost_usd, cost_change_usd FROM restatements "
    "WHERE table_name = 'cost_report' ORDER BY day DESC, version LIMIT 5",
    "seats": "SELECT state, is_member, count(*) AS people, sum(subscription_days) AS "
    "subscription_days, sum(api_days) AS api_days FROM seats GROUP BY state, is_member "
    "ORDER BY people DESC, state",
    "unit_cost": "SELECT model, sum(cost_usd) AS usd, CAST(sum(cost_usd) * 1000000 / sum(tokens) "
    "AS decimal(18,4)) AS usd_per_million, sum(batch_saving_usd) AS batch_saving_usd, "
    "sum(cache_miss_usd) AS cache_miss_usd FROM unit_cost GROUP BY model ORDER BY usd DESC LIMIT 4",
    "rbac_access": "SELECT user_name, rbac_group_name, rbac_role_name, source_type "
    "FROM rbac_access ORDER BY user_name, rbac_group_id LIMIT 4",
    "usage_daily": "SELECT workspace_name, api_key_name, sum(input_tokens) AS input_tokens, "
    "sum(output_tokens) AS output_tokens FROM usage_daily "
    "GROUP BY workspace_name, api_key_name ORDER BY input_tokens DESC LIMIT 3",
}


def page(engine: Engine) -> str:
    """Return the whole page, with an example query and its result for each view."""
    return "\n".join([_HEAD, *_views(engine), *_queries()])


def _views(engine: Engine) -> Iterator[str]:
    yield "## The views\n"
    for view in views():
        asked = _ASKED[view.name]
        yield f"### {view.name}\n\n{view.comment}. [SQL](../{_SQL}/views/{view.name}.sql) ·"
        yield f"[columns](tables.md#{view.name})\n"
        yield f"```sql\n{asked}\n```\n```\n{as_table(engine.query(asked), 10)}\n```\n"


def _queries() -> Iterator[str]:
    yield "## Saved queries\n\nIn Athena, open Saved queries in the workgroup."
    yield f"The files are in `{_SQL}/queries/`.\n"
    yield "| name | answers |\n| --- | --- |"
    for one in queries():
        yield f"| [`{one.name}`](../{_SQL}/queries/{one.name}.sql) | {one.comment} |"
    yield ""


def main() -> int:
    """Print the page."""
    parser = argparse.ArgumentParser(prog="examples", description=__doc__)
    parser.add_argument("--lake", required=True)
    parser.add_argument("--today", type=date.fromisoformat, required=True)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as copies:
        sys.stdout.write(page(Engine(open_lake(options.lake, Path(copies)), options.today)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
