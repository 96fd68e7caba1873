"""Faults that make paging go wrong."""

import pytest

from admin_double import (
    ALWAYS,
    empty_page,
    missing_token,
    repeated_token,
    skipped_page,
)

CODING = {"starting_at": "2026-04-14", "limit": "5"}
COSTS = {"starting_at": "2026-04-01T00:00:00Z", "ending_at": "2026-04-11T00:00:00Z", "limit": "3"}


@pytest.mark.parametrize("table", ["users", "claude_code_usage"])
def test_an_empty_page_is_followed_by_what_it_withheld(api, client, table):
    asked = CODING if table == "claude_code_usage" else {"limit": "5"}
    expected = client.data(table, asked)
    api.fail(table, empty_page(), page=2)
    pages = list(client.pages(table, asked))
    assert [len(page["data"]) for page in pages[:3]] == [5, 0, 5]
    assert pages[1]["has_more"] is True
    assert [record for page in pages for record in page["data"]] == expected


def test_a_first_page_can_be_empty(api, client):
    expected = client.data("invites")
    api.fail("invites", empty_page())
    assert client.data("invites") == expected


def test_an_endless_chain_of_empty_pages_has_a_new_token_each_time(api, client):
    api.fail("users", empty_page(), times=ALWAYS)
    pages = client.pages("users")
    tokens = [next(pages)["last_id"] for _ in range(5)]
    assert len(set(tokens)) == 5


@pytest.mark.parametrize(
    ("table", "parameter", "field"),
    [
        ("users", "after_id", "last_id"),
        ("claude_code_usage", "page", "next_page"),
    ],
)
def test_a_repeated_token_is_the_one_just_used(api, client, table, parameter, field):
    api.fail(table, repeated_token())
    asked = CODING if table == "claude_code_usage" else {"limit": "5"}
    token = client.get(table, asked).json()[field]
    page = client.get(table, asked | {parameter: token}).json()
    assert (page["has_more"], page[field]) == (True, token)
    assert page["data"]


@pytest.mark.parametrize(
    ("table", "field"), [("users", "last_id"), ("claude_code_usage", "next_page")]
)
def test_a_missing_token_leaves_has_more(api, client, table, field):
    api.fail(table, missing_token())
    page = client.get(table, CODING if table == "claude_code_usage" else {}).json()
    assert (page["has_more"], page[field]) == (True, None)


def test_a_skipped_page_silently_loses_its_data(api, client):
    buckets = client.data("cost_report", COSTS)
    api.fail("cost_report", skipped_page(), page=2)
    assert client.data("cost_report", COSTS) == buckets[:3] + buckets[6:]


def test_a_skipped_page_of_a_list_loses_its_records(api, client):
    everyone = client.data("users", {"limit": "10"})
    api.fail("users", skipped_page())
    assert client.data("users", {"limit": "10"}) == everyone[10:]


@pytest.mark.parametrize("table", ["users", "cost_report", "claude_code_usage"])
def test_a_page_cap_shortens_pages_and_loses_no_records(api, client, table):
    asked = {"users": {"limit": "20"}, "cost_report": COSTS, "claude_code_usage": CODING}[table]
    expected = client.data(table, asked)
    api.page_cap = 2
    pages = list(client.pages(table, asked))
    assert [record for page in pages for record in page["data"]] == expected
    assert max(len(page["data"]) for page in pages) == 2
