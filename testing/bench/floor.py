"""The floor: one connection that fetches the same pages and only parses them.

python -m bench.floor URL KEY TABLE FIRST LAST
"""

import json
import sys
from datetime import date, timedelta

import requests

DAY = timedelta(days=1)
PAGE_OF_DAYS = 31
ORGANIZATIONS = "/v1/organizations"
REPORTS = {
    "usage_report": (
        f"{ORGANIZATIONS}/usage_report/messages",
        ["model", "workspace_id", "api_key_id", "service_tier", "context_window"],
    ),
    "cost_report": (f"{ORGANIZATIONS}/cost_report", ["workspace_id", "description"]),
}


def questions(table: str, first: date, last: date) -> list[tuple[str, list[tuple[str, str]]]]:
    """The first page of every chain: path and parameters, as the loader asks."""
    days = [first + n * DAY for n in range((last - first).days + 1)]
    if table == "claude_code_usage":
        path = f"{ORGANIZATIONS}/usage_report/claude_code"
        return [(path, [("starting_at", str(day)), ("limit", "1000")]) for day in days]
    path, dimensions = REPORTS[table]
    groups = [("group_by[]", dimension) for dimension in dimensions]
    return [(path, [*span(piece), *groups]) for piece in pieces(days)]


def pieces(days: list[date]) -> list[list[date]]:
    return [days[at : at + PAGE_OF_DAYS] for at in range(0, len(days), PAGE_OF_DAYS)]


def span(days: list[date]) -> list[tuple[str, str]]:
    return [
        ("starting_at", f"{days[0]}T00:00:00Z"),
        ("ending_at", f"{days[-1] + DAY}T00:00:00Z"),
        ("bucket_width", "1d"),
        ("limit", str(PAGE_OF_DAYS)),
    ]


def main(url: str, key: str, table: str, first: str, last: str) -> None:
    session = requests.Session()
    session.headers.update({"x-api-key": key, "anthropic-version": "2023-06-01"})
    pages = 0
    for path, parameters in questions(table, date.fromisoformat(first), date.fromisoformat(last)):
        asked = parameters
        while True:
            page = json.loads(session.get(url + path, params=asked, timeout=60).content)
            pages += 1
            if not page["has_more"]:
                break
            asked = [*parameters, ("page", page["next_page"])]
    print(pages)


if __name__ == "__main__":
    main(*sys.argv[1:])
