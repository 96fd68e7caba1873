"""Several organizations in one lake: no view, saved query or report mixes them."""

import json
from decimal import Decimal
from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from claude_admin_lake.analysis.engine import VIEWS, Engine
from claude_admin_lake.analysis.lake import FolderLake
from claude_admin_lake.catalog.tables import BY_NAME
from claude_admin_lake.catalog.views import queries
from claude_admin_lake.cli import main
from hand_made import TODAY, HandMade, analytics_cost, api_key, coding, cost, usage, user, workspace

from .test_report import Page, write

DAY, BEFORE = "2026-11-19", "2026-11-18"
SCRIPTS = {one.name: one for one in (*VIEWS.values(), *queries())}
_ADA = {"type": "user_actor", "user_id": "user_ada", "email_address": "old", "name": "old"}
ALWAYS_EMPTY = {"does_it_tie_out", "cost_anomalies", "cost_changes"}
"""The last two need weeks of costs: test_anomalies.py compares them."""


def fill(folder: Path, name: str, times: int) -> None:
    """An organization whose ids are those of every other, but whose names and numbers are not."""
    lake = HandMade(folder, name)
    ada = {**user("ada", "admin" if times == 1 else "owner"), "name": f"Ada of {name}"}
    bob = {**user("bob"), "name": f"Bob of {name}"}
    members = [{"user_id": "user_ada", "workspace_id": "w1", "workspace_role": "workspace_admin"}]
    lake.snapshot("organization", DAY, [{"id": f"id of {name}", "name": name.title()}])
    lake.snapshot("users", BEFORE, [ada, bob] if times == 1 else [bob])
    lake.snapshot("users", DAY, [ada])
    lake.snapshot("workspaces", DAY, [workspace(f"W of {name}", id="w1")])
    lake.snapshot("workspace_members", DAY, members)
    lake.snapshot("api_keys", DAY, [api_key("k1", name=f"Key of {name}"), api_key("k2")])
    lake.run(BEFORE, "users")
    lake.run(DAY, "users", finished_at=f"{DAY}T0{times}:00:00Z")
    lake.run(DAY, "cost_report", changed=[{"date": BEFORE, "rows_after": times}])
    _fill_younger(lake, name, times)
    for day in (BEFORE, DAY):
        lake.day("cost_report", day, [
            cost(str(100 * times), workspace_id="w1"), cost(str(10 * times)),
        ])  # fmt: skip
        lake.day("usage_report", day, [
            usage(times, "k1", workspace_id="w1", uncached_input_tokens=10 * times),
            usage(1, "k2", workspace_id="w1"),
        ])  # fmt: skip
        lake.day("usage_report_hourly", day, [usage(2 * times, "k1", workspace_id="w1")])
        lake.day("analytics_cost", day, [
            analytics_cost(str(90 * times), str(100 * times), workspace_id="w1"),
            analytics_cost(str(10 * times), workspace_id=f"default of {name}"),
        ])  # fmt: skip
        lake.day("analytics_cost_by_actor", day, [
            analytics_cost(str(80 * times), workspace_id="w1", actor=_ADA),
        ])  # fmt: skip
        lake.day("claude_code_usage", day, [
            coding("ada@example.com", model_breakdown=[_used(times)]),
            coding(f"{name}@example.com"),
        ])  # fmt: skip


def _fill_younger(lake: HandMade, name: str, times: int) -> None:
    """Rows for the views of Claude Enterprise, of access lists and of activities."""
    role = {"target_id": "user_ada", "role": f"admin of {name}"}
    made = {"type": "platform_api_key_created", "details": '{"api_key_id":"k1"}'}
    actor = {"type": "user_actor", "user_id": "user_bob"}
    at = f"{DAY}T10:00:00Z"
    lake.day("compliance_activities", DAY, [
        {"id": "a1", "created_at": at, "actor": actor, **made},
        {"id": "a2", "created_at": at, "actor": actor, "type": "role_assignment_granted",
         "details": json.dumps(role)},
    ])  # fmt: skip
    lake.snapshot("service_accounts", DAY, [
        {"id": "svac_1", "name": f"loader of {name}", "organization_role": "admin"}
    ])  # fmt: skip
    lake.snapshot("rate_limits", DAY, [
        {"id": "rlim_1", "group": {"id": "g"}, "models": ["m"],
         "limits": [{"type": "output_tokens_per_minute", "value": 10}]}
    ])  # fmt: skip
    lake.snapshot("rbac_groups", DAY, [
        {"id": "g1", "name": f"Group of {name}", "role_ids": ["r1"]}
    ])  # fmt: skip
    lake.snapshot("rbac_group_members", DAY, [{"rbac_group_id": "g1", "user_id": "user_ada"}])
    lake.snapshot("rbac_roles", DAY, [{"id": "r1", "display_name": f"Role of {name}"}])
    lake.day("usage_report_hourly", DAY, [{**usage(300 * times), "starting_at": at}])
    lake.day("enterprise_summaries", DAY, [
        {"assigned_seat_count": 10, "daily_active_user_count": times}
    ])  # fmt: skip
    lake.day("enterprise_users", DAY, [
        {"user": {"id": "user_ada"}, "chat_metrics": {"message_count": times}}
    ])  # fmt: skip


def _used(tokens: int) -> dict[str, object]:
    counts = {"input": tokens, "output": 1, "cache_read": 0, "cache_creation": 0}
    cents = {"amount": tokens, "currency": "USD"}
    return {"model": "m", "tokens": counts, "estimated_cost": cents}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("several")
    fill(folder, "production", 1)
    fill(folder, "research", 3)
    return folder


