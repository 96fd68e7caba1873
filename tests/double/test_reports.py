"""The bucketed reports: pages and ranges."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.double.client import COST_GROUP_BY, ONE_DAY, REPORTS, USAGE_GROUP_BY, results, total

GROUPED = {"usage_report": USAGE_GROUP_BY, "cost_report": COST_GROUP_BY}
RANGE = {"starting_at": "2026-03-25T00:00:00Z", "ending_at": "2026-04-05T00:00:00Z"}


def starts(buckets) -> list[str]:
    return [bucket["starting_at"][:10] for bucket in buckets]


@pytest.mark.parametrize("table", REPORTS)
def test_the_pages_are_all_buckets_oldest_first_without_the_last_day(api, client, table):
    buckets = client.data(table, RANGE | {"limit": "3", "group_by[]": GROUPED[table]})
    expected = [str(date(2026, 3, 25) + timedelta(days=n)) for n in range(11)]
    assert starts(buckets) == expected
    for bucket, day in zip(buckets, expected, strict=True):
        assert bucket["results"] == api.truth(table, day)
        assert bucket["ending_at"][:10] == str(
            datetime.fromisoformat(day).date() + timedelta(days=1)
        )


@pytest.mark.parametrize("table", REPORTS)
def test_a_page_has_7_buckets_by_default_and_at_most_31(client, table):
    since = {"starting_at": "2026-03-01T00:00:00Z"}
    assert len(client.get(table, since).json()["data"]) == 7
    assert len(client.get(table, since | {"limit": "31"}).json()["data"]) == 31
    assert client.get(table, since | {"limit": "32"}).status_code == 400


@pytest.mark.parametrize(("width", "usual", "most"), [("1h", 24, 168), ("1m", 60, 1440)])
def test_narrower_buckets_have_limits_of_their_own(client, width, usual, most):
    since = {"starting_at": "2026-04-01T00:00:00Z", "bucket_width": width}
    assert len(client.get("usage_report", since).json()["data"]) == usual
    assert len(client.get("usage_report", since | {"limit": str(most)}).json()["data"]) == most
    assert client.get("usage_report", since | {"limit": str(most + 1)}).status_code == 400


def test_the_hours_of_a_day_add_up_to_the_day(client):
    hours = results(client, "usage_report", ONE_DAY | {"bucket_width": "1h"})
    assert total(hours) == total(results(client, "usage_report", ONE_DAY))
    assert len(hours) > 3


@pytest.mark.parametrize("width", ["1h", "1m", "2d"])
def test_costs_come_by_the_day_only(client, width):
    assert client.get("cost_report", RANGE | {"bucket_width": width}).status_code == 400


@pytest.mark.parametrize("table", REPORTS)
def test_the_last_page_has_no_token_and_earlier_ones_do(client, table):
    pages = list(client.pages(table, RANGE))
    assert [(p["has_more"], p["next_page"] is None) for p in pages] == [
        (True, False),
        (False, True),
    ]


@pytest.mark.parametrize(
    "change",
    [{"limit": "4"}, {"ending_at": "2026-04-04T00:00:00Z"}, {"group_by[]": "workspace_id"}],
)
@pytest.mark.parametrize("table", REPORTS)
def test_a_token_with_other_parameters_is_400(client, table, change):
    asked = RANGE | {"limit": "3"}
    token = {"page": client.get(table, asked).json()["next_page"]}
    assert client.get(table, asked | token).status_code == 200
    assert client.get(table, asked | token | change).status_code == 400


@pytest.mark.parametrize("token", ["", "page_2", "2", "page_WzAsMV0"])
def test_an_invented_token_is_400(client, token):
    assert client.get("cost_report", RANGE | {"page": token}).status_code == 400


@pytest.mark.parametrize("table", REPORTS)
def test_both_ends_are_floored_to_the_day(client, table):
    ragged = {"starting_at": "2026-03-25T17:45:12Z", "ending_at": "2026-03-27T23:59:59Z"}
    assert starts(client.data(table, ragged)) == ["2026-03-25", "2026-03-26"]


def test_an_offset_is_a_zone_like_any_other(client):
    asked = {"starting_at": "2026-03-26T01:00:00+02:00", "ending_at": "2026-03-27T00:00:00+00:00"}
    assert starts(client.data("cost_report", asked)) == ["2026-03-25", "2026-03-26"]


@pytest.mark.parametrize(
    "ending", ["2026-03-25T23:59:59Z", "2026-03-25T00:00:00Z", "2026-03-01T00:00:00Z"]
)
@pytest.mark.parametrize("table", REPORTS)
def test_an_end_that_is_not_a_whole_bucket_later_is_refused_for_good(client, table, ending):
    answer = client.get(table, RANGE | {"ending_at": ending})
    message = "Invalid date range: ending date must be after starting date"
    assert (answer.status_code, answer.json()["error"]["message"]) == (400, message)
    assert answer.headers["x-should-retry"] == "false"


@pytest.mark.parametrize("start", [None, "2026-03-25", "2026-03-25T00:00:00", "yesterday"])
@pytest.mark.parametrize("table", REPORTS)
def test_a_start_without_time_or_zone_is_400(client, table, start):
    assert client.get(table, {"starting_at": start} if start else {}).status_code == 400


@pytest.mark.parametrize("table", REPORTS)
def test_days_before_the_organization_are_empty_buckets(client, table):
    early = {"starting_at": "2026-03-17T00:00:00Z", "ending_at": "2026-03-21T00:00:00Z"}
    assert [bool(bucket["results"]) for bucket in client.data(table, early)] == [False] * 3 + [True]


@pytest.mark.parametrize("table", REPORTS)
def test_no_bucket_is_invented_beyond_now(api, client, table):
    future = {"starting_at": "2026-04-14T00:00:00Z", "ending_at": "2026-06-01T00:00:00Z"}
    assert starts(client.data(table, future)) == ["2026-04-14", "2026-04-15"]
    api.now = datetime(2026, 4, 13, 12, tzinfo=UTC)
    assert client.get(table, future).json() == {"data": [], "has_more": False, "next_page": None}


def test_today_is_a_partial_bucket_that_grows(api, client):
    today = {"starting_at": "2026-04-15T00:00:00Z", "limit": "1"}
    api.now = datetime(2026, 4, 15, 0, 1, tzinfo=UTC)
    assert results(client, "usage_report", today) == []
    api.now = datetime(2026, 4, 15, 12, tzinfo=UTC)
    morning = total(results(client, "usage_report", today))
    api.now = datetime(2026, 4, 15, 23, 59, tzinfo=UTC)
    assert total(results(client, "usage_report", today)) > morning > (0,) * 6
