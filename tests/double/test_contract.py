"""Every response matches the API's reference."""

import pytest

from admin_double import status
from tests.double.client import (
    COST_GROUP_BY,
    HEADERS,
    LISTS,
    PATHS,
    USAGE_GROUP_BY,
    Client,
    members_path,
)
from tests.double.openapi import BrokenContract, validate_request, validate_response

USUAL = {
    "usage_report": {
        "starting_at": "2026-03-15T00:00:00Z",
        "limit": "31",
        "group_by[]": USAGE_GROUP_BY,
    },
    "cost_report": {
        "starting_at": "2026-03-15T00:00:00Z",
        "limit": "31",
        "group_by[]": COST_GROUP_BY,
    },
    "claude_code_usage": {"starting_at": "2026-04-14", "limit": "1000"},
    "workspaces": {"include_archived": "true", "limit": "1000"},
    **{table: {"limit": "1000"} for table in ("api_keys", "invites", "users")},
}


@pytest.mark.parametrize("table", PATHS)
def test_every_response_matches_the_reference(client, table):
    answer = client.get(table, USUAL.get(table))
    validate_response(PATHS[table], answer.json())
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize("table", PATHS)
def test_every_request_of_these_tests_matches_the_reference(api, client, table):
    client.get(table, USUAL.get(table))
    asked = api.requests[0]
    validate_request(asked.method, asked.path, asked.query, asked.headers)


def test_members_of_every_workspace_match_the_reference(api, client):
    for workspace in api.truth("workspaces"):
        path = members_path(workspace["id"])
        answer = client.get(path)
        validate_response(path, answer.json(), answer.status_code)


@pytest.mark.parametrize("table", LISTS)
def test_a_list_has_records_to_validate(client, table):
    assert len(client.data(table)) >= 4


def test_the_newer_version_omits_the_workspace_of_a_key(api):
    with (client := Client(api, HEADERS | {"anthropic-version": "2026-10-21"})).session:
        body = client.get("api_keys").json()
    validate_response(PATHS["api_keys"], body)
    assert all("workspace_id" not in key and "scope" in key for key in body["data"])


@pytest.mark.parametrize("code", [400, 401, 403, 404, 413, 429, 500, 504, 529])
def test_every_error_has_the_documented_body_and_repeats_the_request_id(api, client, code):
    api.fail("users", status(code))
    answer = client.get("users")
    validate_response(PATHS["users"], answer.json(), answer.status_code)
    assert answer.status_code == code
    assert answer.json()["request_id"] == answer.headers["request-id"]


def test_every_response_has_its_own_request_id(client):
    assert client.get("users").headers["request-id"] != client.get("users").headers["request-id"]


def test_an_unknown_path_is_404(client):
    assert client.get("/v1/organizations/nothing").status_code == 404


def test_only_get_is_allowed(api, client):
    assert client.session.post(f"{api.url}{PATHS['users']}", json={}).status_code == 405
    assert client.get("users").status_code == 200


@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ([("limits", "5")], HEADERS),
        ([("limit", "1001")], HEADERS),
        ([("limit", "five")], HEADERS),
        ([("limit", "5"), ("limit", "6")], HEADERS),
        ([("roles[]", "king")], HEADERS),
        ([], {"x-api-key": "k"}),
        ([], HEADERS | {"anthropic-version": "2020-01-01"}),
        ([], {"anthropic-version": "2023-06-01"}),
        ([], HEADERS | {"Authorization": "Bearer t"}),
    ],
)
def test_the_validator_accepts_a_right_request_and_refuses_a_wrong_one(query, headers):
    with pytest.raises(BrokenContract):
        validate_request("GET", PATHS["users"], query, headers)
    validate_request("GET", PATHS["users"], [("limit", "5"), ("roles[]", "admin")], HEADERS)


@pytest.mark.parametrize(
    "query",
    [
        [],
        [("starting_at", "2026-03-01")],
        [("starting_at", "2026-03-01T00:00:00")],
        [("starting_at", "2026-03-01T00:00:00Z"), ("group_by[]", "color")],
        [("starting_at", "2026-03-01T00:00:00Z"), *(("group_by[]", "model"),) * 6],
    ],
)
def test_the_validator_refuses_a_wrong_report_request(query):
    with pytest.raises(BrokenContract):
        validate_request("GET", PATHS["usage_report"], query, HEADERS)
