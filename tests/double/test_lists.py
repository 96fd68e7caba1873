"""Paging by id."""

import pytest

from tests.double.client import LISTS, PATHS, members_path

FLAGS = ("include_archived", "include_default")


@pytest.fixture
def members(api):
    return members_path(api.truth("workspaces")[0]["id"])


@pytest.mark.parametrize("table", LISTS)
def test_the_pages_of_a_list_are_the_whole_list_in_order(api, client, table):
    api.page_cap = 3
    flags = dict.fromkeys(FLAGS if table == "workspaces" else (), "true")
    assert client.data(table, flags) == api.truth(table)


def test_the_pages_of_the_members_are_all_members(api, client, members):
    workspace = api.truth("workspaces")[0]["id"]
    found = client.data(members, {"limit": "2"})
    assert found == api.truth("workspace_members", workspace)
    assert len(found) > 2


def test_the_limit_is_20_by_default(api, client):
    assert len(client.get("users").json()["data"]) == 20


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "ten", "1.5", ""])
def test_a_limit_outside_1_to_1000_is_400(client, limit):
    assert client.get("users", {"limit": limit}).status_code == 400


def test_a_page_names_its_first_and_last_id_even_when_it_is_the_last(client):
    page = client.get("users", {"limit": "1000"}).json()
    assert (page["first_id"], page["last_id"]) == (page["data"][0]["id"], page["data"][-1]["id"])
    assert page["has_more"] is False


def test_an_empty_list_has_no_ids(api, client):
    api.put("invites", None, [])
    expected = {"data": [], "has_more": False, "first_id": None, "last_id": None}
    assert client.get("invites").json() == expected


def test_before_id_gives_the_page_before(client):
    everyone = [user["id"] for user in client.data("users")]
    page = client.get("users", {"before_id": everyone[10], "limit": "4"}).json()
    assert [user["id"] for user in page["data"]] == everyone[6:10]
    assert (page["first_id"], page["last_id"]) == (everyone[6], everyone[9])
    assert page["has_more"] is True


def test_before_id_reaches_the_beginning(client):
    everyone = [user["id"] for user in client.data("users")]
    page = client.get("users", {"before_id": everyone[2], "limit": "4"}).json()
    assert [user["id"] for user in page["data"]] == everyone[:2]
    assert page["last_id"] == everyone[1]
    assert page["has_more"] is False


def test_both_directions_at_once_are_400(client):
    some = client.get("users").json()["first_id"]
    assert client.get("users", {"before_id": some, "after_id": some}).status_code == 400


@pytest.mark.parametrize("token", ["user_unknown", "cursor_x", "cursor_WzEsMl0", "ü"])
def test_an_unknown_id_is_400(client, token):
    assert client.get("users", {"after_id": token}).status_code == 400


def test_a_member_cursor_is_opaque_and_only_for_its_workspace(api, client, members):
    token = client.get(members, {"limit": "1"}).json()["last_id"]
    other = members_path(api.truth("workspaces")[1]["id"])
    assert token not in {member["user_id"] for member in api.truth("workspace_members")}
    assert client.get(other, {"after_id": token}).status_code == 400


def test_an_unknown_offset_is_ignored_so_that_offset_paging_never_ends(client):
    assert client.get("users", {"offset": "20"}).json() == client.get("users").json()


@pytest.mark.parametrize("table", PATHS)
def test_a_misspelt_parameter_is_400(client, table):
    dated = {"claude_code_usage": "2026-04-14"}.get(table, "2026-04-14T00:00:00Z")
    start = {} if table in (*LISTS, "organization") else {"starting_at": dated}
    assert client.get(table, start).status_code == 200
    assert client.get(table, start | {"limitt": "1"}).status_code == 400


def test_a_parameter_given_twice_is_400(client):
    assert client.get("users", {"limit": ["1", "2"]}).status_code == 400


def test_archived_workspaces_are_listed_only_on_request(client):
    usual = client.data("workspaces")
    everything = client.data("workspaces", {"include_archived": "true"})
    assert usual == [workspace for workspace in everything if workspace["archived_at"] is None]
    assert len(everything) == len(usual) + 2


def test_a_flag_other_than_true_or_false_is_400(client):
    assert client.get("workspaces", {"include_archived": "yes"}).status_code == 400


def test_one_archived_workspace_has_lost_its_members_and_the_other_has_not(api, client):
    archived = [w["id"] for w in api.truth("workspaces") if w["archived_at"]]
    assert [client.get(members_path(each)).status_code for each in archived] == [200, 404]


def test_the_members_of_an_unknown_workspace_are_404(client):
    assert client.get(members_path("wrkspc_unknown")).status_code == 404


@pytest.mark.parametrize(
    ("table", "parameter", "field"),
    [
        ("api_keys", "status", "status"),
        ("api_keys", "workspace_id", "workspace_id"),
        ("invites", "statuses[]", "status"),
        ("invites", "email", "email"),
        ("users", "roles[]", "role"),
        ("users", "email", "email"),
        ("workspaces", "ids[]", "id"),
    ],
)
def test_a_filter_keeps_what_it_names(client, table, parameter, field):
    everything = client.data(table)
    wanted = everything[0][field]
    expected = [record for record in everything if record[field] == wanted]
    assert client.data(table, {parameter: wanted}) == expected


def test_a_filter_by_creator_reads_inside_the_creator(client):
    keys = client.data("api_keys")
    creator = keys[0]["created_by"]["id"]
    expected = [key for key in keys if (key["created_by"] or {}).get("id") == creator]
    assert client.data("api_keys", {"created_by_user_id": creator}) == expected


def test_a_filter_value_outside_its_set_is_400_even_for_an_empty_list(api, client):
    api.put("api_keys", None, [])
    assert client.get("api_keys", {"status": "lost"}).status_code == 400


@pytest.mark.parametrize(("table", "moment"), [("invites", "invited_at"), ("users", "added_at")])
def test_the_newest_come_first(client, table, moment):
    moments = [record[moment] for record in client.data(table)]
    assert moments == sorted(moments, reverse=True)
