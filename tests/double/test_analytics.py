"""The Usage and Cost Analytics API: parameters, rows and order."""

from datetime import UTC, datetime, timedelta

import pytest

from admin_double import AdminDouble, Organization
from tests.double.client import ANALYTICS_BETA, HEADERS, NOW, Client

TABLES = ("analytics_usage", "analytics_cost")
DAY = {
    "starting_at": "2026-04-08T00:00:00Z",
    "ending_at": "2026-04-09T00:00:00Z",
    "time_bucket_width": "1d",
}
WEEK = DAY | {"ending_at": "2026-04-15T00:00:00Z"}
IN_ORDER = {"order": "asc", "order_by": "time", "limit": "1000"}
METRIC = {"analytics_usage": ("usage", "total_tokens"), "analytics_cost": ("cost", "amount")}


@pytest.fixture
def client(api):
    with (asking := Client(api, HEADERS | {"anthropic-beta": ANALYTICS_BETA})).session:
        yield asking


def metric(table, row) -> float:
    outer, inner = METRIC[table]
    return float(row[outer][inner])


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 200),
        ({"limit": "1000"}, 200),
        ({"limit": "1001"}, 400),
        ({"limit": "0"}, 400),
        ({"starting_at": None}, 400),
        ({"starting_at": "2026-04-08"}, 400),
        ({"starting_at": "2026-04-08T00:00:00"}, 400),
        ({"starting_at": "2025-12-31T00:00:00Z"}, 400),
        ({"ending_at": None}, 400),
        ({"ending_at": None, "time_bucket_width": None}, 200),
        ({"ending_at": "2026-05-09T00:00:00Z"}, 200),
        ({"ending_at": "2026-05-10T00:00:00Z"}, 400),
        ({"ending_at": "2026-04-08T00:00:00Z"}, 400),
        ({"time_bucket_width": "1h"}, 200),
        ({"time_bucket_width": "1m"}, 200),
        ({"time_bucket_width": "1m", "ending_at": "2026-04-09T00:01:00Z"}, 400),
        ({"time_bucket_width": "1w"}, 400),
        ({"order": "up"}, 400),
        ({"order_by": "time"}, 200),
        ({"order_by": "size"}, 400),
        ({"group_by[]": "color"}, 400),
        ({"group_by[]": ["actor", "model", "product", "speed", "workspace_id"]}, 200),
        ({"group_by[]": ["actor", "model", "product", "speed", "workspace_id", "agent_id"]}, 400),
        ({"group_by[]": ["claude_tag_user_id", "rbac_group_id"]}, 400),
        ({"group_by[]": "claude_tag_user_id", "rbac_group_ids[]": "rbac_group_1"}, 400),
        ({"exclude_deleted_users": "true"}, 400),
        ({"exclude_deleted_users": "true", "group_by[]": "actor"}, 200),
        ({"products[]": "toaster"}, 400),
        ({"context_window[]": "0-200k"}, 400),
        ({"context_windows[]": "0-200k"}, 200),
        ({"page": "page_invented"}, 400),
        ({"bucket_width": "1d"}, 400),
    ],
)
@pytest.mark.parametrize("table", TABLES)
def test_a_request_is_checked(client, table, change, status):
    asked = {name: value for name, value in (DAY | change).items() if value is not None}
    assert client.get(table, asked).status_code == status


def test_a_start_may_be_365_days_ago_but_not_older():
    now = datetime(2027, 6, 1, 9, 30, tzinfo=UTC)
    with AdminDouble(Organization(users=2, workspaces=1), now=now) as api:
        headers = HEADERS | {"anthropic-beta": ANALYTICS_BETA}
        with (client := Client(api, headers)).session:
            oldest = now - timedelta(days=365)
            for start, status in ((oldest, 200), (oldest - timedelta(seconds=1), 400)):
                assert (
                    client.get("analytics_usage", {"starting_at": start.isoformat()}).status_code
                    == status
                )


def test_an_empty_range_can_be_an_empty_page(api, client):
    api.switches.empty_range_is_error = False
    page = client.get("analytics_usage", DAY | {"ending_at": DAY["starting_at"]}).json()
    assert (page["data"], page["has_more"], page["next_page"]) == ([], False, None)


