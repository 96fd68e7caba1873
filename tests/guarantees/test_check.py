"""A check tells what a load would do, asks once for each table, and changes nothing."""

import json
import re
from collections import Counter

import boto3
import pytest

from admin_double import ENTERPRISE_KEY, KEY, faults
from claude_admin_lake.check.report import check, shapes
from claude_admin_lake.function import app
from claude_admin_lake.plan.event import read_event
from claude_admin_lake.settings import read_settings
from claude_admin_lake.tables import TABLES

from .world import BOTH_KEYS, World, ago

STANDARD = [table.name for table in TABLES if table.group == "standard"]


def look(world: World, at=check, **event):
    world.api.reset_log()
    settings = read_settings(world.environment)
    request = read_event({"check": True, **event}, settings, world.clock.now())
    return at(request, world.services())


@pytest.fixture
def every_table(world) -> World:
    world.settings["TABLES"] = "standard,hourly,access,enterprise,activity"
    world.store.key = BOTH_KEYS
    return world


def state_of(world: World) -> object:
    """Everything that is stored, lake and state alike."""
    if hasattr(world.store, "folder"):
        return sorted(str(file) for file in world.store.folder.rglob("*"))
    return world.store.objects(), boto3.client("dynamodb").scan(TableName="cursors")["Items"]


def test_each_table_is_asked_for_once_at_most_and_nothing_is_written(every_table):
    before = state_of(every_table)
    look(every_table)
    asked = Counter(request.table for request in every_table.api.requests)
    assert asked.most_common(1)[0][1] == 1
    assert state_of(every_table) == before


def test_trouble_is_not_asked_again_either(world):
    world.api.fail(None, faults.status(503), times=faults.ALWAYS)
    result = look(world)
    assert max(Counter(request.table for request in world.api.requests).values()) == 1
    assert {one["status"] for one in result["tables"].values()} == {"failed"}
    assert result["status"] == "incomplete"
    assert all("503" in one["error"] and one["todo"] for one in result["tables"].values())


def test_what_a_check_promises_a_load_does(world):
    """Status of each table, number of requests, and the days."""
    world.api.forbid("invites")
    told = look(world)
    done = world.run().as_dict()
    assert {name: one["status"] for name, one in told["tables"].items()} == {
        name: one["status"] for name, one in done["tables"].items()
    }
    assert told["first_load"]["requests"] == sum(one["requests"] for one in done["tables"].values())
    assert told["status"] == done["status"] == "incomplete"
    report = told["tables"]["usage_report"]
    assert (report["oldest"], report["newest"]) == (str(ago(10)), str(ago(1)))


def test_it_says_whose_key_it_is_and_of_which_kind(world):
    result = look(world)
    organization = world.api.organization
    assert result["claude_organization"]["id"] == organization.id
    assert result["key"]["api_key"] == "an Admin API key"
    assert set(result["surroundings"].values()) == {"ok"}
    assert result["status"] == "complete"
    assert KEY not in json.dumps(result)


def test_a_listing_with_further_pages_makes_it_the_least_there_can_be(world):
    world.api.page_cap = 2
    result = look(world, tables=["users"])
    assert result["tables"]["users"]["at_least"]
    assert result["first_load"]["at_least"]


def test_children_of_a_listing_with_further_pages_are_the_least_there_can_be(world):
    world.api.page_cap = 2
    world.settings["TABLES"] = "workspaces,workspace_members"
    parents = world.api.truth("workspaces")
    for one in parents:
        world.api.put("workspace_members", one["id"], [])
    assert look(world)["tables"]["workspace_members"]["at_least"]
    world.api.page_cap = len(parents)
    assert not look(world)["tables"]["workspace_members"]["at_least"]


def test_the_newest_day_of_an_hourly_report_is_that_of_its_last_records(world):
    table = "usage_report_hourly"
    for day in (ago(2), ago(1)):
        hours = world.api.truth(table, day)
        used = next(hour["results"] for hour in hours if hour["results"])
        first = hours[0] | {"results": used}
        world.api.put(table, day, [first, *(one | {"results": []} for one in hours[1:])])
    assert look(world, tables=[table])["tables"][table]["newest"] == str(ago(1))


def test_the_pages_of_a_range_are_estimated_by_the_days_on_the_first(world):
    world.api.page_cap = 3
    result = look(world, tables=["usage_report"])
    assert result["tables"]["usage_report"] == {
        "status": "loaded", "error": None, "oldest": str(ago(10)), "newest": str(ago(8)),
        "requests": 4, "at_least": True,
    }  # fmt: skip
    assert world.run({"tables": ["usage_report"]}).outcomes[0].meter.requests == 4


