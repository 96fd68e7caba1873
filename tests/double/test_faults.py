"""What each fault does to a response."""

from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection, IncompleteRead

import pytest
import requests
from requests.exceptions import ChunkedEncodingError, JSONDecodeError, ReadTimeout

from admin_double import (
    AdminDouble,
    Fault,
    delay,
    hang,
    html,
    not_json,
    reset,
    reset_after_headers,
    status,
    truncated,
)
from tests.double.client import HEADERS, PATHS, Client, statuses

BROKEN = (requests.ConnectionError, ChunkedEncodingError)


@pytest.mark.parametrize("after", [7, "Wed, 15 Apr 2026 09:30:09 GMT"])
def test_a_429_can_have_a_retry_after(api, client, after):
    api.fail("users", status(429, retry_after=after, x_should_retry="true"))
    answer = client.get("users")
    assert (answer.headers["retry-after"], answer.headers["x-should-retry"]) == (str(after), "true")
    assert answer.json()["error"]["type"] == "rate_limit_error"


def test_a_429_can_have_only_a_reset_in_the_past(api, client):
    api.fail("users", status(429, anthropic_ratelimit_requests_reset="2020-01-01T00:00:00Z"))
    answer = client.get("users")
    assert "retry-after" not in answer.headers
    assert answer.headers["anthropic-ratelimit-requests-reset"].startswith("2020")


def test_any_status_with_any_body(api, client):
    api.fail("users", status(418, body="short and stout", content_type="text/plain"))
    answer = client.get("users")
    assert (answer.status_code, answer.text) == (418, "short and stout")
    assert answer.headers["content-type"] == "text/plain"


def test_a_proxys_error_page_is_html(api, client):
    api.fail("users", html(502))
    answer = client.get("users")
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    with pytest.raises(JSONDecodeError):
        answer.json()


def test_a_200_can_have_a_body_that_is_not_json(api, client):
    api.fail("users", not_json())
    answer = client.get("users")
    assert answer.status_code == 200
    with pytest.raises(JSONDecodeError):
        answer.json()


@pytest.mark.parametrize(
    "fault", [reset(), reset_after_headers(), truncated()], ids=lambda f: f.name
)
def test_a_broken_connection_breaks_one_request(api, client, fault: Fault):
    api.fail("users", fault)
    with pytest.raises(BROKEN):
        client.get("users")
    assert statuses(client, "users", 1) == [200]


def test_a_truncated_body_is_shorter_than_its_content_length(api):
    api.fail("users", truncated())
    with closing(HTTPConnection(*api.url.removeprefix("http://").split(":"))) as connection:
        connection.request("GET", PATHS["users"], headers=HEADERS)
        answer = connection.getresponse()
        assert answer.status == 200
        with pytest.raises(IncompleteRead) as broken:
            answer.read()
    assert len(broken.value.partial) > 0
    assert broken.value.expected > 0


def test_a_reset_after_the_headers_replaces_the_body(api):
    api.fail("users", reset_after_headers())
    with closing(HTTPConnection(*api.url.removeprefix("http://").split(":"))) as connection:
        connection.request("GET", PATHS["users"], headers=HEADERS)
        answer = connection.getresponse()
        assert answer.status == 200
        with pytest.raises(ConnectionResetError):
            answer.read()


def test_a_hanging_request_ends_with_the_clients_timeout(api, client):
    api.fail("users", hang())
    with pytest.raises(ReadTimeout):
        client.session.get(api.url + PATHS["users"], timeout=0.1)
    assert statuses(client, "users", 1) == [200]


def test_a_delayed_response_is_correct(api, client):
    api.fail("users", delay(1))
    assert client.get("users").status_code == 200
    assert api.requests[0].fault == "delay"


def test_latency_does_not_change_responses(api, client):
    before = client.get("users").json()
    api.latency_ms = 1
    assert client.get("users").json() == before


def test_the_rate_limit_counts_requests_in_a_sliding_minute(organization):
    seconds = [0.0]
    with (
        AdminDouble(organization, clock=lambda: seconds[0]) as api,
        (client := Client(api)).session,
    ):
        api.rate_limit = 2
        assert statuses(client, "organization", 3) == [200, 200, 429]
        seconds[0] = 59.9
        assert statuses(client, "organization", 1) == [429]
        seconds[0] = 60.0
        assert statuses(client, "organization", 3) == [200, 200, 429]
        api.rate_limit = None
        assert statuses(client, "organization", 1) == [200]


def test_a_rate_limited_response_has_no_retry_after_and_a_reset_in_the_past(api, client):
    api.rate_limit = 0
    answer = client.get("users")
    assert (answer.status_code, "retry-after" in answer.headers) == (429, False)
    reset_at = datetime.fromisoformat(answer.headers["anthropic-ratelimit-requests-reset"])
    assert reset_at < api.now


def test_closing_ends_connections_that_are_kept_alive(organization):
    with AdminDouble(organization) as api, (client := Client(api)).session:
        assert client.get("users").status_code == 200
        api.__exit__()
        with pytest.raises(requests.ConnectionError):
            client.get("users")
