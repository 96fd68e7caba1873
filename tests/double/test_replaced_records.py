"""Records that a test puts in place of the organization's are served verbatim."""

from datetime import date

import pytest

from tests.double.client import day_of, members_path

ELEMENTS = [
    '{"id":"a","n":12345678901234567890,"f":1.10,"e":1e2,"s":"\\u00e9\\/","new":[{"x": null}]}',
    '"odd"',
    "7",
]
ODD = f"[ {', '.join(ELEMENTS)} ]"


@pytest.mark.parametrize("table", ["users", "workspaces", "api_keys", "invites"])
def test_raw_json_of_a_list_is_served_verbatim(api, client, table):
    api.put(table, None, ODD)
    assert f'"data":[{",".join(ELEMENTS)}]' in client.get(table).text


def test_raw_json_of_a_day_is_served_verbatim(api, client):
    api.put("claude_code_usage", date(2026, 4, 1), ODD)
    asked = {"starting_at": "2026-04-01"}
    assert f'"data":[{",".join(ELEMENTS)}]' in client.get("claude_code_usage", asked).text


@pytest.mark.parametrize("table", ["usage_report", "cost_report"])
def test_raw_json_of_a_reports_day_is_its_results(api, client, table):
    api.put(table, "2026-04-02", ODD)
    assert f'"results":[{",".join(ELEMENTS)}]' in client.get(table, day_of("2026-04-02")).text


def test_the_organization_is_an_object(api, client):
    api.put("organization", None, '{"id": 1.0, "type":"organization"}')
    assert client.get("organization").text == '{"id": 1.0, "type":"organization"}'


def test_members_are_put_by_workspace_even_an_unknown_one(api, client):
    api.put("workspace_members", "wrkspc_new", [{"user_id": "u1"}, {"user_id": "u2"}])
    assert client.data(members_path("wrkspc_new"), {"limit": "1"}) == [
        {"user_id": "u1"},
        {"user_id": "u2"},
    ]


def test_replaced_workspaces_decide_which_members_are_in_the_truth(api):
    api.put("workspaces", None, [{"id": "wrkspc_new"}, {"id": "wrkspc_gone"}])
    api.put("workspace_members", "wrkspc_new", [{"user_id": "u1"}])
    assert api.truth("workspace_members") == [{"user_id": "u1"}]


def test_records_without_an_id_are_paged_by_opaque_cursors(api, client):
    api.put("users", None, [{"n": n} for n in range(5)])
    assert client.data("users", {"limit": "2"}) == [{"n": n} for n in range(5)]


def test_the_truth_is_what_was_put(api):
    api.put("users", None, ODD)
    assert [text.decode() for text in api.truth_text("users")] == ELEMENTS
    assert api.truth("users")[0]["n"] == 12345678901234567890


def test_unput_restores_the_organizations_records(api):
    before = api.truth("cost_report", "2026-04-02")
    api.put("cost_report", "2026-04-02", [])
    assert api.truth("cost_report", "2026-04-02") == []
    api.unput("cost_report", "2026-04-02")
    assert api.truth("cost_report", "2026-04-02") == before


def test_the_truth_follows_the_grouping(api):
    (only,) = api.truth("usage_report", "2026-04-02", group_by=[])
    grouped = api.truth("usage_report", "2026-04-02")
    assert only["output_tokens"] == sum(result["output_tokens"] for result in grouped)


@pytest.mark.parametrize(
    ("table", "part"),
    [("users", "2026-04-01"), ("cost_report", None), ("workspace_members", date(2026, 4, 1))],
)
def test_a_part_of_the_wrong_kind_is_a_mistake(api, table, part):
    with pytest.raises(ValueError, match="must be"):
        api.put(table, part, [])