def test_a_refused_key_is_told_with_what_to_do(world):
    world.api.keys.clear()
    result = look(world)
    assert result["status"] == "failed"
    assert "an Admin API key, and may be revoked" in result["error"]
    assert "tables" not in result


def test_another_organizations_key_is_told_with_both_names(world):
    world.run()
    before = state_of(world)
    world.api.put("organization", None, [{"id": "other", "type": "organization", "name": "Other"}])
    result = look(world)
    assert result["status"] == "failed"
    assert "'Other' (other)" in result["error"]
    assert world.api.organization.id in result["error"]
    assert state_of(world) == before


def test_tables_of_groups_may_not_be_offered_and_named_ones_are_forbidden(world):
    world.settings["TABLES"] = "standard,access,enterprise"
    result = look(world)
    tables = result["tables"]
    assert tables["service_accounts"]["status"] == "not_offered"
    assert "OAuth token" in tables["service_accounts"]["error"]
    assert tables["rbac_group_members"]["status"] == "not_offered"
    assert result["status"] == "complete"
    named = look(world, tables=["rbac_roles"])["tables"]["rbac_roles"]
    assert (named["status"], "TABLES" in named["todo"]) == ("forbidden", True)


def test_an_enterprise_key_alone_is_enough_for_its_tables(world):
    world.settings["TABLES"] = "enterprise"
    world.store.key = json.dumps({"enterprise_key": ENTERPRISE_KEY})
    if hasattr(world.store, "create"):
        text = world.store.key
        boto3.client("secretsmanager").put_secret_value(SecretId="key", SecretString=text)
    assert look(world)["status"] == world.run().status == "complete"


def test_what_is_missing_around_is_told_beside_the_tables(on_aws):
    on_aws.store.bucket = "no-such-bucket"
    result = look(on_aws)
    assert "no-such-bucket" in result["surroundings"]["lake"]
    assert result["surroundings"]["cursors"] == "ok"
    assert result["status"] == "incomplete"
    assert {one["status"] for one in result["tables"].values()} == {"loaded"}
    on_aws.store.table = "no-such-table"
    result = look(on_aws)
    assert "no-such-table" in result["surroundings"]["cursors"]


def test_a_secret_that_is_not_there_is_told(on_aws):
    boto3.client("secretsmanager").delete_secret(SecretId="key", ForceDeleteWithoutRecovery=True)
    result = look(on_aws)
    assert result["status"] == "failed"
    assert "'key' (ADMIN_KEY_SECRET_ID)" in result["surroundings"]["credential"]


def test_the_function_answers_a_check_and_raises_nothing(on_aws, monkeypatch):
    for name, value in on_aws.environment.items():
        monkeypatch.setenv(name, value)
    result = app.lambda_handler({"check": True, "tables": ["users"]})
    assert (result["check"], result["tables"]["users"]["status"]) == (True, "loaded")
    on_aws.api.keys.clear()
    assert app.lambda_handler({"check": True})["status"] == "failed"
    assert on_aws.store.objects() == {}


def test_a_clock_that_is_wrong_is_told(world):
    world.clock.passed += 3600
    result = look(world)
    assert "1:00:00 ahead of the API's" in result["surroundings"]["clock"]
    assert result["status"] == "incomplete"


def test_the_function_checks_several_organizations(on_aws, monkeypatch):
    document = {"organizations": {"a": {"api_key": KEY}, "b": {"api_key": "sk-ant-admin01-b0"}}}
    text = json.dumps(document)
    boto3.client("secretsmanager").put_secret_value(SecretId="key", SecretString=text)
    for name, value in {**on_aws.environment, "ORGANIZATIONS": "a,b"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(app, "SystemClock", lambda: on_aws.clock)
    result = app.lambda_handler({"check": True})
    statuses = {name: one["status"] for name, one in result["organizations"].items()}
    assert statuses == {"a": "complete", "b": "failed"}


def test_shapes_show_every_field_and_no_value(every_table):
    result = look(every_table, shapes)
    text = json.dumps(result)
    assert set(result) == set(read_settings(every_table.environment).tables)
    for table in STANDARD:
        records = [json.loads(one) for one in every_table.api.truth_text(*_part(table))]
        for value in _strings(records):
            assert json.dumps(value)[1:-1] not in text, value
    seen = {one["field"]: one["seen"] for one in result["users"]["fields"]}
    assert seen["email"] == ["string"]
    assert [one for one in result["usage_report"]["fields"] if one.get("note") == "new"] == []


def _part(table):
    return (
        (table, ago(1))
        if table in ("usage_report", "cost_report", "claude_code_usage")
        else (table, None)
    )


def _strings(value):
    """The texts in a value that cannot be the name of a field or a type."""
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        for one in inside:
            yield from _strings(one)
    elif isinstance(value, str) and len(value) > 5 and re.search(r"[^a-z0-9_.]", value):
        yield value
