"""An independent client, so that the loader's own code does not test the double."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

import requests

from admin_double import KEY, AdminDouble

NOW = datetime(2026, 4, 15, 9, 30, tzinfo=UTC)
BASE = "/v1/organizations"
PATHS = {
    "organization": f"{BASE}/me",
    "workspaces": f"{BASE}/workspaces",
    "api_keys": f"{BASE}/api_keys",
    "invites": f"{BASE}/invites",
    "users": f"{BASE}/users",
    "usage_report": f"{BASE}/usage_report/messages",
    "cost_report": f"{BASE}/cost_report",
    "claude_code_usage": f"{BASE}/usage_report/claude_code",
}
ANALYTICS_PATHS = {
    "analytics_usage": f"{BASE}/analytics/usage",
    "analytics_cost": f"{BASE}/analytics/cost",
}
ANALYTICS_BETA = "analytics-usage-cost-2026-08-24"
HEADERS = {"x-api-key": KEY, "anthropic-version": "2023-06-01"}
LISTS = ("workspaces", "api_keys", "invites", "users")
REPORTS = ("usage_report", "cost_report")
USAGE_GROUP_BY = ["model", "workspace_id", "api_key_id", "service_tier", "context_window"]
COST_GROUP_BY = ["workspace_id", "description"]

ONE_DAY = {"starting_at": "2026-04-08T00:00:00Z", "ending_at": "2026-04-09T00:00:00Z"}

Parameters = Mapping[str, Any]


class Client:
    """Sends one request at a time over one connection."""

    def __init__(self, api: AdminDouble, headers: Mapping[str, str] = HEADERS) -> None:
        self.api = api
        self.session = requests.Session()
        self.session.headers.update(headers)

    def get(
        self, table: str, parameters: Parameters | None = None, **more: Any
    ) -> requests.Response:
        """Request a table, by name, or a path; return the response whatever its status."""
        path = (PATHS | ANALYTICS_PATHS).get(table, table)
        return self.session.get(self.api.url + path, params=parameters, timeout=10, **more)

    def data(self, table: str, parameters: Parameters | None = None) -> list[Any]:
        """The records of all pages."""
        return [item for page in self.pages(table, parameters) for item in page["data"]]

    def pages(self, table: str, parameters: Parameters | None = None) -> Iterator[Any]:
        asked = dict(parameters or {})
        while True:
            answer = self.get(table, asked)
            assert answer.status_code == 200, answer.text
            page = answer.json()
            yield page
            if not page.get("has_more", page.get("next_page")):
                return
            asked |= (
                {"page": page["next_page"]}
                if "next_page" in page
                else {"after_id": page["last_id"]}
            )


def statuses(
    client: Client, table: str, count: int, parameters: Parameters | None = None
) -> list[int]:
    """The statuses of a number of equal requests."""
    return [client.get(table, parameters).status_code for _ in range(count)]


def results(client: Client, table: str, parameters: Parameters) -> list[Any]:
    return [result for bucket in client.data(table, parameters) for result in bucket["results"]]


def tokens(result: Mapping[str, Any]) -> tuple[int, ...]:
    created = result["cache_creation"]
    return (
        result["uncached_input_tokens"],
        result["output_tokens"],
        result["cache_read_input_tokens"],
        created["ephemeral_5m_input_tokens"],
        created["ephemeral_1h_input_tokens"],
        result["server_tool_use"]["web_search_requests"],
    )


def total(found: Iterable[Any]) -> tuple[int, ...]:
    return tuple(map(sum, zip(*map(tokens, found), strict=True)))


def day_of(day: str) -> dict[str, str]:
    return {"starting_at": f"{day}T00:00:00Z", "limit": "1"}


def members_path(workspace_id: str) -> str:
    return f"{BASE}/workspaces/{workspace_id}/members"
