"""Lists that page by token: access, federation, limits, groups and roles."""

import pytest

from admin_double import ACCESS_TOKEN, ENTERPRISE_KEY, KEY
from tests.double.client import BASE, HEADERS, Client

TOKEN = HEADERS | {"x-api-key": None, "Authorization": f"Bearer {ACCESS_TOKEN}"}
LIMITS = HEADERS | {"anthropic-beta": "spend-limit-reads-2026-09-26"}
ENTERPRISE = HEADERS | {"x-api-key": ENTERPRISE_KEY}
LISTS = {
    "service_accounts": TOKEN,
    "federation_issuers": TOKEN,
    "federation_rules": TOKEN,
    "rate_limits": HEADERS,
    "spend_limits": LIMITS,
    "external_keys": HEADERS,
    "rbac_groups": ENTERPRISE,
    "rbac_roles": ENTERPRISE,
}
CHILDREN = {
    "workspace_rate_limits": (HEADERS, "workspaces", "rate_limits"),
    "rbac_group_members": (ENTERPRISE, "rbac_groups", "members"),
    "rbac_role_permissions": (ENTERPRISE, "rbac_roles", "permissions"),
}
ARCHIVED = ("service_accounts", "federation_issuers", "federation_rules")
NEWER = {"anthropic-version": "2026-10-21"}


def client_of(api, headers) -> Client:
    return Client(api, {name: value for name, value in headers.items() if value})


def read(api, headers, path, query=None):
    with (client := client_of(api, headers)).session:
        return list(client.pages(f"{BASE}/{path}", query))


def data(pages):
    return [record for page in pages for record in page["data"]]


@pytest.mark.parametrize("table", LISTS)
def test_the_pages_of_a_list_are_its_truth_and_end_at_a_null_token(api, table):
    archived = {"include_archived": "true"} if table in ARCHIVED else {}
    pages = read(api, LISTS[table], table, {"limit": "2"} | archived)
    assert data(pages) == api.truth(table)
    assert [set(page) for page in pages] == [{"data", "next_page"}] * len(pages)
    assert len(pages) > 1
    assert len(data(pages)) >= 3


@pytest.mark.parametrize("table", CHILDREN)
def test_the_list_of_each_parent_is_part_of_the_truth(api, table):
    headers, parents, name = CHILDREN[table]
    found = []
    for parent in api.truth(parents):
        part = data(read(api, headers, f"{parents}/{parent['id']}/{name}"))
        assert part == api.truth(table, parent["id"])
        found += part
    assert found == api.truth(table)
    assert len(found) > 3


@pytest.mark.parametrize("table", CHILDREN)
def test_the_list_of_an_unknown_parent_is_404(api, table):
    headers, parents, name = CHILDREN[table]
    with (client := client_of(api, headers)).session:
        assert client.get(f"{BASE}/{parents}/unknown/{name}").status_code == 404


@pytest.mark.parametrize("table", ARCHIVED)
def test_archived_records_are_listed_on_request(api, table):
    usual = data(read(api, TOKEN, table))
    everything = data(read(api, TOKEN, table, {"include_archived": "true"}))
    assert usual == [record for record in everything if record["archived_at"] is None]
    assert len(usual) < len(everything)
    assert usual == api.truth(table, flags={})


@pytest.mark.parametrize(("table", "limit"), [("service_accounts", "101"), ("rbac_roles", "1001")])
def test_a_limit_has_a_maximum(api, table, limit):
    with (client := client_of(api, LISTS[table])).session:
        assert client.get(f"{BASE}/{table}", {"limit": limit}).status_code == 400


@pytest.mark.parametrize("table", LISTS)
def test_a_list_can_say_has_more_with_a_token_on_its_last_page(api, table):
    api.switches.lists_say_has_more = True
    pages = read(api, LISTS[table], table, {"limit": "2"})
    assert [page["has_more"] for page in pages] == [True] * (len(pages) - 1) + [False]
    assert pages[-1]["next_page"]


@pytest.mark.parametrize(
    ("headers", "oldest", "fields"),
    [
        (HEADERS, False, {"id", "type", "group", "group_type", "models", "limits"}),
        (HEADERS | NEWER, False, {"id", "type", "group", "models", "limits"}),
        (HEADERS, True, {"group_type", "models", "limits"}),
        (HEADERS | NEWER, True, {"group_type", "models", "limits"}),
    ],
)
def test_rate_limits_have_the_shape_of_their_version(api, headers, oldest, fields):
    api.switches.oldest_rate_limits = oldest
    found = data(read(api, headers, "rate_limits"))
    assert {frozenset(record) for record in found} == {frozenset(fields)}
    assert found == api.truth("rate_limits", version=headers["anthropic-version"])