def test_cost_and_token_type_do_not_count_as_dimensions(client):
    five = ["actor", "model", "product", "speed", "workspace_id"]
    fanned = {"group_by[]": [*five, "cost_type", "token_type"]}
    assert client.get("analytics_cost", DAY | fanned).status_code == 200
    assert client.get("analytics_usage", DAY | {"group_by[]": ["cost_type"]}).status_code == 400


@pytest.mark.parametrize("table", TABLES)
def test_without_dimensions_and_width_there_is_one_row_of_whole_hours(client, table):
    asked = {"starting_at": "2026-04-08T05:40:00Z", "ending_at": "2026-04-09T22:10:00Z"}
    (row,) = client.data(table, asked)
    assert (row["starting_at"], row["ending_at"]) == (
        "2026-04-08T05:00:00Z",
        "2026-04-09T22:00:00Z",
    )
    assert set(row["group"].values()) == {None}
    assert len(row["group"]) == (20 if table == "analytics_usage" else 22)


@pytest.mark.parametrize("table", TABLES)
def test_the_pages_are_all_rows_in_the_order_of_time(api, client, table):
    own = api._oracle.endpoints[table].kind.group_by
    asked = WEEK | IN_ORDER | {"group_by[]": own, "limit": "13"}
    pages = list(client.pages(table, asked))
    days = [f"2026-04-{day:02}" for day in range(8, 15)]
    rows = [row for page in pages for row in page["data"]]
    assert rows == [row for day in days for row in api.truth(table, day)]
    assert len(pages) > 5
    assert len({page["data_refreshed_at"] for page in pages}) == 1


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("table", TABLES)
def test_the_default_order_is_by_size_over_all_buckets(client, table, order):
    rows = client.data(table, WEEK | {"group_by[]": "model", "order": order})
    sizes = [metric(table, row) for row in rows]
    assert sizes == sorted(sizes, reverse=order == "desc")
    assert len({row["starting_at"] for row in rows}) == 7
    if order == "desc":
        assert rows == client.data(table, WEEK | {"group_by[]": "model"})


@pytest.mark.parametrize("order", ["asc", "desc"])
def test_ordered_by_time_the_largest_row_of_a_bucket_comes_first(client, order):
    asked = WEEK | {"group_by[]": "model", "order_by": "time", "order": order}
    rows = client.data("analytics_usage", asked)
    starts = [row["starting_at"] for row in rows]
    assert starts == sorted(starts, reverse=order == "desc")
    for start in set(starts):
        sizes = [r["usage"]["total_tokens"] for r in rows if r["starting_at"] == start]
        assert sizes == sorted(sizes, reverse=True)


def test_the_limit_counts_combinations_and_not_the_rows_of_their_fan_out(client):
    asked = DAY | {"group_by[]": ["model", "cost_type", "token_type"], "limit": "2"}
    page = client.get("analytics_cost", asked).json()
    assert len(page["data"]) > 2
    assert len({row["group"]["model"] for row in page["data"]}) == 2


@pytest.mark.parametrize(
    ("fan_out", "kinds"),
    [
        (["cost_type"], {("tokens", False), ("web_search", False)}),
        (["token_type"], {("tokens", True)}),
        (["cost_type", "token_type"], {("tokens", True), ("web_search", False)}),
        ([], {(None, False)}),
    ],
)
def test_the_fan_out_has_a_row_for_each_component(client, fan_out, kinds):
    rows = client.data("analytics_cost", WEEK | {"group_by[]": ["api_key_id", *fan_out]})
    keyed = [row for row in rows if row["group"]["api_key_id"]]
    groups = [row["group"] for row in keyed]
    assert {(group["cost_type"], group["token_type"] is not None) for group in groups} == kinds
    assert {row["cost"]["requests"] is None for row in keyed} == {bool(fan_out)}


def test_there_is_no_row_for_an_empty_bucket(client):
    early = WEEK | {"starting_at": "2026-03-10T00:00:00Z", "ending_at": "2026-03-22T00:00:00Z"}
    rows = client.data("analytics_usage", early)
    assert {row["starting_at"][:10] for row in rows} == {"2026-03-20", "2026-03-21"}


