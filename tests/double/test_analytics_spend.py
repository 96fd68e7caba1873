"""The analytics and the older reports tell the same spend, and who spent it."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

DAYS = [date(2026, 4, 1) + timedelta(days=n) for n in range(14)]
TABLES = ("analytics_usage", "analytics_cost")
SHARED = ("workspace_id", "model", "service_tier", "context_window", "inference_geo")
PARSED = (*SHARED, "cost_type", "token_type")


def cells(rows, names, amount, of=lambda row: row):
    sums = defaultdict(Decimal)
    for row in rows:
        sums[tuple(of(row)[name] for name in names)] += Decimal(amount(row))
    return dict(sums)


def legacy(row, workspace_id):
    """An older row's dimensions as the analytics names them."""
    geo = None if row["inference_geo"] == "not_available" else row["inference_geo"]
    return row | {"workspace_id": row["workspace_id"] or workspace_id, "inference_geo": geo}


@pytest.fixture
def default(api):
    return api.organization.default_workspace_id


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_costs_tie_to_the_cost_report_cell_by_cell(api, default, day):
    older = [legacy(row, default) for row in api.truth("cost_report", day)]
    newer = api.truth("analytics_cost", day)
    amounts = cells(newer, PARSED, lambda row: row["cost"]["amount"], lambda row: row["group"])
    assert amounts == cells(older, PARSED, lambda row: row["amount"])


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_tokens_tie_to_the_usage_report_cell_by_cell(api, default, day):
    older = [legacy(r, default) for r in api.truth("usage_report", day, group_by=SHARED)]
    newer = [r for r in api.truth("analytics_usage", day) if r["usage"]["total_tokens"]]
    for name in ("uncached_input_tokens", "output_tokens", "cache_read_input_tokens"):
        mine = cells(newer, SHARED, lambda row, name=name: row["usage"][name], lambda r: r["group"])
        assert mine == cells(older, SHARED, lambda row, name=name: row[name])


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("day", DAYS[:7], ids=str)
def test_both_cuts_of_a_day_have_the_same_total(api, table, day):
    measure = "usage" if table == "analytics_usage" else "cost"
    name = "total_tokens" if measure == "usage" else "amount"
    totals = {
        sum(Decimal(row[measure][name]) for row in api.truth(each, day))
        for each in (table, f"{table}_by_actor")
    }
    assert len(totals) == 1
    assert totals.pop() > 0


def test_the_discount_separates_amount_and_list_amount(api):
    before = api.truth("analytics_cost", DAYS[0])
    assert all(row["cost"]["amount"] == row["cost"]["list_amount"] for row in before)
    api.switches.discount = Decimal("0.15")
    for old, new in zip(before, api.truth("analytics_cost", DAYS[0]), strict=True):
        assert new["cost"]["list_amount"] == old["cost"]["amount"]
        assert Decimal(new["cost"]["amount"]) == Decimal(old["cost"]["amount"]) * Decimal("0.85")


def actors(api, day=DAYS[1]):
    return [row["group"]["actor"] for row in api.truth("analytics_usage_by_actor", day)]


def test_every_kind_of_actor_spends(api):
    found = [actor for day in DAYS for actor in actors(api, day) if actor]
    assert {actor["type"] for actor in found} == {
        "user_actor",
        "service_account_actor",
        "api_actor",
        "federated_actor",
    }


def test_users_keys_and_workspaces_are_those_of_the_lists(api):
    users = {user["id"]: user for user in api.truth("users")}
    keys = {key["id"] for key in api.truth("api_keys")}
    workspaces = {w["id"] for w in api.truth("workspaces", flags={"include_default": "true"})}
    for row in api.truth("analytics_usage_by_actor", DAYS[1]):
        actor = row["group"]["actor"] or {}
        if actor.get("type") == "user_actor":
            user = users[actor["user_id"]]
            assert (actor["email_address"], actor["name"]) == (user["email"], user["name"])
        assert row["group"]["api_key_id"] in keys | {None}
        assert row["group"]["workspace_id"] in workspaces


def test_a_hidden_identity_is_a_row_of_its_own_with_a_null_actor(api):
    before = actors(api)
    users = list(dict.fromkeys(a["user_id"] for a in before if a and "user_id" in a))[:2]
    api.switches.hidden_actors.update(users)
    after = actors(api)
    assert len(after) == len(before)
    hidden = [a for a in before if a and a.get("user_id") in users]
    assert after.count(None) == before.count(None) + len(hidden)


def test_hidden_identities_may_have_equal_groups(api):
    users = {user["id"] for user in api.truth("users")}
    api.switches.hidden_actors.update(users)
    rows = api.truth("analytics_usage_by_actor", DAYS[1], group_by=["actor"])
    assert [row["group"]["actor"] for row in rows].count(None) > 2


def test_a_deleted_user_has_no_address(api):
    user = next(a["user_id"] for a in actors(api) if a and "user_id" in a)
    api.switches.deleted_users.add(user)
    shown = next(a for a in actors(api) if a and a.get("user_id") == user)
    assert (shown["email_address"], shown["name"], shown["deleted"]) == (None, "Deleted User", True)


def test_a_renamed_user_is_renamed_in_all_rows(api):
    users = api.truth("users")
    spender = next(a["user_id"] for a in actors(api) if a and "user_id" in a)
    api.put("users", None, [u | {"name": "New Name"} if u["id"] == spender else u for u in users])
    assert {a["name"] for a in actors(api) if a and a.get("user_id") == spender} == {"New Name"}


def test_code_execution_is_usage_without_tokens_unless_it_is_switched_off(api):
    found = [row for day in DAYS for row in api.truth("analytics_usage", day)]
    spans = [row for row in found if row["usage"]["total_tokens"] == 0]
    assert all(row["group"]["model"] is None and row["usage"]["requests"] > 0 for row in spans)
    assert spans
    api.switches.code_execution_in_usage = False
    found = [row for day in DAYS for row in api.truth("analytics_usage", day)]
    assert all(row["usage"]["total_tokens"] for row in found)


def test_groups_overlap_so_that_their_sums_exceed_the_total(api):
    total = sum(r["usage"]["total_tokens"] for r in api.truth("analytics_usage", DAYS[1]))
    grouped = api.truth("analytics_usage", DAYS[1], group_by=["rbac_group_id"])
    assert sum(row["usage"]["total_tokens"] for row in grouped) > total


def test_a_restated_day_is_restated_in_both(api, default):
    api.now = datetime(2026, 4, 15, 9, tzinfo=UTC)
    day = date(2026, 4, 14)
    before = api.truth("analytics_cost", day)
    api.now += timedelta(days=1)
    after = api.truth("analytics_cost", day)
    assert before != after
    older = [legacy(row, default) for row in api.truth("cost_report", day)]
    amounts = cells(after, PARSED, lambda row: row["cost"]["amount"], lambda row: row["group"])
    assert amounts == cells(older, PARSED, lambda row: row["amount"])


@pytest.mark.parametrize("day", DAYS[:3], ids=str)
def test_the_hours_of_a_day_add_up_to_the_day(api, day):
    hours = [row for bucket in api.truth("usage_report_hourly", day) for row in bucket["results"]]
    names = ("model", "workspace_id", "api_key_id", "service_tier", "context_window")
    for name in ("uncached_input_tokens", "output_tokens", "cache_read_input_tokens"):
        by_hour = cells(hours, names, lambda row, name=name: row[name])
        assert by_hour == cells(api.truth("usage_report", day), names, lambda r, name=name: r[name])
