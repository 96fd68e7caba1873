"""The lists of who and what may use the organization, and those that it is not offered."""

import json

import pytest

from admin_double import ENTERPRISE_KEY, reset
from claude_admin_lake.run.outcome import Status
from tests.guarantees.loading import BY_NAME, current, load
from tests.guarantees.world import PARTITION, TODAY, World

OAUTH_ONLY = ("service_accounts", "federation_issuers", "federation_rules")


@pytest.mark.parametrize("table", OAUTH_ONLY)
def test_with_an_admin_key_alone_it_is_not_offered_and_the_reason_is_the_credential(
    on_laptop: World, table: str
) -> None:
    result = on_laptop.run({"tables": ["users", "access"]})
    missing = next(one for one in result.outcomes if one.table == table)
    assert missing.status is Status.NOT_OFFERED
    assert "OAuth token" in (missing.error or "")
    assert on_laptop.api.count(table) == 0
    assert on_laptop.store.get(f"{table}/{PARTITION}/{table}.jsonl.gz") is None
    assert result.status == "complete"


@pytest.mark.parametrize("status", [400, 403, 404])
def test_early_access_to_spend_limits_may_be_missing(on_laptop: World, status: int) -> None:
    on_laptop.api.withhold("spend_limits", status)
    result = on_laptop.run({"tables": ["users", "access"]})
    missing = next(one for one in result.outcomes if one.table == "spend_limits")
    assert missing.status is Status.NOT_OFFERED
    assert f"HTTP {status}" in (missing.error or "")
    assert result.status == "complete"


@pytest.mark.parametrize("table", ["rate_limits", "external_keys"])
def test_a_list_that_is_no_beta_does_not_call_our_mistake_not_offered(
    on_laptop: World, table: str
) -> None:
    on_laptop.api.withhold("access", 400)
    result = on_laptop.run({"tables": ["access"]})
    assert next(one for one in result.outcomes if one.table == table).status is Status.FAILED


@pytest.mark.parametrize("version", ["2023-06-01", "2026-10-21"])
def test_the_oldest_form_of_rate_limits_is_the_same_table(on_laptop: World, version: str) -> None:
    on_laptop.settings["ANTHROPIC_VERSION"] = version
    load(on_laptop, "rate_limits")
    newer = current(on_laptop, "rate_limits")
    on_laptop.api.switches.oldest_rate_limits = True
    outcome = load(on_laptop, "rate_limits")
    assert (outcome.status, outcome.drift) == (Status.LOADED, set())
    kept = ("group_type", "models", "limits")
    assert current(on_laptop, "rate_limits") == [
        dict.fromkeys(row) | {name: row[name] for name in kept} for row in newer
    ]


def test_a_group_type_that_differs_from_the_group_s_is_kept_and_reported(on_laptop: World) -> None:
    on_laptop.settings["ANTHROPIC_VERSION"] = "2026-10-21"
    [limit, *_] = on_laptop.api.truth("rate_limits", version="2026-10-21")
    on_laptop.api.put("rate_limits", None, [{**limit, "group_type": "other"}])
    outcome = load(on_laptop, "rate_limits")
    assert outcome.drift == {"group_type: twice"}
    [row] = current(on_laptop, "rate_limits")
    assert (row["group_type"], row["group_type__raw"]) == (limit["group"]["type"], '"other"')


def test_limits_of_a_workspace_are_those_that_it_overrides(on_laptop: World) -> None:
    load(on_laptop, "workspace_rate_limits")
    rows = current(on_laptop, "workspace_rate_limits")
    assert {limit["source"]["type"] for row in rows for limit in row["limits"]} == {"workspace"}
    everything = on_laptop.api.truth("workspace_rate_limits", flags={"include_inherited": "true"})
    assert 0 < len(rows) < len(everything)
    assert {row["workspace_id"] for row in rows} <= {
        one["id"] for one in on_laptop.api.truth("workspaces")
    }


def test_claims_are_a_map_and_a_rule_that_matches_everything_has_none(on_laptop: World) -> None:
    load(on_laptop, "federation_rules")
    claims = {row["name"]: row["match_claims"] for row in current(on_laptop, "federation_rules")}
    assert claims["nightly"] == {"repository": "example/evals"}
    assert claims["builds"] is None


def test_inline_keys_stay_an_array_whatever_fields_a_key_has(on_laptop: World) -> None:
    issuers = on_laptop.api.truth("federation_issuers")
    key = {"kty": "EC", "kid": "1", "x5c": ["MIIB"], "x5t#S256": "abc", "n": None}
    issuers[-1]["jwks"]["keys"] = [key]
    on_laptop.api.put("federation_issuers", None, issuers)
    outcome = load(on_laptop, "federation_issuers")
    assert outcome.drift == {"jwks_keys.x5t#S256: new"}
    assert current(on_laptop, "federation_issuers")[-1]["jwks_keys"] == [key]


@pytest.mark.parametrize("table", ["rate_limits", "rbac_role_permissions"])
def test_a_list_that_breaks_is_left_as_it_was(world: World, table: str) -> None:
    """A list by token, and one of children by token."""
    load(world, table)
    before = world.lake()
    world.api.page_cap = 1
    world.api.fail(table, reset(), nth=2, times=20)
    world.next_day()
    assert load(world, table).status is Status.FAILED
    assert world.lake() == before
    world.api.heal()
    assert load(world, table).status is Status.LOADED
    day = TODAY.replace(day=TODAY.day + 1)
    history = f"{table}_history/{PARTITION}/snapshot_date={day}/{table}.jsonl.gz"
    assert world.rows(history) == current(world, table)


def test_roles_that_the_api_cannot_tell_now_are_null_and_known_from_the_day_before(
    on_laptop: World,
) -> None:
    load(on_laptop, "rbac_groups")
    known = {row["id"]: row["role_ids"] for row in current(on_laptop, "rbac_groups")}
    on_laptop.next_day()
    on_laptop.api.switches.role_ids_available = False
    outcome = load(on_laptop, "rbac_groups")
    assert (outcome.status, outcome.drift) == (Status.LOADED, set())
    rows = current(on_laptop, "rbac_groups")
    assert {row["role_ids"] for row in rows} == {None}
    history = f"rbac_groups_history/{PARTITION}/snapshot_date={TODAY}/rbac_groups.jsonl.gz"
    assert {row["id"]: row["role_ids"] for row in on_laptop.rows(history)} == known


def test_a_permission_says_of_which_role_it_is(on_laptop: World) -> None:
    load(on_laptop, "rbac_role_permissions")
    rows = current(on_laptop, "rbac_role_permissions")
    assert next(iter(rows[0])) == BY_NAME["rbac_role_permissions"].parent.column
    roles = [role["id"] for role in on_laptop.api.truth("rbac_roles")]
    assert [len([row for row in rows if row["rbac_role_id"] == role]) for role in roles] == [
        1,
        5,
        5,
    ]


def test_the_enterprise_group_alone_needs_no_api_key(on_laptop: World) -> None:
    on_laptop.store.give_key(json.dumps({"enterprise_key": ENTERPRISE_KEY}))
    result = on_laptop.run({"tables": ["rbac_groups", "rbac_group_members"]})
    assert {one.status for one in result.outcomes} == {Status.LOADED}