@pytest.fixture(scope="module")
def alone(lake: Path) -> dict[str, Engine]:
    return {name: Engine(FolderLake(lake, name), TODAY) for name in ("production", "research")}


@pytest.fixture(scope="module")
def together(lake: Path) -> Engine:
    return Engine(FolderLake(lake), TODAY)


@pytest.mark.parametrize("name", SCRIPTS)
def test_all_organizations_together_are_what_each_is_alone(name, together, alone):
    sql = f"SELECT * FROM {name}" if name in VIEWS else SCRIPTS[name].sql
    found = together.query(sql)
    assert "organization" in found.columns
    parts = [engine.query(sql).rows for engine in alone.values()]
    assert all(parts) or name in ALWAYS_EMPTY
    assert sorted(map(str, found.rows)) == sorted(str(row) for part in parts for row in part)


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_joins_groups_and_windows_keep_organizations_apart(script):
    """Also what lets Athena apply a condition on the organization to the partitions."""
    for scope in traverse_scope(sqlglot.parse_one(script.sql, read="athena")):
        if any(map(_has_organization, scope.sources.values())):
            _check_aggregates(scope)
        _check_joins(scope)


def _has_organization(source) -> bool:
    if isinstance(source, exp.Table):
        return source.name in BY_NAME or source.name in VIEWS
    return "organization" in source.expression.named_selects or source.expression.is_star


def _check_aggregates(scope) -> None:
    select = scope.expression
    if not isinstance(select, exp.Select):
        return
    windows = [one for one in scope.find_all(exp.Window) if not one.args.get("alias")]
    named = [one for one in select.args.get("windows") or () if one.args.get("partition_by")]
    for window in [*(one for one in windows if one.args.get("partition_by")), *named]:
        assert "organization" in _names(window.args["partition_by"]), window.sql()
    assert all(one.args.get("partition_by") or one.args.get("alias") for one in windows)
    inside = {id(one.this) for one in windows}
    sums = [one for one in scope.find_all(exp.AggFunc) if id(one) not in inside]
    if group := select.args.get("group"):
        assert "organization" in _names(group.expressions), group.sql()
    else:
        assert not [one for one in sums if not one.find_ancestor(exp.Window)], select.sql()
    if select.args.get("distinct"):
        assert "organization" in select.named_selects, select.sql()


def _check_joins(scope) -> None:
    earlier = scope.expression.args.get("from_") or scope.expression.args.get("from")
    known = [earlier.this.alias_or_name] if earlier else []
    for join in scope.expression.args.get("joins") or ():
        name = join.this.alias_or_name
        before = any(_has_organization(scope.sources[one]) for one in known if one in scope.sources)
        known.append(name)
        if not before or name not in scope.sources or not _has_organization(scope.sources[name]):
            continue
        on = join.args.get("on")
        assert on is not None, join.sql()
        assert any(
            {"organization"} == set(_names([one.this])) == set(_names([one.expression]))
            for one in on.find_all(exp.EQ)
        ), join.sql()


def _names(expressions) -> list[str]:
    return [one.name for one in expressions if isinstance(one, exp.Column)]


def test_one_organization_can_be_chosen(lake: Path, capsys):
    def ask(*more: str) -> str:
        sql = "SELECT sum(cost_usd) AS usd FROM cost_daily"
        assert main(["sql", "--lake", str(lake), "--today", str(TODAY), "--csv", *more, sql]) == 0
        return capsys.readouterr().out

    assert ask() == "usd\n8.8\n"
    assert ask("--organization", "research") == "usd\n6.6\n"


def test_an_organization_that_the_lake_does_not_have_is_refused(lake: Path, capsys):
    chosen = ["--organization", "staging"]
    assert main(["sql", "--lake", str(lake), *chosen, "SELECT 1"]) == 2
    told = capsys.readouterr().err
    assert "'staging'; must be one in this lake: production, research" in told


def test_the_report_of_several_has_totals_and_a_row_for_each(lake: Path, tmp_path: Path):
    page = Page(write(lake, tmp_path / "r.html"))
    assert "Claude usage and cost of 2 organizations" in page.text
    numbers = {key: Decimal(value) for key, value in page.numbers.items() if value}
    assert numbers["spend"] == Decimal("8.8")
    assert numbers["people"] == 4
    each = {name: numbers[f"organization:{name}"] for name in ("production", "research")}
    assert each == {"production": Decimal("2.2"), "research": Decimal("6.6")}
    assert numbers["organization:research:tokens"] == 60
    assert numbers["workspace:W of research · research"] == 6
    assert numbers["key:research:k1"] == Decimal("4.5")
    assert numbers["lag:users · production"] == 1
    assert numbers["finding:organization admin"] == 2


def test_the_report_of_one_says_nothing_about_the_other(lake: Path, tmp_path: Path):
    page = Page(write(lake, tmp_path / "r.html", "--organization", "production"))
    assert "Claude usage and cost of Production" in page.text
    assert "research" not in page.text.lower()
    assert "Each organization" not in page.text
    assert Decimal(page.numbers["spend"]) == Decimal("2.2")


def test_focus_names_the_organization_as_the_billing_account(together):
    found = together.query(
        "SELECT DISTINCT organization, BillingAccountId, BillingAccountName FROM focus_cost"
    )
    assert sorted(found.rows) == [
        ("production", "id of production", "Production"),
        ("research", "id of research", "Research"),
    ]