@pytest.mark.parametrize(
    ("table", "parameter", "value"),
    [
        ("rate_limits", "group_type", "batch"),
        ("spend_limits", "scope_type[]", "workspace"),
    ],
)
def test_a_filter_keeps_what_it_names(api, table, parameter, value):
    (found,) = data(read(api, LISTS[table], table, {parameter: value}))
    assert (found.get("scope") or found.get("group"))["type"] == value


def test_rate_limits_can_be_filtered_by_model(api):
    (found,) = data(read(api, HEADERS, "rate_limits", {"model": "claude-opus-4-6"}))
    assert found["models"] == ["claude-opus-4-6"]
    with (client := Client(api)).session:
        assert client.get(f"{BASE}/rate_limits", {"model": "claude-unknown"}).status_code == 404


def test_inherited_rate_limits_are_listed_on_request(api):
    workspace = api.truth("workspaces")[0]["id"]
    own = data(read(api, HEADERS, f"workspaces/{workspace}/rate_limits"))
    inherited = {"include_inherited": "true"}
    everything = data(read(api, HEADERS, f"workspaces/{workspace}/rate_limits", inherited))
    assert 0 < len(own) < len(everything) == len(api.truth("rate_limits"))
    assert everything == api.truth("workspace_rate_limits", workspace, flags=inherited)


def test_roles_have_a_name_in_the_older_version_only(api):
    older = data(read(api, ENTERPRISE, "rbac_roles"))
    newer = data(read(api, ENTERPRISE | NEWER, "rbac_roles"))
    assert [record["name"] for record in older] == [record["display_name"] for record in newer]
    assert not any("name" in record for record in newer)


def test_the_roles_of_groups_can_be_unavailable(api):
    assert all(isinstance(group["role_ids"], list) for group in api.truth("rbac_groups"))
    api.switches.role_ids_available = False
    assert {group["role_ids"] for group in api.truth("rbac_groups")} == {None}


def test_the_default_workspace_is_listed_on_request(api):
    usual = data_by_id(api, {})
    everything = data_by_id(api, {"include_default": "true"})
    (added,) = [workspace for workspace in everything if workspace not in usual]
    assert added["id"] == api.organization.default_workspace_id
    assert added in api.truth("workspaces")
    assert added not in api.truth("workspaces", flags={"include_archived": "true"})


def data_by_id(api, query):
    with (client := Client(api)).session:
        return client.data("workspaces", query)


@pytest.mark.parametrize(
    ("shape", "version", "shapes"),
    [
        ("mixed", "2023-06-01", {"user_id", "service_account_id", "id"}),
        ("actor", "2023-06-01", {"user_id", "service_account_id"}),
        ("id", "2023-06-01", {"id"}),
        ("id", "2026-10-21", {"user_id", "service_account_id"}),
    ],
)
def test_the_principal_of_a_key_has_the_chosen_shape(api, shape, version, shapes):
    api.switches.principal_shape = shape
    with (client := Client(api, HEADERS | {"anthropic-version": version})).session:
        keys = client.data("api_keys")
    assert keys == api.truth("api_keys", version=version)
    principals = [key["principal"] for key in keys if key["principal"]]
    assert {name for each in principals for name in each if name != "type"} == shapes


def test_service_accounts_are_those_that_spend(api):
    listed = {account["id"] for account in api.truth("service_accounts")}
    rows = api.truth("analytics_usage_by_actor", "2026-04-02", group_by=["actor"])
    actors = [row["group"]["actor"] or {} for row in rows]
    spending = {actor.get("service_account_id") for actor in actors} - {None}
    assert spending
    assert spending <= listed


def test_one_rule_matches_every_token_of_its_issuer(api):
    matching = [rule["match"] for rule in api.truth("federation_rules")]
    assert [any(match.values()) for match in matching].count(False) == 1


def test_the_enterprise_key_reads_members_of_real_users(api):
    users = {user["id"]: user["email"] for user in api.truth("users")}
    for member in api.truth("rbac_group_members"):
        assert users[member["user_id"]] == member["email"]
    assert KEY not in ENTERPRISE.values()
