"""Forecast and budgets on the report's page: the view's numbers, and nothing read in vain."""

from decimal import Decimal
from pathlib import Path

import pytest

from claude_admin_lake.analysis.errors import NoLake
from claude_admin_lake.analysis.report import read_numbers
from claude_admin_lake.analysis.report.page import page
from hand_made import TODAY, HandMade, cost, workspace

from .test_budget_status import Engine, FolderLake, ago, budget, fill, set_budgets, status, steady
from .test_report import Page


def shown(folder: Path, today=TODAY) -> Page:
    engine = Engine(FolderLake(folder), today)
    return Page(page(read_numbers(engine, None, None, today), SixOClock))


class SixOClock:
    """When the pages of these tests are made."""

    @staticmethod
    def strftime(form: str) -> str:
        return form


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    costs = {ago(n): 10 + 5 * (n // 7 % 2) for n in range(1, 60)}
    HandMade(tmp_path).snapshot("workspaces", str(ago(1)), [workspace("Search", id="w1")])
    return fill(tmp_path, costs, workspace_id="w1")


def test_without_budgets_the_page_has_the_forecast_of_the_view(lake):
    (row,) = status(lake)
    found = shown(lake)
    assert Decimal(found.numbers["forecast"]) == row["forecast_usd"]
    low, high = row["forecast_low_usd"], row["forecast_high_usd"]
    assert f"Forecast for November${row['forecast_usd']}between ${low} and ${high}" in found.text
    assert "Forecast against budget" not in found.text


def test_budgets_are_a_table_and_those_exceeded_are_to_act_on(lake):
    set_budgets(
        lake, budget("organization", None, "100"), budget("workspace", "w1", "9000"),
        budget("workspace", "w9", "5"), budget("person", "ada@example.com", "5"),
    )  # fmt: skip
    rows = {(one["scope"], one["id"]): one for one in status(lake)}
    found = shown(lake)
    budgets = {key: value for key, value in found.numbers.items() if key.startswith("budget:")}
    assert {key: Decimal(value) for key, value in budgets.items()} == {
        "budget:organization:main:": 100, "budget:workspace:main:w1": 9000,
        "budget:workspace:main:w9": 5, "budget:person:main:ada@example.com": 5,
    }  # fmt: skip
    whole = rows["organization", None]
    assert (
        f"The whole organization has used ${whole['actual_usd']:.2f} of its budget of $100.00; "
        f"${whole['forecast_usd']} expected."
    ) in found.text
    assert f"{whole['forecast_usd']:.0f}% of the budget of $100.00" in found.text
    assert "US dollars, costs through Nov 19" in found.text
    assert "Search has used" not in found.text


def test_a_forecast_that_cannot_be_made_says_why(tmp_path):
    assert "none: less than three weeks of costs" in shown(fill(tmp_path, steady(9))).text


def test_a_month_that_is_over_has_its_sum(tmp_path):
    fill(tmp_path, {day: 1 for day in steady(60) if day.month == 10})
    found = shown(tmp_path)
    assert "Forecast for October$31.00the month is over" in found.text


def test_several_organizations_add_up_and_keep_their_names(lake):
    for n in range(1, 60):
        HandMade(lake, "research").day("cost_report", str(ago(n)), [cost("100")])
    set_budgets(
        lake, *(budget("organization", None, "9", organization=one) for one in ("main", "research"))
    )
    found = shown(lake)
    rows = status(lake)
    assert Decimal(found.numbers["forecast"]) == sum(
        one["forecast_usd"] for one in rows if one["scope"] == "organization"
    )
    assert "sum of 2 organizations" in found.text
    assert "research has used $19.00 of its budget of $9.00" in found.text


def test_costs_of_people_are_read_only_if_a_person_has_a_budget(lake):
    day = ago(3)
    HandMade(lake).raw(
        f"analytics_cost_by_actor/organization=main/date={day}/analytics_cost_by_actor.jsonl.gz",
        b"no gzip",
    )
    assert "Forecast for November" in shown(lake).text
    set_budgets(lake, budget("person", "ada@example.com", "5"))
    with pytest.raises(NoLake, match="analytics_cost_by_actor"):
        shown(lake)
