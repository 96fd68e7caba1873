"""The log of requests."""

from datetime import datetime

import pytest
import requests

from admin_double import KEY, reset
from admin_double.journal import Journal
from tests.double.client import HEADERS, PATHS, Client


def test_a_request_is_recorded_with_its_query_in_order(api, client):
    client.get("users", [("limit", "3"), ("roles[]", "admin"), ("roles[]", "user")])
    (asked,) = api.requests
    assert (asked.method, asked.path, asked.table, asked.status) == (
        "GET",
        PATHS["users"],
        "users",
        200,
    )
    assert asked.query == (("limit", "3"), ("roles[]", "admin"), ("roles[]", "user"))


def test_headers_are_recorded_without_secrets(api, client):
    client.session.headers["user-agent"] = "tester/1"
    client.session.headers["authorization"] = "Bearer sk-ant-oat01-secret"
    client.get("users")
    headers = api.requests[0].headers
    assert headers["user-agent"] == "tester/1"
    assert KEY not in str(headers)
    assert "secret" not in str(headers)
    assert (headers["x-api-key"], headers["authorization"]) == (
        "sk-ant-admin***",
        "Bearer sk-ant-oat01***",
    )


def test_refused_and_broken_requests_are_recorded_too(api, client):
    api.keys.clear()
    client.get("users")
    client.get("/nowhere")
    api.keys.add(KEY)
    api.fail("users", reset())
    with pytest.raises(requests.ConnectionError):
        client.get("users")
    recorded = [(asked.table, asked.status, asked.fault) for asked in api.requests]
    assert recorded == [("users", 401, ""), ("", 401, ""), ("users", 200, "reset")]


def test_requests_are_counted_by_table_until_the_log_is_reset(api, client):
    for table in ("users", "invites", "users"):
        client.get(table)
    assert (api.count("users"), api.count("invites"), api.count()) == (2, 1, 3)
    api.reset_log()
    assert (api.count(), api.requests) == (0, [])


def test_consecutive_requests_over_many_connections_are_not_concurrent(api):
    for _ in range(5):
        with (client := Client(api, HEADERS)).session:
            client.get("users")
    assert api.max_in_flight == 1


def test_concurrent_requests_are_counted():
    journal = Journal()
    journal.enter()
    journal.enter()
    journal.leave()
    journal.leave()
    assert journal.max_in_flight == 2
    journal.reset()
    assert journal.max_in_flight == 0


def test_the_clock_needs_a_time_zone(api):
    with pytest.raises(ValueError, match="no time zone"):
        api.now = datetime(2026, 4, 1)  # noqa: DTZ001 - the mistake under test
