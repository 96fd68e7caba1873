"""Analytics data that moves while a client reads its pages."""

from itertools import pairwise

import pytest

from tests.double.client import ANALYTICS_BETA, HEADERS, Client

RANGE = {
    "starting_at": "2026-04-01T00:00:00Z",
    "ending_at": "2026-04-11T00:00:00Z",
    "time_bucket_width": "1d",
    "order_by": "time",
    "order": "asc",
    "limit": "10",
}
DAYS = [f"2026-04-{day:02}" for day in range(1, 11)]
TABLES = (
    "analytics_usage",
    "analytics_usage_by_actor",
    "analytics_cost",
    "analytics_cost_by_actor",
)


@pytest.fixture
def client(api):
    with (asking := Client(api, HEADERS | {"anthropic-beta": ANALYTICS_BETA})).session:
        yield asking


def chain(api, client, table) -> tuple[list, list]:
    """The rows of a chain of pages, and the frontier that each page names."""
    group_by = api._oracle.endpoints[table].kind.group_by
    path = table.removesuffix("_by_actor")
    pages = list(client.pages(path, RANGE | {"group_by[]": group_by}))
    rows = [(page["data_refreshed_at"], str(row)) for page in pages for row in page["data"]]
    return [row for _, row in rows], [page["data_refreshed_at"] for page in pages]


def truth(api, table) -> list[str]:
    return [str(row) for day in DAYS for row in api.truth(table, day)]


@pytest.mark.parametrize("table", TABLES)
def test_still_data_is_read_exactly(api, client, table):
    rows, frontiers = chain(api, client, table)
    assert rows == truth(api, table)
    assert len(set(frontiers)) == 1


@pytest.mark.parametrize("table", TABLES)
def test_an_added_row_repeats_the_rows_of_the_page_boundary(api, client, table):
    before = truth(api, table)
    move = api.move_analytics("added", table=table)
    rows, frontiers = chain(api, client, table)
    after = truth(api, table)
    assert move.done == 1
    assert len(rows) > len(set(rows))
    assert set(after) - set(rows)
    assert len(after) > len(before)
    assert frontiers[0] < frontiers[1] == frontiers[-1]


@pytest.mark.parametrize("table", TABLES)
def test_a_removed_row_skips_a_row_at_the_page_boundary(api, client, table):
    before = truth(api, table)
    api.move_analytics("removed", table=table)
    rows, frontiers = chain(api, client, table)
    after = truth(api, table)
    assert len(after) < len(before)
    assert set(after) - set(rows)
    assert set(rows) - set(after)
    assert frontiers[0] < frontiers[1]


def test_a_refresh_moves_the_frontier_only(api, client):
    api.move_analytics("refreshed")
    rows, frontiers = chain(api, client, "analytics_usage")
    assert rows == truth(api, "analytics_usage")
    assert len(set(frontiers)) == 2


def test_a_silent_move_leaves_the_frontier(api, client):
    api.move_analytics("added", silently=True)
    rows, frontiers = chain(api, client, "analytics_usage")
    assert len(set(frontiers)) == 1
    assert len(rows) > len(set(rows))


def test_data_moves_as_often_as_planned(api, client):
    move = api.move_analytics("added", times=3)
    _, frontiers = chain(api, client, "analytics_cost_by_actor")
    moved = sum(first != second for first, second in pairwise(frontiers))
    assert (move.done, moved) == (3, 3)
    rows, frontiers = chain(api, client, "analytics_cost_by_actor")
    assert rows == truth(api, "analytics_cost_by_actor")
    assert len(set(frontiers)) == 1


def test_a_move_of_one_table_waits_for_that_table(api, client):
    move = api.move_analytics("added", table="analytics_cost")
    chain(api, client, "analytics_usage")
    assert move.done == 0
    chain(api, client, "analytics_cost")
    assert move.done == 1


def test_reports_and_analytics_still_agree_after_a_move(api, client):
    api.move_analytics("added")
    api.move_analytics("removed")
    chain(api, client, "analytics_usage")
    for day in DAYS[:2]:
        older = sum(r["output_tokens"] for r in api.truth("usage_report", day))
        newer = sum(r["usage"]["output_tokens"] for r in api.truth("analytics_usage", day))
        assert older == newer
        assert sum(line.tokens for line in api.ledger(day)) == sum(
            r["usage"]["total_tokens"] for r in api.truth("analytics_usage", day)
        )


def test_an_unknown_change_is_a_mistake(api):
    with pytest.raises(ValueError, match="must be one of"):
        api.move_analytics("shaken")
