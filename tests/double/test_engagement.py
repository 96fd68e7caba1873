"""The engagement endpoints of a Claude Enterprise organization."""

from datetime import UTC, date, datetime

import pytest

from admin_double import ENTERPRISE_KEY
from tests.double.client import BASE, HEADERS, Client

PATHS = {
    "enterprise_users": "users",
    "enterprise_summaries": "summaries",
    "enterprise_projects": "apps/chat/projects",
    "enterprise_skills": "skills",
    "enterprise_connectors": "connectors",
    "enterprise_plugins": "plugins",
    "enterprise_artifacts": "artifacts",
}
BY_DATE = [table for table in PATHS if table != "enterprise_summaries"]
DAY = "2026-04-09"


@pytest.fixture
def client(api):
    with (asking := Client(api, HEADERS | {"x-api-key": ENTERPRISE_KEY})).session:
        yield asking


def path(table) -> str:
    return f"{BASE}/analytics/{PATHS[table]}"


def one_day(table, day=DAY) -> dict[str, str]:
    if table != "enterprise_summaries":
        return {"date": day}
    following = date.fromisoformat(day).toordinal() + 1
    return {"starting_date": day, "ending_date": str(date.fromordinal(following))}


@pytest.mark.parametrize("table", PATHS)
def test_a_day_is_its_truth(api, client, table):
    pages = list(client.pages(path(table), one_day(table) | {"limit": "2"}))
    rows = [row for page in pages for row in page["data"]]
    assert rows == api.truth(table, DAY)
    assert rows
    assert {frozenset(page) for page in pages} == {frozenset(("data", "next_page"))}
    assert (len(pages) > 1) is (len(rows) > 2)


@pytest.mark.parametrize("table", PATHS)
def test_a_page_has_100_records_by_default_and_at_most_1000(api, client, table):
    api.put(table, DAY, [{"n": n} for n in range(150)])
    size = 150 if table == "enterprise_summaries" else 100
    assert len(client.get(path(table), one_day(table)).json()["data"]) == size
    if table != "enterprise_summaries":
        assert client.get(path(table), one_day(table) | {"limit": "1001"}).status_code == 400


@pytest.mark.parametrize("table", PATHS)
@pytest.mark.parametrize(
    ("now", "day", "status"),
    [
        ("2026-04-15T09:59:59+00:00", "2026-04-13", 200),
        ("2026-04-15T09:59:59+00:00", "2026-04-14", 400),
        ("2026-04-15T10:00:00+00:00", "2026-04-14", 200),
        ("2026-04-15T10:00:00+00:00", "2025-12-31", 400),
    ],
)
def test_a_day_is_available_from_ten_on_the_next_day(api, client, table, now, day, status):
    api.now = datetime.fromisoformat(now)
    assert client.get(path(table), one_day(table, day)).status_code == status


def test_a_day_that_is_too_recent_is_an_error_that_names_the_newest_day(api, client):
    api.now = datetime(2026, 4, 15, 9, tzinfo=UTC)
    message = client.get(path("enterprise_users"), {"date": "2026-04-14"}).json()["error"]
    assert "2026-04-13" in message["message"]
    api.switches.newest_engagement_day = date(2026, 4, 11)
    late = client.get(path("enterprise_users"), {"date": "2026-04-12"})
    assert (late.status_code, "2026-04-11" in late.text) == (400, True)


@pytest.mark.parametrize("table", BY_DATE)
def test_a_date_is_required(client, table):
    assert client.get(path(table)).status_code == 400


@pytest.mark.parametrize(
    ("table", "query", "status"),
    [
        ("enterprise_users", {"date": DAY, "starting_date": DAY}, 400),
        ("enterprise_users", {"starting_date": DAY, "ending_date": DAY}, 400),
        ("enterprise_users", {"starting_date": DAY, "ending_date": "2026-04-16"}, 400),
        ("enterprise_users", {"starting_date": DAY}, 200),
        ("enterprise_artifacts", {"starting_date": DAY, "ending_date": "2026-04-12"}, 400),
        ("enterprise_summaries", {"date": DAY}, 400),
        ("enterprise_summaries", {}, 400),
        ("enterprise_skills", {"date": DAY, "group_by[]": "product"}, 400),
    ],
)
def test_dates_and_ranges_are_checked(client, table, query, status):
    assert client.get(path(table), query).status_code == status


def test_summaries_are_the_series_of_all_days_on_one_page(api, client):
    asked = {"starting_date": "2026-04-01", "ending_date": "2026-04-11", "limit": "2"}
    page = client.get(path("enterprise_summaries"), asked).json()
    days = [f"2026-04-{day:02}" for day in range(1, 11)]
    assert page["data"] == [api.truth("enterprise_summaries", day)[0] for day in days]
    assert page["next_page"] is None


def test_summaries_can_be_named_so_in_their_envelope(api, client):
    api.switches.summaries_key = "summaries"
    page = client.get(path("enterprise_summaries"), one_day("enterprise_summaries")).json()
    assert set(page) == {"summaries", "next_page"}
    assert page["summaries"] == api.truth("enterprise_summaries", DAY)


def test_a_range_is_a_rollup_and_not_its_days(api, client):
    asked = {"starting_date": "2026-04-06", "ending_date": "2026-04-09", "limit": "1000"}
    rolled = client.data(path("enterprise_skills"), asked)
    days = [api.truth("enterprise_skills", f"2026-04-0{day}") for day in (6, 7, 8)]
    assert [r["skill_name"] for r in rolled] == [r["skill_name"] for r in days[0]]
    invoked = sum(day[0]["invocation_count"] for day in days)
    assert rolled[0]["invocation_count"] == invoked
    assert rolled[0]["distinct_user_count"] == max(d[0]["distinct_user_count"] for d in days)


def test_a_recent_day_is_revised_until_it_is_three_days_old(api):
    ages = []
    for day in range(10, 16):
        api.now = datetime(2026, 4, day, 12, tzinfo=UTC)
        ages.append(api.truth("enterprise_users", DAY))
    assert ages[0] != ages[1] != ages[2] == ages[3] == ages[-1]
    assert len({len(users) for users in ages}) == 1


def test_untracked_counts_are_null_and_unused_ones_are_zero(api):
    api.switches.tracks_file_edits = False
    user = api.truth("enterprise_users", DAY)[0]
    assert user["cowork_metrics"]["file_edit_count"] is None
    assert set(user["design_metrics"].values()) == {0}


def test_users_are_those_of_the_organization_in_the_order_of_their_addresses(api):
    known = {user["id"] for user in api.truth("users")}
    users = [row["user"] for row in api.truth("enterprise_users", DAY)]
    assert {user["id"] for user in users} <= known
    addresses = [user["email_address"] for user in users]
    assert addresses == sorted(addresses)