@pytest.mark.parametrize("change", [{"limit": "4"}, {"order": "asc"}, {"group_by[]": "product"}])
def test_a_token_belongs_to_its_query(client, change):
    asked = DAY | {"group_by[]": "model", "limit": "2"}
    token = {"page": client.get("analytics_cost", asked).json()["next_page"]}
    assert client.get("analytics_cost", asked | token).status_code == 200
    refused = client.get("analytics_cost", asked | token | change)
    assert refused.status_code == 400
    assert "cursor does not match" in refused.json()["error"]["message"]


FILTERED = {
    "actor_types[]": "actor_type",
    "api_key_ids[]": "api_key_id",
    "workspace_ids[]": "workspace_id",
    "models[]": "model",
    "products[]": "product",
    "service_tiers[]": "service_tier",
    "context_windows[]": "context_window",
    "inference_geos[]": "inference_geo",
    "speeds[]": "speed",
    "organization_ids[]": "organization_id",
    "rbac_group_ids[]": "rbac_group_id",
}


@pytest.mark.parametrize(("parameter", "dimension"), FILTERED.items())
def test_a_filter_keeps_only_its_groups(client, parameter, dimension):
    grouped = DAY | {"group_by[]": dimension}
    rows = client.data("analytics_usage", grouped)
    wanted = next(row for row in rows if row["group"][dimension] is not None)
    value = wanted["group"][dimension]
    kept = client.data("analytics_usage", grouped | {parameter: value})
    assert wanted in kept
    if dimension != "rbac_group_id":
        assert kept == [wanted]


@pytest.mark.parametrize(
    ("parameter", "value", "dimension"),
    [("api_key_ids[]", "", "api_key_id"), ("inference_geos[]", "not_available", "inference_geo")],
)
def test_a_filter_can_ask_for_rows_without_a_value(client, parameter, value, dimension):
    rows = client.data("analytics_usage", DAY | {"group_by[]": dimension, parameter: value})
    assert [row["group"][dimension] for row in rows] == [None]


def test_a_filter_for_something_unused_matches_nothing(client):
    assert client.data("analytics_usage", DAY | {"agent_ids[]": "agent_1"}) == []


def test_an_actor_is_filtered_by_its_id(api, client):
    rows = client.data("analytics_usage", DAY | {"group_by[]": "actor", "limit": "1000"})
    user = next(r for r in rows if (r["group"]["actor"] or {}).get("type") == "user_actor")
    asked = DAY | {"group_by[]": "actor", "actor_ids[]": user["group"]["actor"]["user_id"]}
    assert client.data("analytics_usage", asked) == [user]


def test_tables_that_share_a_path_are_told_apart_by_their_grouping(api, client):
    client.get("analytics_usage", DAY | {"group_by[]": "actor"})
    client.get("analytics_usage", DAY | {"group_by[]": "model"})
    assert (api.count("analytics_usage_by_actor"), api.count("analytics_usage")) == (1, 1)


def test_data_ends_at_its_frontier(api, client):
    api.now = datetime(2026, 4, 8, 18, 0, 30, tzinfo=UTC)
    api.switches.analytics_lag = timedelta(hours=2)
    page = client.get("analytics_usage", DAY).json()
    assert page["data_refreshed_at"] == "2026-04-08T16:00:00Z"
    early = page["data"][0]["usage"]["total_tokens"]
    api.switches.analytics_lag = timedelta(0)
    assert client.get("analytics_usage", DAY).json()["data"][0]["usage"]["total_tokens"] > early
    api.switches.says_refreshed_at = False
    assert client.get("analytics_usage", DAY).json()["data_refreshed_at"] is None


def test_replaced_rows_are_served_for_the_grouping_of_their_table(api, client):
    rows = [{"starting_at": DAY["starting_at"], "n": n} for n in range(3)]
    api.put("analytics_cost", "2026-04-08", rows)
    own = api._oracle.endpoints["analytics_cost"].kind.group_by
    asked = DAY | IN_ORDER | {"group_by[]": own}
    assert client.data("analytics_cost", asked) == rows == api.truth("analytics_cost", "2026-04-08")
    assert client.data("analytics_cost", DAY)[0]["cost"]


def test_the_clock_of_the_tests_is_after_the_frontier_of_yesterday():
    assert NOW - timedelta(hours=3) > datetime(2026, 4, 15, tzinfo=UTC)
