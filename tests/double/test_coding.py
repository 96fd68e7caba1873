"""claude_code_usage: one day a request, with a lag of an hour."""

from datetime import UTC, date, datetime, timedelta

import pytest

DAY = {"starting_at": "2026-04-14"}


def test_the_pages_of_a_day_are_all_its_records(api, client):
    pages = list(client.pages("claude_code_usage", DAY | {"limit": "7"}))
    assert [record for page in pages for record in page["data"]] == api.truth(
        "claude_code_usage", "2026-04-14"
    )
    assert len(pages) > 2


@pytest.mark.parametrize(
    ("limit", "status"), [("1", 200), ("1000", 200), ("0", 400), ("1001", 400)]
)
def test_the_limit_is_in_records(client, limit, status):
    assert client.get("claude_code_usage", DAY | {"limit": limit}).status_code == status


def test_a_page_has_20_records_by_default(api, client):
    api.put("claude_code_usage", "2026-04-14", [{"n": n} for n in range(25)])
    assert len(client.get("claude_code_usage", DAY).json()["data"]) == 20


@pytest.mark.parametrize("day", ["2026-04-14T00:00:00Z", "2026-4-14", "2026-02-30", "20260414", ""])
def test_the_day_is_a_plain_date(client, day):
    assert client.get("claude_code_usage", {"starting_at": day}).status_code == 400


@pytest.mark.parametrize("name", ["ending_at", "bucket_width", "group_by[]"])
def test_an_end_a_width_and_grouping_are_refused(client, name):
    assert client.get("claude_code_usage", DAY | {name: "1d"}).status_code == 400


def test_a_day_is_complete_an_hour_after_midnight_and_not_before(api, client):
    day = {"starting_at": "2026-04-14", "limit": "1000"}
    sizes = {}
    for hour in (1, 12, 23):
        api.now = datetime(2026, 4, 14, hour, tzinfo=UTC)
        sizes[hour] = len(client.data("claude_code_usage", day))
    assert sizes[1] == 0 < sizes[12] < sizes[23]


def test_a_record_is_served_once_it_is_older_than_an_hour(api, client, organization):
    day = date(2026, 4, 14)
    sessions = organization.sessions(day, 0)
    latest = max(session.at for session in sessions)
    api.now = latest + timedelta(hours=1)
    before = client.data("claude_code_usage", DAY)
    api.now += timedelta(minutes=1)
    assert len(before) < len(client.data("claude_code_usage", DAY)) == len(sessions)


def test_tomorrow_and_the_time_before_the_organization_are_empty(client):
    assert client.data("claude_code_usage", {"starting_at": "2026-04-16"}) == []
    assert client.data("claude_code_usage", {"starting_at": "2026-03-19"}) == []
