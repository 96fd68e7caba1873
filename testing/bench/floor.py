"""The floor: a client that fetches the same pages over one connection and only parses them.

python -m bench.floor URL KEY TABLE FIRST LAST
"""

import json
import sys
from collections.abc import Iterator
from datetime import date, timedelta

import requests

DAY, DAYS_A_PAGE = timedelta(days=1), 31
PATHS = {
    "claude_code_usage": "/v1/organizations/usage_report/claude_code",
    "usage_report": "/v1/organizations/usage_report/messages",
    "cost_report": "/v1/organizations/cost_report",
}
DIMENSIONS = {
    "usage_report": ("model", "workspace_id", "api_key_id", "service_tier", "context_window"),
    "cost_report": ("workspace_id", "description"),
}


def questions(table: str, first: date, last: date) -> Iterator[dict[str, object]]:
    """The parameters of every first page, as the loader requests them."""
    length = DAYS_A_PAGE if table in DIMENSIONS else 1
    for number in range(0, (last - first).days + 1, length):
        start = first + number * DAY
        end = min(start + length * DAY, last + DAY)
        if table in DIMENSIONS:
            yield {
                "starting_at": f"{start}T00:00:00Z", "ending_at": f"{end}T00:00:00Z",
                "bucket_width": "1d", "limit": length, "group_by[]": DIMENSIONS[table],
            }  # fmt: skip
        else:
            yield {"starting_at": str(start), "limit": 1000}


def main(url: str, key: str, table: str, first: str, last: str) -> None:
    """Print the number of pages."""
    session, pages = requests.Session(), 0
    session.headers.update({"x-api-key": key, "anthropic-version": "2023-06-01"})
    for parameters in questions(table, date.fromisoformat(first), date.fromisoformat(last)):
        more = True
        while more:
            answer = session.get(url + PATHS[table], params=parameters, timeout=60)
            page = json.loads(answer.content)
            pages += 1
            more, parameters["page"] = page["has_more"], page["next_page"]
    print(pages)


if __name__ == "__main__":
    main(*sys.argv[1:])
