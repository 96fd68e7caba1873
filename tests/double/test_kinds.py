"""A new table needs an entry in the list of endpoints and nothing else, whatever its kind."""

from datetime import UTC, date, datetime

import pytest

from admin_double import ENDPOINTS, AdminDouble, Endpoint
from admin_double.kinds.buckets import Buckets
from admin_double.kinds.listing import Listing, TokenListing
from admin_double.kinds.one_day import OneDay
from admin_double.kinds.range_rows import RangeRows
from admin_double.paging import BY_TOKEN_ALONE
from admin_double.reports import USAGE_REPORT
from tests.double.client import NOW, ONE_DAY, Client

BASE = "/v1/organizations"
REFRESHED = datetime(2026, 4, 15, 6, tzinfo=UTC)
PLANTS = [{"id": f"plant_{n}"} for n in range(5)]


def hourly(request) -> bool:
    return request.value("bucket_width") == "1h"


def rows_of(_contents, day):
    return [{"starting_at": f"{day}T00:00:00Z", "n": n} for n in range(day.day % 4)]


ADDED = (
    Endpoint(
        table="usage_by_hour",
        path=f"{BASE}/usage_report/messages",
        reads=hourly,
        kind=Buckets(report=USAGE_REPORT, width="1h"),
    ),
    Endpoint(
        table="rows",
        path=f"{BASE}/rows",
        kind=RangeRows(rows=rows_of, refreshed_at=lambda _: REFRESHED),
    ),
    Endpoint(
        table="plants", path=f"{BASE}/plants", kind=TokenListing(records=lambda _c, _p: PLANTS)
    ),
    Endpoint(table="pots", path=f"{BASE}/pots", kind=Listing(records=lambda _c, _p: PLANTS)),
    Endpoint(
        table="leaves",
        path=BASE + "/plants/{plant_id}/leaves",
        parent="plants",
        kind=TokenListing(records=lambda _, plant: [{"of": plant}], by_parent=True),
    ),
    Endpoint(
        table="days",
        path=f"{BASE}/days",
        kind=OneDay(
            records=lambda _, day: [{"n": n} for n in range(day.day)],
            parameter="date",
            envelope=BY_TOKEN_ALONE,
        ),
    ),
)


@pytest.fixture
def api(organization):
    with AdminDouble(organization, now=NOW, endpoints=(*ADDED, *ENDPOINTS)) as running:
        yield running


def walk(client: Client, table: str, query) -> list:
    """All pages, until one has no token."""
    pages, asked = [], dict(query)
    while True:
        answer = client.get(f"{BASE}/{table}", asked)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        if pages[-1]["next_page"] is None:
            return pages
        asked["page"] = pages[-1]["next_page"]


def test_an_hourly_table_shares_its_path_with_the_daily_one(api, client):
    asked = ONE_DAY | {"bucket_width": "1h", "group_by[]": USAGE_REPORT.usual_group_by}
    assert client.data("usage_report", asked) == api.truth("usage_by_hour", "2026-04-08")
    client.data("usage_report", ONE_DAY)
    assert (api.count("usage_by_hour"), api.count("usage_report")) == (1, 1)


def test_the_hours_of_a_day_can_be_replaced(api, client):
    hours = [{"hour": n} for n in range(24)]
    api.put("usage_by_hour", "2026-04-08", hours)
    asked = ONE_DAY | {"bucket_width": "1h", "limit": "5"}
    assert client.data("usage_report", asked) == hours == api.truth("usage_by_hour", "2026-04-08")
    assert client.data("usage_report", ONE_DAY)[0]["results"]


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_flat_rows_page_across_days(api, client, order):
    asked = {
        "starting_at": "2026-04-01T00:00:00Z",
        "ending_at": "2026-04-09T00:00:00Z",
        "time_bucket_width": "1d",
        "order": order,
        "limit": "5",
    }
    pages = walk(client, "rows", asked)
    days = [date(2026, 4, day) for day in range(1, 9)]
    days = days if order == "asc" else days[::-1]
    assert [row for p in pages for row in p["data"]] == [
        row for day in days for row in api.truth("rows", day)
    ]
    assert {len(page["data"]) for page in pages} == {5, 2}
    assert {page["data_refreshed_at"] for page in pages} == {"2026-04-15T06:00:00Z"}


@pytest.mark.parametrize(
    ("starting_at", "ending_at", "status"),
    [
        ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", 200),
        ("2026-03-01T00:00:00Z", "2026-04-02T00:00:00Z", 400),
        ("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z", 400),
        ("2026-03-01T00:00:00Z", None, 400),
    ],
)
def test_flat_rows_have_an_end_and_span_at_most_31_days(client, starting_at, ending_at, status):
    asked = {"starting_at": starting_at} | ({"ending_at": ending_at} if ending_at else {})
    assert client.get(f"{BASE}/rows", asked).status_code == status


def test_a_list_without_has_more_ends_at_a_null_token(api, client):
    pages = walk(client, "plants", {"limit": "2"})
    assert [set(page) for page in pages] == [{"data", "next_page"}] * 3
    assert [plant for page in pages for plant in page["data"]] == PLANTS == api.truth("plants")


def test_a_list_that_pages_by_id_ends_at_has_more(api, client):
    assert client.data(f"{BASE}/pots", {"limit": "2"}) == PLANTS == api.truth("pots")


def test_a_list_for_each_record_of_another_list_is_one_truth(api, client):
    assert walk(client, "plants/plant_2/leaves", {})[0]["data"] == [{"of": "plant_2"}]
    assert api.truth("leaves") == [{"of": plant["id"]} for plant in PLANTS]
    assert api.truth("leaves", "plant_2") == [{"of": "plant_2"}]


def test_one_day_at_a_time(api, client):
    pages = walk(client, "days", {"date": "2026-04-07", "limit": "3"})
    assert [row for page in pages for row in page["data"]] == api.truth("days", "2026-04-07")
    assert [len(page["data"]) for page in pages] == [3, 3, 1]


def test_replaced_records_of_a_new_table_are_served(api, client):
    api.put("rows", "2026-04-02", [{"n": "new"}])
    asked = {"starting_at": "2026-04-02T00:00:00Z", "ending_at": "2026-04-03T00:00:00Z"}
    assert walk(client, "rows", asked)[0]["data"] == [{"n": "new"}]
