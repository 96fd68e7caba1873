"""The reports and the ledger agree to the last fraction of a cent."""

from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

from admin_double.prices import price
from tests.double.client import COST_GROUP_BY, day_of

FORTNIGHT = [date(2026, 3, 31) + timedelta(days=n) for n in range(14)]
TOKEN_FIELDS = {
    "uncached_input_tokens": lambda r: r["uncached_input_tokens"],
    "output_tokens": lambda r: r["output_tokens"],
    "cache_read_input_tokens": lambda r: r["cache_read_input_tokens"],
    "cache_creation.ephemeral_5m_input_tokens": lambda r: r["cache_creation"][
        "ephemeral_5m_input_tokens"
    ],
    "cache_creation.ephemeral_1h_input_tokens": lambda r: r["cache_creation"][
        "ephemeral_1h_input_tokens"
    ],
}
SOLD = ("workspace_id", "model", "service_tier", "context_window")


def usage_of(client, day, dimensions):
    (bucket,) = client.data("usage_report", span(day) | {"group_by[]": dimensions})
    return bucket["results"]


def costs_of(client, day, dimensions=COST_GROUP_BY):
    (bucket,) = client.data("cost_report", span(day) | {"group_by[]": dimensions})
    return bucket["results"]


def span(day) -> dict[str, str]:
    end = day + timedelta(days=1)
    return day_of(str(day)) | {"ending_at": f"{end}T00:00:00Z"}


def charged(costs, cost_type, *names):
    sums = defaultdict(Decimal)
    for cost in costs:
        if cost["cost_type"] == cost_type:
            sums[tuple(cost[name] for name in names)] += Decimal(cost["amount"])
    return sums


@pytest.mark.parametrize("day", FORTNIGHT, ids=str)
def test_the_cost_of_tokens_is_usage_times_price(client, day):
    expected = defaultdict(Decimal)
    for used in usage_of(client, day, SOLD):
        for kind, read in TOKEN_FIELDS.items():
            sold = price(used["model"], kind, used["service_tier"], used["context_window"])
            expected[(*(used[name] for name in SOLD), kind)] += read(used) * sold / 1_000_000
    assert charged(costs_of(client, day), "tokens", *SOLD, "token_type") == expected


@pytest.mark.parametrize("day", FORTNIGHT, ids=str)
def test_a_web_search_costs_a_cent(client, day):
    expected = {
        (used["workspace_id"],): Decimal(used["server_tool_use"]["web_search_requests"])
        for used in usage_of(client, day, ["workspace_id"])
        if used["server_tool_use"]["web_search_requests"]
    }
    assert charged(costs_of(client, day), "web_search", "workspace_id") == expected


@pytest.mark.parametrize("day", FORTNIGHT, ids=str)
def test_the_ledger_holds_every_cent_and_token(api, client, day):
    ledger = api.ledger(day)
    (total,) = costs_of(client, day, [])
    assert sum(line.cents for line in ledger) == Decimal(total["amount"])
    (used,) = usage_of(client, day, [])
    for kind, read in TOKEN_FIELDS.items():
        assert sum(line.tokens for line in ledger if line.token_type == kind) == read(used)


def test_a_ledger_line_costs_its_tokens(organization):
    for line in organization.ledger(FORTNIGHT[0]):
        if line.cost_type == "tokens":
            sold = price(line.model, line.token_type, line.service_tier, line.context_window)
            assert line.cents == line.tokens * sold / 1_000_000
            assert line.console is (line.api_key_id is None)
        assert line.day == FORTNIGHT[0]


def fortnight_of(client, table_of):
    return [row for day in FORTNIGHT for row in table_of(client, day)]


def test_amounts_are_plain_decimals_with_fractions_of_a_cent(client):
    amounts = [cost["amount"] for cost in fortnight_of(client, costs_of)]
    assert all(set(amount) <= set("0123456789.") for amount in amounts)
    assert any("." in amount for amount in amounts)


def test_day_workspace_and_description_are_sometimes_not_unique(client):
    keys = [(cost["workspace_id"], cost["description"]) for cost in costs_of(client, FORTNIGHT[0])]
    assert len(set(keys)) < len(keys)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("cost_type", {"tokens", "web_search", "code_execution", "session_usage"}),
        ("token_type", {*TOKEN_FIELDS, None}),
        ("service_tier", {"standard", "batch", None}),
        ("context_window", {"0-200k", "200k-1M", None}),
        ("inference_geo", {"global", "us", "not_available", None}),
    ],
)
def test_a_fortnight_of_costs_has_every_kind(client, name, values):
    assert {cost[name] for cost in fortnight_of(client, costs_of)} == values


@pytest.mark.parametrize("name", ["api_key_id", "workspace_id", "account_id", "service_account_id"])
def test_a_fortnight_of_usage_has_rows_with_and_without(client, name):
    found = {row[name] for day in FORTNIGHT for row in usage_of(client, day, [name])}
    assert None in found
    assert len(found) > 2
