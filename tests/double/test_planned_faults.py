"""A planned fault applies to the requests it was planned for, and to no others."""

from datetime import UTC, datetime

import pytest

from admin_double import (
    ALWAYS,
    status,
)
from tests.double.client import statuses

CODING = {"starting_at": "2026-04-14", "limit": "5"}
COSTS = {"starting_at": "2026-04-01T00:00:00Z", "ending_at": "2026-04-11T00:00:00Z", "limit": "3"}


def test_a_fault_applies_once_by_default(api, client):
    api.fail("users", status(503))
    assert statuses(client, "users", 3) == [503, 200, 200]


def test_a_fault_applies_as_often_as_planned(api, client):
    planned = api.fail("users", status(503), times=2)
    assert statuses(client, "users", 3) == [503, 503, 200]
    assert planned.done == 2


def test_a_lasting_fault_applies_until_it_is_healed(api, client):
    api.fail("users", status(503), times=ALWAYS)
    assert statuses(client, "users", 3) == [503, 503, 503]
    api.heal()
    assert statuses(client, "users", 1) == [200]


def test_a_fault_applies_to_its_table_only(api, client):
    api.fail("invites", status(500), times=ALWAYS)
    assert [client.get(table).status_code for table in ("users", "invites", "api_keys")] == [
        200,
        500,
        200,
    ]


def test_a_fault_for_any_table_applies_to_the_next_request(api, client):
    api.fail(None, status(500))
    assert [client.get(table).status_code for table in ("users", "users")] == [500, 200]


def test_a_fault_can_apply_to_the_nth_matching_request(api, client):
    api.fail("users", status(500), nth=3)
    client.get("invites")
    assert statuses(client, "users", 4) == [200, 200, 500, 200]


def test_a_fault_can_apply_to_a_request_by_its_overall_number(api, client):
    api.fail(None, status(500), request=3)
    assert [client.get(t).status_code for t in ("users", "invites", "users", "users")] == [
        200,
        200,
        500,
        200,
    ]


def test_faults_apply_one_per_request_in_the_order_of_planning(api, client):
    for code in (429, 500, 529):
        api.fail("users", status(code))
    assert statuses(client, "users", 4) == [429, 500, 529, 200]


def test_a_fault_can_apply_to_a_page_by_its_number(api, client):
    api.fail("claude_code_usage", status(500), page=3)
    token, seen = {}, []
    for _ in range(4):
        answer = client.get("claude_code_usage", CODING | token)
        seen.append(answer.status_code)
        token = {"page": answer.json()["next_page"]} if answer.ok else token
    assert seen == [200, 200, 500, 200]


def test_a_fault_can_apply_to_a_page_of_a_list(api, client):
    api.fail("users", status(500), page=2)
    first = client.get("users", {"limit": "10"}).json()
    asked = {"limit": "10", "after_id": first["last_id"]}
    assert statuses(client, "users", 2, asked) == [500, 200]


def test_a_fault_can_apply_to_the_page_that_holds_a_day(api, client):
    api.fail("cost_report", status(500), day="2026-04-05", times=ALWAYS)
    first = client.get("cost_report", COSTS)
    second = client.get("cost_report", COSTS | {"page": first.json()["next_page"]})
    assert (first.status_code, second.status_code) == (200, 500)


def test_a_fault_can_apply_to_a_day_of_claude_code(api, client):
    api.fail("claude_code_usage", status(500), day=datetime(2026, 4, 13, tzinfo=UTC).date())
    days = ("2026-04-12", "2026-04-13", "2026-04-13")
    assert [client.get("claude_code_usage", {"starting_at": d}).status_code for d in days] == [
        200,
        500,
        200,
    ]


def test_a_fault_for_an_unknown_table_is_a_mistake(api):
    with pytest.raises(KeyError):
        api.fail("user", status(500))


def test_a_wrong_request_uses_up_no_fault(api, client):
    api.fail("users", status(500))
    assert client.get("users", {"limit": "0"}).status_code == 400
    assert statuses(client, "users", 1) == [500]


def test_a_forbidden_endpoint_stays_forbidden(api, client):
    api.forbid("invites")
    assert statuses(client, "invites", 2) == [403, 403]
    assert statuses(client, "users", 1) == [200]


def test_a_fault_can_apply_to_requests_of_more_than_some_days_only(api, client):
    api.fail("cost_report", status(504), longer_than=2, times=ALWAYS)
    answers = [client.get("cost_report", COSTS | {"limit": limit}).status_code for limit in "321"]
    assert answers == [504, 200, 200]
