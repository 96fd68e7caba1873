"""The organization is realistic and repeatable, and its days are restated until they are final."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from admin_double import AdminDouble, Organization
from admin_double.reports import cost_results, usage_results
from tests.double.client import COST_GROUP_BY, NOW, PATHS, USAGE_GROUP_BY

MONDAY, SATURDAY = date(2026, 3, 23), date(2026, 3, 28)
DAYS = [MONDAY + timedelta(days=n) for n in range(90)]
DATED = ("usages", "ledger", "sessions")


def read(organization, name, day, age):
    return getattr(organization, name)(day, age)


@pytest.mark.parametrize("name", DATED)
def test_the_same_seed_day_and_age_give_the_same_rows(organization, name):
    again = replace(organization)
    assert read(organization, name, MONDAY, 1) == read(again, name, MONDAY, 1)


@pytest.mark.parametrize("name", DATED)
def test_another_seed_gives_other_rows(organization, name):
    other = replace(organization, seed=8)
    assert read(organization, name, MONDAY, 9) != read(other, name, MONDAY, 9)


def test_two_doubles_serve_the_same_bytes(organization):
    served = []
    for _ in range(2):
        with AdminDouble(replace(organization), now=NOW) as api:
            tables = dict.fromkeys(PATHS) | dict.fromkeys(
                ("usage_report", "cost_report", "claude_code_usage"), "2026-04-14"
            )
            served.append([api.truth_text(table, day) for table, day in tables.items()])
    assert served[0] == served[1]


def test_a_coding_day_changes_until_it_is_two_days_old(organization):
    ages = [organization.sessions(MONDAY, age) for age in range(6)]
    assert ages[0] != ages[1] != ages[2]
    assert ages[2] == ages[3] == ages[4] == ages[5]


@pytest.mark.parametrize("name", ["usages", "ledger"])
def test_a_reported_day_changes_for_three_days_and_a_few_days_once_more(organization, name):
    restated = []
    for day in DAYS:
        versions = [read(organization, name, day, age) for age in range(25)]
        changes = [age for age in range(1, 25) if versions[age] != versions[age - 1]]
        assert changes[:3] == [1, 2, 3]
        assert len(changes) <= 4
        restated += changes[3:]
    assert 1 <= len(restated) <= len(DAYS) // 4
    assert 3 < min(restated) <= max(restated) <= 20


def test_a_later_morning_serves_the_restated_day(api, client):
    asked = {"starting_at": "2026-04-14", "limit": "1000"}
    first = client.data("claude_code_usage", asked)
    api.now += timedelta(days=1)
    assert (
        client.data("claude_code_usage", asked)
        == api.truth("claude_code_usage", "2026-04-14")
        != first
    )


def test_a_weekend_is_quiet_and_adoption_grows(organization):
    later = MONDAY + timedelta(weeks=30)
    for name in DATED:
        monday = len(read(organization, name, MONDAY, 99))
        assert len(read(organization, name, SATURDAY, 99)) < monday / 2
        assert len(read(organization, name, later, 99)) > monday


@pytest.mark.parametrize("workspaces", [1, 6, 20])
@pytest.mark.parametrize("rows", [60, 1000])
def test_report_rows_can_be_set_exactly(rows, workspaces):
    sized = Organization(workspaces=workspaces, report_rows_per_day=rows)
    for day, age in ((sized.first_day, 0), (SATURDAY, 1), (SATURDAY, 99)):
        assert len(usage_results(sized.usages(day, age), USAGE_GROUP_BY)) == rows
        assert len(cost_results(sized.ledger(day, age), COST_GROUP_BY)) == rows


@pytest.mark.parametrize("age", [0, 99])
def test_coding_records_can_be_set_exactly(age):
    sized = Organization(users=3, claude_code_records_per_day=500)
    assert len(sized.sessions(SATURDAY, age)) == 500


@pytest.mark.parametrize(("users", "workspaces"), [(1, 1), (2, 2), (300, 40)])
def test_any_size_of_organization_works(users, workspaces):
    sized = Organization(users=users, workspaces=workspaces)
    assert len(sized.user_records()) == users
    assert len(sized.workspace_records(NOW)) == workspaces
    assert sized.usages(SATURDAY)
    assert sized.sessions(SATURDAY)


@pytest.mark.parametrize("size", [{"users": 0}, {"workspaces": 0}])
def test_an_organization_needs_a_user_and_a_workspace(size):
    with pytest.raises(ValueError, match="at least one"):
        Organization(**size)


def kinds(records, name):
    return {record[name] for record in records}


def test_invites_come_in_every_status(api):
    found = api.truth("invites")
    assert kinds(found, "status") == {"pending", "accepted", "expired", "deleted"}
    for invite in found:
        assert (invite["accepted_at"] is not None) is (invite["status"] == "accepted")
    assert {len(invite["rbac_group_ids"]) for invite in found} == {0, 1, 2}


def test_users_have_every_role(api):
    assert len(kinds(api.truth("users"), "role")) == 9


def test_members_have_every_role(api):
    assert len(kinds(api.truth("workspace_members"), "workspace_role")) == 5


def test_keys_come_in_every_status_and_shape(api):
    keys = api.truth("api_keys")
    assert kinds(keys, "status") == {"active", "inactive", "archived", "expired"}
    shapes = {tuple(sorted(key["principal"] or ())) for key in keys}
    assert shapes == {(), ("type", "user_id"), ("service_account_id", "type"), ("id", "type")}
    assert sum(key["created_by"] is None for key in keys) == 1
    assert {key["expires_at"] is None for key in keys} == {True, False}
    assert {key["partial_key_hint"] is None for key in keys} == {True, False}


def test_only_keys_of_the_default_workspace_or_the_organization_have_no_workspace(api):
    homeless = [key["scope"] for key in api.truth("api_keys") if key["workspace_id"] is None]
    assert {scope["type"] for scope in homeless} == {"workspace", "organization"}


def test_workspaces_are_archived_open_restricted_and_tagged(api):
    workspaces = api.truth("workspaces")
    geos = [workspace["data_residency"]["allowed_inference_geos"] for workspace in workspaces]
    assert "unrestricted" in geos
    assert ["us"] in geos
    assert {bool(workspace["tags"]) for workspace in workspaces} == {True, False}


def test_names_hold_quotes_newlines_and_other_scripts(api):
    names = "".join(
        record["name"]
        for table in ("users", "workspaces", "api_keys")
        for record in api.truth(table)
    )
    assert all(character in names for character in '"\n\\\tß李🦊,')


def test_coding_records_come_in_every_shape(api):
    records = [
        r
        for n in range(10)
        for r in api.truth("claude_code_usage", f"2026-04-0{n}" if n else "2026-04-10")
    ]
    assert kinds(records, "customer_type") == {"api", "subscription"}
    assert {r["actor"]["type"] for r in records} == {"user_actor", "api_actor"}
    assert {r.get("subscription_type", "absent") for r in records} == {
        "team",
        "enterprise",
        None,
        "absent",
    }
    assert {r.get("is_remote", "absent") for r in records} == {True, False, "absent"}
    assert len({frozenset(r["tool_actions"]) for r in records}) > 3
    amounts = [m["estimated_cost"]["amount"] for r in records for m in r["model_breakdown"]]
    assert {type(amount) for amount in amounts} == {int, float}
    actors = [(r["date"], str(r["actor"])) for r in records]
    assert len(set(actors)) < len(actors)


def test_spend_follows_a_workspace_until_it_is_archived(organization):
    archived = {space.id for space in organization.all_spaces if space.archived}
    before = {used.workspace_id for used in organization.usages(organization.first_day)}
    after = {used.workspace_id for day in DAYS for used in organization.usages(day)}
    assert not archived & after
    assert before
