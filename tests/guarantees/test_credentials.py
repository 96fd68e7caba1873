"""Runs with every kind of credential, in both headers and both versions of the API."""

import pytest

from claude_admin_lake.errors import CredentialError
from claude_admin_lake.settings import API_VERSIONS

from .world import NOW, assert_rows_are


def headers_sent(world) -> set[str]:
    names = {"x-api-key", "authorization"}
    return {name for request in world.api.requests for name in names & set(request.headers)}


@pytest.mark.parametrize("version", API_VERSIONS)
def test_both_versions_of_the_api_load_without_drift(world, version):
    world.settings["ANTHROPIC_VERSION"] = version
    result = world.run()
    assert result.status == "complete"
    assert [outcome.table for outcome in result.outcomes if outcome.drift] == []
    assert {one.headers["anthropic-version"] for one in world.api.requests} == {version}
    rows = world.rows("api_keys/organization=main/api_keys.jsonl.gz")
    assert_rows_are("api_keys", rows, world.api.truth_text("api_keys", version=version))
    reports = world.rows(f"load_runs/organization=main/date={NOW.date()}/run.jsonl.gz")
    assert {row["api_version"] for row in reports} == {version}


def test_an_api_that_takes_keys_as_bearer_only_costs_one_request_more(world):
    world.settings["ANTHROPIC_VERSION"] = "2026-10-21"
    world.api.switches.key_headers = {"bearer"}
    assert world.run().status == "complete"
    statuses = [request.status for request in world.api.requests]
    assert (statuses[0], 401 in statuses[1:]) == (401, False)


def test_no_request_has_the_key_in_two_headers(world):
    world.settings["ANTHROPIC_VERSION"] = "2026-10-21"
    world.api.switches.key_headers = {"bearer"}
    world.run()
    both = {"x-api-key", "authorization"}
    assert all(len(both & set(request.headers)) == 1 for request in world.api.requests)
    assert headers_sent(world) == both


def test_a_key_that_neither_header_admits_ends_the_run_after_two_requests(world):
    world.api.switches.key_headers = set()
    with pytest.raises(CredentialError, match="an Admin API key, and may be revoked"):
        world.run()
    assert [request.status for request in world.api.requests] == [401, 401]
